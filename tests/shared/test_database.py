"""Transactions on both databases: all or nothing, and migrations that say what the entities say."""

import importlib
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import geoalchemy2  # noqa: F401 - so that reflection knows PostGIS columns
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, String, func, select, text
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

import shared.bus.tables
import shared.files
import shared.history
import shared.job_runner
import shared.jobs
import shared.web.idempotency
from shared.database import COLUMN_TYPES, Database, Versioned, after_commit, migrate, new_metadata, platform
from shared.identity import Caller, Scope
from shared.kernel import Refused, Stale, uuid7
from shared.settings import SERVICES
from shared.testing import ROOT, database_of, postgresql_url
from tests import quick

PLATFORM = [shared.bus.tables, shared.files, shared.history, shared.job_runner, shared.jobs, shared.web.idempotency]


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = dict(COLUMN_TYPES)  # noqa: RUF012


class Note(Versioned, Base):
    __tablename__ = "note"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime | None]


@pytest.fixture
def database(open_database: Callable[[str], Database]) -> Database:
    opened = open_database("sample")
    Base.metadata.create_all(opened.engine)
    return opened


def add(database: Database, text: str = "nota", at: datetime | None = None) -> UUID:
    note = Note(id=uuid7(), text=text, at=at, version=1)
    with database.transaction() as session:
        session.add(note)
    return note.id


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Note)) or 0


def test_a_transaction_is_kept_whole_or_not_at_all(database: Database):
    def fail_late() -> None:
        with database.transaction() as session:
            session.add(Note(id=uuid7(), text="una", version=1))
            session.flush()
            raise Refused("fund.insufficient")

    with pytest.raises(Refused):
        fail_late()
    assert count(database) == 0
    add(database)
    assert count(database) == 1


def test_a_reading_keeps_nothing(database: Database):
    with database.reading() as session:
        session.add(Note(id=uuid7(), text="una", version=1))
    assert count(database) == 0


def test_a_reading_does_not_wait_for_a_writer_and_does_not_see_it(database: Database):
    add(database, "antes")
    with database.transaction() as session:
        session.add(Note(id=uuid7(), text="durante", version=1))
        session.flush()
        assert count(database) == 1
    assert count(database) == 2


def test_what_waits_for_the_commit_runs_once_after_it_and_never_without_it(database: Database):
    told: list[int] = []

    def tell() -> None:
        told.append(count(database))

    with database.transaction() as session:
        session.add(Note(id=uuid7(), text="una", version=1))
        after_commit(session, tell)
        after_commit(session, tell)
        assert told == []
    assert told == [1]

    def fail() -> None:
        with database.transaction() as session:
            after_commit(session, tell)
            raise Refused("x.y")

    with pytest.raises(Refused):
        fail()
    assert told == [1]


def test_who_waits_for_the_commit_and_fails_does_not_undo_it_nor_silence_the_others(database: Database):
    told = []

    def fail() -> None:
        raise RuntimeError("the bus is away")

    with database.transaction() as session:
        session.add(Note(id=uuid7(), text="una", version=1))
        after_commit(session, fail)
        after_commit(session, lambda: told.append("other"))
    assert count(database) == 1
    assert told == ["other"]


def test_a_change_on_an_old_version_is_stale(database: Database):
    note_id = add(database)
    with database.transaction() as session:
        note = session.get_one(Note, note_id)
        note.require_version(1)
        note.text = "otra"
    with database.transaction() as session:
        note = session.get_one(Note, note_id)
        assert note.version == 2
        with pytest.raises(Stale):
            note.require_version(1)
        note.require_version(None)


def test_of_two_writers_at_once_none_overwrites_the_other(database: Database):
    """PostgreSQL tells the second that it is stale; SQLite lets it begin only when the first has ended."""
    note_id = add(database)
    begun, outcome = Event(), []

    def second() -> None:
        begun.set()
        try:
            with database.transaction() as session:
                session.get_one(Note, note_id).text += " y otra"
            outcome.append("written")
        except Stale:
            outcome.append("stale")

    with database.transaction() as session:
        note = session.get_one(Note, note_id)
        thread = Thread(target=second)
        thread.start()
        begun.wait()
        note.text = "una"
    thread.join()
    with database.reading() as session:
        text = session.get_one(Note, note_id).text
    assert (outcome, text) in [(["written"], "una y otra"), (["stale"], "una")]


