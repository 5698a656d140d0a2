"""One service's database: SQLite in the embedded default, PostgreSQL in production, the same code on both."""

import re
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    Label,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    Uuid,
    create_engine,
    event,
    insert,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeEngine

from shared import logs
from shared.kernel import Refused, Stale

Json = JSON().with_variant(JSONB(), "postgresql")

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_OPTIONS: Mapping[str, Any] = {
    "hide_parameters": True,  # what a statement carries is names and places: no error text repeats it
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}
_MIGRATION_LOCK = 4_201_917
_ATTEMPTS = 5
_LOST_RACES = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_ROOT = Path(__file__).parent.parent

T = TypeVar("T")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; a moment without a zone is refused at the door."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """PostgreSQL's connections speak UTC already (`shared.postgresql`)."""
        return None if dialect.name == "postgresql" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


COLUMN_TYPES: Mapping[Any, TypeEngine[Any] | type[TypeEngine[Any]]] = {
    datetime: UtcDateTime(),
    date: Date(),
    UUID: Uuid(),
    dict[str, Any]: Json,
    list[str]: Json,
    list[Any]: Json,
}


def new_metadata() -> MetaData:
    """The metadata of one service's entities: constraints are named, so that migrations can speak of them."""
    return MetaData(naming_convention=_NAMES)


platform = new_metadata()
"""Tables of the shared mechanisms (event log, jobs, history …), present in every service's database."""


class Versioned:
    """An entity whose row version is its ETag: a change made on an old version is refused."""

    version: Mapped[int] = mapped_column(nullable=False, default=1)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]

    def require_version(self, expected: int | None) -> None:
        """Raises `Stale` unless `expected` (the caller's `If-Match`) is the version of today."""
        if expected is not None and expected != self.version:
            raise Stale("changed_meanwhile", current=self.version)


def labelled(entity: Any, *names: str) -> tuple[Label[Any], ...]:
    """Columns of an entity, each labelled by its own name: what a list selects, and may be ordered by."""
    return tuple(getattr(entity, name).label(name) for name in names)


class CurrencyCode(String):
    """ISO 4217, three letters."""

    def __init__(self) -> None:
        super().__init__(3)


