"""What an operator asks of a house besides its services: keys, the truth of its history, a log that stays small."""

import json
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import TextIO, cast

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from deploy.csem import _GROUPS, main
from deploy.house import House
from deploy.journal import Journal
from shared import history, logs
from shared.identity import Caller
from shared.kernel import uuid7
from shared.settings import SERVICES
from shared.tokens import Keyring

ROSA = Caller.operator("rosa")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House({"CSEM_HOME": str(tmp_path)})


def csem(house: House, *words: str) -> Result:
    return CliRunner().invoke(main, words, obj=house)


def test_keys_are_made_for_whom_they_are_asked_and_only_once(house: House) -> None:
    keys = house.settings("credit").keys
    assert csem(house, "keys", "create", "credit").exit_code == 0
    made = (keys / "credit.private.json").read_bytes()
    assert csem(house, "keys", "create").exit_code == 0
    assert sorted(path.name for path in (keys / "public").iterdir()) == sorted(f"{name}.json" for name in SERVICES)
    assert (keys / "credit.private.json").read_bytes() == made


def test_a_rotated_key_signs_anew_and_the_old_one_is_believed_until_its_file_is_removed(house: House) -> None:
    csem(house, "keys", "create")
    keys = house.settings("credit").keys
    before = Keyring(keys, "credit").service_token()
    done = csem(house, "keys", "rotate", "credit")
    assert done.exit_code == 0
    after = Keyring(keys, "credit").service_token()
    assert Keyring(keys, "registry").verify(before) == Keyring(keys, "registry").verify(after)
    old = Path(done.output.splitlines()[0].rpartition(": ")[2])
    old.unlink()
    believed = Keyring(keys, "registry")
    assert believed.verify(after).subject == "credit"
    with pytest.raises(Exception, match=r"token\.invalid"):
        believed.verify(before)


def test_a_key_that_was_never_made_cannot_be_rotated(house: House) -> None:
    done = csem(house, "keys", "rotate", "credit")
    assert done.exit_code == 1
    assert "csem keys create credit" in done.output
    assert csem(house, "keys", "rotate").exit_code == 2, "which one must be said"


def test_a_history_as_it_was_written_is_confirmed_for_every_service(house: House) -> None:
    csem(house, "migrate")
    write(house, "credit", 3)
    done = csem(house, "history", "verify")
    assert done.exit_code == 0
    assert [line.split()[:2] for line in done.output.splitlines()] == [
        [name, "3" if name == "credit" else "0"] for name in SERVICES
    ]


def test_an_entry_that_was_changed_is_told_with_its_subject_and_ends_with_1(house: House) -> None:
    csem(house, "migrate", "credit", "training")
    whole, touched = write(house, "credit", 2), write(house, "credit", 3)
    with house.service("credit").database.transaction() as session:
        entry = (history.entries.c.subject == touched) & (history.entries.c.number == 2)
        session.execute(update(history.entries).where(entry).values(after={"amount": 99}))
    done = csem(house, "history", "verify", "credit")
    assert done.exit_code == 1
    assert f"{touched} entry 2 is not as it was written" in done.output
    assert str(whole) not in done.output
    assert csem(house, "history", "verify", "training").exit_code == 0


def test_what_was_blanked_because_a_woman_withdrew_is_no_change(house: House) -> None:
    csem(house, "migrate", "registry")
    woman = write(house, "registry", 2)
    with house.service("registry").database.transaction() as session:
        history.erase(session, woman)
    assert csem(house, "history", "verify", "registry").exit_code == 0


def write(house: House, service: str, count: int):
    subject = uuid7()
    csem(house, "keys", "create")
    for number in range(count):
        with house.service(service).database.transaction() as session:
            history.record(session, ROSA, subject=subject, kind="loan", action="change", after={"amount": number})
    return subject


def test_a_full_log_begins_anew_and_only_some_of_the_old_parts_are_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log", largest=1_000, kept=2)
    for number in range(100):
        print(f"{number:099}", file=journal)
    journal.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1", "log.2"]
    told = [int(line) for name in ("log.2", "log.1", "log") for line in (tmp_path / name).read_text().splitlines()]
    assert told == list(range(70, 100))


def test_a_log_goes_on_where_the_last_start_ended(tmp_path: Path) -> None:
    for number in range(30):
        journal = Journal(tmp_path / "log", largest=1_000, kept=1)
        print(f"{number:099}", file=journal)
        journal.close()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2_000
    assert (tmp_path / "log").read_text().endswith("29\n")


def test_every_line_of_a_log_that_turns_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "log", largest=2_000, kept=1_000)
    logs.configure("json", cast("TextIO", journal))

    def speak(who: int) -> None:
        for number in range(100):
            logs.logger().info("request", who=who, number=number)

    speakers = [threading.Thread(target=speak, args=(who,)) for who in range(4)]
    try:
        for speaker in speakers:
            speaker.start()
        for speaker in speakers:
            speaker.join()
    finally:
        logs.configure()
        journal.close()
    parts = list(tmp_path.iterdir())
    assert len(parts) > 10
    lines = [json.loads(line) for part in parts for line in part.read_text().splitlines()]
    assert len(lines) == 400


def test_an_option_that_cannot_be_read_is_named_with_its_reason(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    csem(house, "keys", "create")
    csem(house, "migrate", "territory")

    done = csem(house, "territory", "report-packs", "order", "a/b", "--unit", "HN17")

    assert done.exit_code == 1
    first, second = done.output.splitlines()
    assert first.endswith("[body.invalid_fields]")
    assert second.startswith("  title: ")


def test_what_the_groups_are_for_is_told_without_loading_them() -> None:
    asked = "import sys; from deploy.csem import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    loaded = set(told.split())
    for name, (module, _) in _GROUPS.items():
        about = import_module(module).group.get_short_help_str(100)
        assert f"{name} {about}" in " ".join(told.split())
        assert module not in loaded, name