@pytest.mark.services
def test_what_lost_a_race_is_begun_again_a_few_times_and_what_else_went_wrong_is_not(tmp_path: Path):
    begun: list[str] = []

    def lose(code: str, times: int) -> Callable[[Session], UUID]:
        def act(session: Session) -> UUID:
            note = Note(id=uuid7(), text=code)
            session.add(note)
            session.flush()
            begun.append(code)
            if begun.count(code) <= times:
                session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{code}'; END $$"))
            return note.id

        return act

    with database_of("sample", tmp_path, "postgresql") as database:
        Base.metadata.create_all(database.engine)
        kept = database.insist(lose("40P01", 2))
        with pytest.raises(OperationalError):
            database.insist(lose("40001", 99))
        with pytest.raises(OperationalError):
            database.insist(lose("55P03", 1))
        with database.reading() as session:
            assert session.scalars(select(Note.id)).all() == [kept]
    assert [begun.count(code) for code in ("40P01", "40001", "55P03")] == [3, 5, 1]


def test_a_moment_is_kept_to_the_microsecond_in_utc(database: Database):
    local = datetime(2026, 11, 7, 18, 30, 1, 123456, tzinfo=timezone(timedelta(hours=-6)))
    note_id = add(database, at=local)
    with database.reading() as session:
        kept = session.get_one(Note, note_id).at
    assert kept == local
    assert kept.tzinfo == UTC


def test_a_moment_without_its_zone_is_refused(database: Database):
    with pytest.raises(StatementError, match="time zone"):
        add(database, at=datetime(2026, 11, 7))


def test_a_scope_as_a_condition_says_the_same_as_a_scope(database: Database):
    codes = ["HN1709", "HN1701", "HN0801", "SV0521", "GT0101", "H_0101", "HN%"]
    for code in codes:
        add(database, code)
    for scope in (Scope.of("HN17"), Scope.of("HN", "SV0521"), Scope.of(), Scope.of("*"), Scope.of("%"), Scope.of("H_")):
        with database.reading() as session:
            found = set(session.scalars(select(Note.text).where(scope.condition(Note.text))))
        assert found == {code for code in codes if scope.covers(code)}


def test_sqlite_survives_a_power_cut_and_keeps_foreign_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shared.database._PRAGMAS", quick.PRAGMAS)
    database = Database(f"sqlite:///{tmp_path}/deep/er/x.sqlite")
    with database.reading() as session:
        told = [session.connection().exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                ("journal_mode", "foreign_keys", "synchronous")]  # fmt: skip
    database.dispose()
    assert told == ["wal", 1, 2]


def metadata_of(service: str) -> MetaData | None:
    """The entities of a service, or None while it has no models."""
    package = ROOT / "services" / service
    names = [path.stem for path in (package / "models").glob("*.py")] if (package / "models").is_dir() else []
    if not names and not (package / "models.py").exists():
        return None
    models = importlib.import_module(f"services.{service}.models")
    for name in names:
        if name != "__init__":
            importlib.import_module(f"services.{service}.models.{name}")
    entities = [item for item in vars(models).values() if isinstance(item, type) and hasattr(item, "__table__")]
    return entities[0].metadata if entities else None


@pytest.mark.parametrize("service", SERVICES)
def test_the_migrations_make_exactly_the_tables_that_the_code_speaks_of(
    open_database: Callable[[str], Database], service: str
):
    assert all(module.__name__ in sys.modules for module in PLATFORM)
    metadata = MetaData(naming_convention=platform.naming_convention)
    entities = metadata_of(service)
    for known in [platform, *([entities] if entities is not None else [])]:
        for table in known.tables.values():
            table.to_metadata(metadata)
    database = open_database(service)
    with database.engine.connect() as connection:
        own = {"platform_version", "service_version", "spatial_ref_sys"}
        options = {"include_name": lambda name, kind, _: kind != "table" or name not in own, "compare_type": False}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    if entities is None:
        pytest.fail(f"{service} has no models package with a Base")
    assert [difference for difference in differences if not about_geometry(difference)] == []


def about_geometry(difference: object) -> bool:
    """PostGIS columns and their indexes exist for QGIS and SQL users; the code does not speak of them."""
    return "geom" in str(difference)


def test_migrating_twice_changes_nothing(open_database: Callable[[str], Database]):
    database = open_database("registry")
    with database.transaction() as session:
        shared.history.record(session, Caller.operator("x"), subject=uuid7(), kind="x", action="x")
    migrate(database, "registry")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(shared.history.entries)) == 1


MIGRATE = "import sys; from shared.database import Database, migrate; migrate(Database(sys.argv[1]), 'registry')"


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def test_processes_that_migrate_at_once_wait_for_each_other(kind: str, tmp_path: Path):
    def start(url: str) -> list[int]:
        command = [sys.executable, "-c", MIGRATE, url]
        return [process.wait() for process in [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]]

    if kind == "sqlite":
        assert start(f"sqlite:///{tmp_path}/x.sqlite") == [0, 0, 0]
    else:
        with postgresql_url() as url:
            assert start(url) == [0, 0, 0]
