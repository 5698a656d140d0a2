"""Stored files: whole or not at all, verified, shared by content, erased for good."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from shared import files
from shared.database import Database, migrate
from shared.identity import Caller, Scope
from shared.kernel import NotFound
from shared.testing import database_of

ANA = Caller("ana", "Ana", frozenset({"technician"}), Scope.of("HN"))
PDF = {"name": "acta.pdf", "media_type": "application/pdf", "kind": "minutes"}


@pytest.fixture
def database(open_database: Callable[[str], Database], tmp_path: Path) -> Database:
    opened = open_database("training")
    files.keep_in(opened, tmp_path / "files")
    return opened


def stored(database: Database, content: bytes = b"acta", name: str = "acta.pdf") -> files.StoredFile:
    with database.transaction() as session:
        return files.store(session, content, **{**PDF, "name": name}, caller=ANA)


def on_disk(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_what_was_stored_is_read_back_with_its_facts(database: Database) -> None:
    file = stored(database, b"\x00\xff" * 1000)
    with database.reading() as session:
        assert files.read(session, file.id) == b"\x00\xff" * 1000
        assert files.find(session, file.id) == file
    assert (file.size, file.created_by, file.media_type, file.kind) == (2000, "ana", "application/pdf", "minutes")


def test_an_empty_file_is_a_file(database: Database) -> None:
    file = stored(database, b"")
    with database.reading() as session:
        assert files.read(session, file.id) == b""


def test_a_name_never_leads_anywhere(database: Database) -> None:
    assert stored(database, name="../../etc/passwd").name == "passwd"
    assert stored(database, name="C:\\casa\\foto.jpg").name == "foto.jpg"
    assert stored(database, name="/").name == "file"


def test_the_same_content_lies_on_the_disk_once(database: Database, tmp_path: Path) -> None:
    first, second = stored(database), stored(database, name="copia.pdf")
    assert first.id != second.id
    assert len(on_disk(tmp_path)) == 1


def test_erasing_one_of_two_equal_files_leaves_the_other_readable(database: Database, tmp_path: Path) -> None:
    first, second = stored(database), stored(database)
    with database.transaction() as session:
        files.erase(session, first.id)
    with database.reading() as session:
        assert files.read(session, second.id) == b"acta"
        with pytest.raises(NotFound, match=r"file\.erased"):
            files.read(session, first.id)
    with database.transaction() as session:
        files.erase(session, second.id)
    assert on_disk(tmp_path) == []


def test_an_erased_file_leaves_neither_name_nor_hash(database: Database) -> None:
    file = stored(database)
    with database.transaction() as session:
        files.erase(session, file.id)
    with database.reading() as session:
        row = session.execute(select(files.file_table)).mappings().one()
    assert (row["name"], row["sha256"], row["key"], row["kind"]) == ("", "", "", "minutes")


def test_content_that_was_erased_can_be_stored_anew(database: Database) -> None:
    file = stored(database)
    with database.transaction() as session:
        files.erase(session, file.id)
    again = stored(database)
    with database.reading() as session:
        assert files.read(session, again.id) == b"acta"


def test_an_erasure_that_is_rolled_back_erases_nothing(database: Database) -> None:
    file = stored(database)
    with pytest.raises(ZeroDivisionError), database.transaction() as session:  # noqa: PT012
        files.erase(session, file.id)
        raise ZeroDivisionError
    with database.reading() as session:
        assert files.read(session, file.id) == b"acta"


def test_bytes_that_changed_or_went_are_never_given_out(database: Database, tmp_path: Path) -> None:
    file = stored(database)
    (path,) = on_disk(tmp_path)
    path.write_bytes(b"otra")
    with database.reading() as session, pytest.raises(files.DamagedFile, match="not what was stored"):
        files.read(session, file.id)
    path.unlink()
    with database.reading() as session, pytest.raises(files.DamagedFile, match="missing"):
        files.read(session, file.id)


def test_an_unknown_file_is_not_found(database: Database) -> None:
    with database.reading() as session, pytest.raises(NotFound, match=r"file\.unknown"):
        files.read(session, uuid4())


def test_bytes_of_a_rolled_back_transaction_are_swept_and_others_stay(database: Database, tmp_path: Path) -> None:
    kept = stored(database, b"kept")
    with pytest.raises(ZeroDivisionError), database.transaction() as session:  # noqa: PT012
        files.store(session, b"lost", **PDF)
        raise ZeroDivisionError
    assert len(on_disk(tmp_path)) == 2
    with database.transaction() as session:
        assert files.sweep(session) == 0, "what is young may belong to a transaction under way"
        assert files.sweep(session, older_than=-1) == 1
        assert files.read(session, kept.id) == b"kept"


@pytest.mark.services
def test_what_is_stored_a_second_time_while_the_first_is_erased_keeps_its_bytes(tmp_path: Path) -> None:
    with database_of("training", tmp_path, "postgresql") as database, ThreadPoolExecutor(1) as beside:
        files.keep_in(database, tmp_path / "files")
        first = stored(database)

        def erase() -> None:
            with database.transaction() as session:
                files.erase(session, first.id)

        with database.transaction() as session:
            second = files.store(session, b"acta", **PDF)
            erasing = beside.submit(erase)
            assert not wait([erasing], timeout=0.5).done, "the erasure waits for who shares the content"
        erasing.result(10)
        with database.reading() as session:
            assert files.read(session, second.id) == b"acta"


def test_files_need_to_be_told_where_to_lie(tmp_path: Path) -> None:
    homeless = Database(f"sqlite:///{tmp_path}/homeless.sqlite")
    migrate(homeless, "training")
    with pytest.raises(RuntimeError, match="keep_in"), homeless.transaction() as session:
        files.store(session, b"x", **PDF)
    homeless.dispose()


STORE_FOR_EVER = """
import sys
from pathlib import Path
from shared import files
from shared.database import Database
database = Database(sys.argv[1])
files.keep_in(database, Path(sys.argv[2]))
number = 0
while True:
    number += 1
    with database.transaction() as session:
        files.store(session, str(number).encode() * 50_000, name="x", media_type="text/plain", kind="test")
    print(number, flush=True)
"""


def test_what_a_killed_process_had_committed_is_whole(database: Database, tmp_path: Path) -> None:
    command = [sys.executable, "-c", STORE_FOR_EVER, database.url, str(tmp_path / "files")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."})
    assert process.stdout is not None
    for _ in range(5):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with database.reading() as session:
        ids: list[UUID] = list(session.execute(select(files.file_table.c.id)).scalars())
        assert len(ids) >= 5
        for file_id in ids:
            assert len(files.read(session, file_id)) >= 50_000