class Database:
    """Opens transactions on one service's database."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = re.sub(r"^postgresql://", "postgresql+psycopg://", url)
        self.is_sqlite = self.url.startswith("sqlite")
        if self.is_sqlite:
            self.engine = self._reader = _sqlite_engine(self.url)
        else:
            from shared import postgresql

            self.engine = postgresql.writer(self.url, pool_size, _OPTIONS)
            self._reader = postgresql.reader(self.url, pool_size, _OPTIONS)
        # One that nobody holds any more closes its connections: a SQLite file left open is a warning at best.
        weakref.finalize(self, _close, self.engine, self._reader)
        self._writing = sessionmaker(self.engine, expire_on_commit=False)
        self._reading = sessionmaker(self._reader, expire_on_commit=False, autoflush=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or not at all.

        On SQLite the write lock is taken at the beginning (`BEGIN IMMEDIATE`). Whatever was registered with
        `after_commit` runs once the commit has succeeded; what a refusal leaves behind is written after the rollback.
        """
        with self._writing() as session:
            session.info["write"] = True
            try:
                session.connection(execution_options={"csem_write": True})
                yield session
                session.commit()
            except StaleDataError as stale:
                session.rollback()
                raise Stale("changed_meanwhile") from stale
            except Refused as refused:
                session.rollback()
                self._leave_behind(refused)
                raise
            except BaseException:
                session.rollback()
                raise
        for action in session.info.get("after_commit", []):
            try:
                action()
            except Exception as error:  # noqa: BLE001 - what is committed is committed, and the others are told too
                logs.logger().error("after_commit_failed", kind=type(error).__name__, exc_info=error)

    def insist(self, act: Callable[[Session], T]) -> T:
        """What `act` returns, once its changes are committed.

        A transaction that the database ended so that another could go on (a deadlock, a serialization that failed) is
        begun again, a few times: nothing of it was kept.
        """
        for _ in range(1, _ATTEMPTS):
            try:
                with self.transaction() as session:
                    return act(session)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in _LOST_RACES:
                    raise
        with self.transaction() as session:
            return act(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session to read with; nothing done in it is kept (PostgreSQL refuses to write in it)."""
        try:
            with self._reading() as session:  # closing it rolls back
                yield session
        except Refused as refused:
            self._leave_behind(refused)
            raise

    def _leave_behind(self, refused: Refused) -> None:
        """Write what a refusal leaves behind, once; the answer is the same where it cannot be written."""
        write, refused.afterwards = refused.afterwards, None
        if write is None:
            return
        try:
            self.insist(write)
        except SQLAlchemyError as error:
            logs.logger().error("refusal_not_kept", code=refused.code, kind=type(error).__name__, exc_info=error)

    def dispose(self) -> None:
        _close(self.engine, self._reader)


def _close(*engines: Engine) -> None:
    for engine in engines:
        engine.dispose()


def after_commit(session: Session, action: Callable[[], None]) -> None:
    """Run `action` once the transaction of `session` is committed; registered twice, it runs once."""
    actions: list[Callable[[], None]] = session.info.setdefault("after_commit", [])
    if action not in actions:
        actions.append(action)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows as the driver takes them, with their statement: plain values that may come from another process."""

    statement: str
    values: list[Any]


def insert_many(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all with the same columns, at little more than the driver's own cost; none is nothing to do.

    What the session holds unwritten is not flushed, and no default of Python's is filled in.
    """
    insert_prepared(session, prepare(session.get_bind().dialect, table, rows))


def prepare(dialect: Dialect, table: Table, rows: Sequence[Mapping[str, Any]]) -> Prepared:
    """What `insert_many` does before it needs the database."""
    if not rows:
        return Prepared("", [])
    statement, turns = _insertion(table, tuple(rows[0]), dialect)
    if dialect.positional:
        values = [tuple([turn(row[name]) if turn else row[name] for name, turn in turns]) for row in rows]
        return Prepared(statement, values)
    return Prepared(statement, [{name: turn(row[name]) if turn else row[name] for name, turn in turns} for row in rows])


def insert_prepared(session: Session, prepared: Prepared) -> None:
    if prepared.values:
        session.connection().exec_driver_sql(prepared.statement, prepared.values)


def insert_on(dialect: str, table: Any) -> postgresql.Insert | sqlite.Insert:
    """An insert as a kind of database writes it, which can say what happens where the row is there already
    (`on_conflict_do_nothing`, `on_conflict_do_update`).
    """
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def dialect_called(name: str) -> Dialect:
    """The dialect of a kind of database, without one of it."""
    url = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}[name]
    return create_engine(url, **_OPTIONS).dialect


@lru_cache(maxsize=200)
def _insertion(
    table: Table, names: tuple[str, ...], dialect: Dialect
) -> tuple[str, list[tuple[str, Callable[[Any], Any] | None]]]:
    """The statement, and what each value has to go through on its way to the driver."""
    compiled = insert(table).compile(dialect=dialect, column_keys=list(names))
    order = compiled.positiontup if compiled.positiontup is not None else names
    return str(compiled), [(name, _turn(table.c[name].type.dialect_impl(dialect), dialect)) for name in order]


def _turn(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Bytes are taken as they are: in the drivers' own wrapping they could not come from another process. Rows that are
    written together have their moments in common.
    """
    if isinstance(kind, LargeBinary):
        return None
    turn = kind.bind_processor(dialect)
    return lru_cache(maxsize=16)(turn) if turn and kind.python_type is datetime else turn


_PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "busy_timeout=30000", "cache_size=-16000")


def _sqlite_engine(url: str) -> Engine:
    path = url.removeprefix("sqlite:///")
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    waiting = {"timeout": 30, "check_same_thread": False}
    engine = create_engine(url, connect_args=waiting, pool_size=20, max_overflow=40, **_OPTIONS)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("csem_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def database_stands(url: str) -> bool:
    """Whether there is a database to look into; of a server it is taken for granted."""
    path = make_url(url)
    return not path.drivername.startswith("sqlite") or Path(path.database or "").is_file()


def migrate(database: Database, service: str) -> None:
    """Bring the tables of the shared mechanisms and of `service` to the newest version; safe to run twice
    and from two processes at once.
    """
    with database.engine.connect().execution_options(csem_write=True) as connection, connection.begin():
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        _upgrade(connection, _ROOT / "shared" / "migrations", "platform_version")
        _upgrade(connection, _ROOT / "services" / service / "migrations", "service_version")


def lacks_migrations(session: Session, service: str) -> bool:
    """Whether the tables of `service` are older than this program; raises a database error where there are none."""
    folders = {"platform_version": _ROOT / "shared", "service_version": _ROOT / "services" / service}
    for version_table, folder in folders.items():
        standing = session.scalar(text(f"SELECT version_num FROM {version_table}"))  # noqa: S608 - two fixed names
        if standing in _older_versions(folder / "migrations"):
            return True
    return False


@cache
def _older_versions(folder: Path) -> frozenset[str | None]:
    """Every version before the newest; what is newer than this program does not stop it."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])
    known = {revision.revision for revision in script.walk_revisions()}
    return frozenset({None, *known} - {script.get_current_head()})


def _upgrade(connection: Connection, folder: Path, version_table: str) -> None:
    if not folder.is_dir():
        return
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": version_table,
            "fn": lambda revision, _context: script._upgrade_revs("head", revision),  # noqa: SLF001
            "script": script,
            "transactional_ddl": True,
        },
    )
    # Alembic's operations find their connection through a proxy that belongs to the environment.
    with Operations.context(context):
        context.run_migrations()
