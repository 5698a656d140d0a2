"""Stored files: kept under the hash of their content, read only as they were written, erased for good.

A file's row is written in the caller's transaction, its bytes before it: what a row names is on the disk, whole and
synced. Bytes without a row (the transaction was rolled back, the process was killed) are removed by `sweep`. Who may
read a file is decided by who calls `read`: there is no address that leads to the bytes by itself.
"""

import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from sqlalchemy import Column, Integer, String, Table, Uuid, insert, select, update
from sqlalchemy.orm import Session

from shared.database import Database, UtcDateTime, after_commit, platform
from shared.identity import Caller
from shared.kernel import NotFound, clock, uuid7

_A_DAY = 86_400
_DRAFTS = "drafts"

file_table: Final = Table(
    "stored_file",
    platform,
    Column("id", Uuid, primary_key=True),
    Column("key", String(80), nullable=False, index=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", Integer, nullable=False),
    Column("media_type", String(120), nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(60), nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("erased_at", UtcDateTime),
)
"""`key` is where the bytes lie; files of the same content share it until the last of them is erased."""


class DamagedFile(Exception):  # noqa: N818 - a finding, named as one
    """The bytes are missing or are not those that were stored: restore them from a backup."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a file without reading it."""

    id: UUID
    key: str
    sha256: str
    size: int
    media_type: str
    name: str
    kind: str
    created_by: str
    created_at: datetime
    erased_at: datetime | None


class Folder:
    """Bytes by key in a directory. The seam for an object store: the same four verbs."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, key: str, content: bytes) -> None:
        """Whole and synced, or not at all."""
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        for folder in (path.parent, self._root):
            _sync(folder)

    def read(self, key: str) -> bytes:
        return (self._root / key).read_bytes()

    def take(self, key: str, drafted: Path) -> None:
        """What was drafted here stands under its key, whole and synced, or nothing does."""
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        _sync(drafted)
        drafted.replace(path)
        for folder in (path.parent, self._root):
            _sync(folder)

    def draft(self) -> Path:
        """A new folder of its own to write a large file in."""
        path = self._root / _DRAFTS
        path.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=path))

    def open(self, key: str) -> BinaryIO:
        return (self._root / key).open("rb")

    def delete(self, key: str) -> None:
        (self._root / key).unlink(missing_ok=True)

    def keys(self) -> Iterator[tuple[str, float]]:
        """Every key with its age in seconds."""
        for path in self._root.glob("??/*"):
            yield path.relative_to(self._root).as_posix(), time.time() - path.stat().st_mtime

    def forget_drafts(self, older_than: float) -> int:
        """Remove what killed processes left half written; comes back with how many drafts."""
        left = [path for path in (self._root / _DRAFTS).glob("*") if time.time() - path.stat().st_mtime > older_than]
        for path in left:
            shutil.rmtree(path, ignore_errors=True)
        return len(left)


@contextmanager
def drafting(database: Database) -> Iterator[Path]:
    """A folder in which a large file can be written before it is stored with `keep`; it is removed at the end, and by
    `sweep` where the process was killed.
    """
    folder = _folders[str(database.engine.url)].draft()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep(session: Session, drafted: Path, *, name: str, media_type: str, kind: str, caller: Caller) -> StoredFile:
    """Keep a file that was written while `drafting`, without holding it in memory; the row is committed with the
    caller's transaction.
    """
    with drafted.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    size = drafted.stat().st_size
    key = f"{digest[:2]}/{digest}.{secrets.token_hex(4)}"
    _folder(session).take(key, drafted)
    return _written(
        session, StoredFile(uuid7(), key, digest, size, media_type, name, kind, caller.subject, clock.now(), None)
    )


def opened(session: Session, file_id: UUID) -> BinaryIO:
    """The bytes as they were stored, to be read piece by piece; raises `DamagedFile` when the disk gives others."""
    file = find(session, file_id)
    try:
        content = _folder(session).open(file.key)
    except FileNotFoundError as missing:
        raise DamagedFile(f"{file.id}: {file.key} is missing") from missing
    if hashlib.file_digest(content, "sha256").hexdigest() != file.sha256:  # type: ignore[arg-type]
        content.close()
        raise DamagedFile(f"{file.id}: {file.key} is not what was stored")
    content.seek(0)
    return content


def _written(session: Session, file: StoredFile) -> StoredFile:
    session.execute(insert(file_table).values({name: getattr(file, name) for name in StoredFile.__slots__}))
    return file


_folders: dict[str, Folder] = {}


def keep_in(database: Database, root: Path) -> None:
    """Say, when a service is composed, where the files of its database lie."""
    _folders[str(database.engine.url)] = Folder(root)


def store(
    session: Session, content: bytes, *, name: str, media_type: str, kind: str, caller: Caller | None = None
) -> StoredFile:
    """Keep `content`; the row is committed with the caller's transaction."""
    digest = hashlib.sha256(content).hexdigest()
    file = StoredFile(
        id=uuid7(),
        key=_shared_key(session, digest) or _new_key(session, digest, content),
        sha256=digest,
        size=len(content),
        media_type=media_type,
        name=name.replace("\\", "/").rpartition("/")[2][-200:] or "file",
        kind=kind,
        created_by=caller.subject if caller else "system",
        created_at=clock.now(),
        erased_at=None,
    )
    return _written(session, file)


def find(session: Session, file_id: UUID) -> StoredFile:
    """What is known of a file; raises `NotFound` when there is none or it was erased."""
    row = session.execute(select(file_table).where(file_table.c.id == file_id)).one_or_none()
    if row is None:
        raise NotFound("file.unknown")
    if row.erased_at is not None:
        raise NotFound("file.erased")
    return StoredFile(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way to the mapping


def read(session: Session, file_id: UUID) -> bytes:
    """The bytes as they were stored; raises `DamagedFile` when the disk gives others."""
    file = find(session, file_id)
    try:
        content = _folder(session).read(file.key)
    except FileNotFoundError as missing:
        raise DamagedFile(f"{file.id}: {file.key} is missing") from missing
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise DamagedFile(f"{file.id}: {file.key} is not what was stored")
    return content


def erase(session: Session, file_id: UUID) -> None:
    """Erase a file for good (a woman withdrew): its name at once, its bytes when this transaction is committed,
    unless another file has the same content. What stays says that there was a file, of which kind and when.
    """
    file = find(session, file_id)
    sharing = select(file_table.c.id).where(file_table.c.key == file.key).order_by(file_table.c.id)
    session.execute(sharing.with_for_update())
    here = update(file_table).where(file_table.c.id == file_id)
    session.execute(here.values(key="", name="", sha256="", size=0, erased_at=clock.now()))
    # Asked anew: while the lock was waited for, somebody may have stored the same content a second time.
    if session.execute(sharing).first() is None:
        folder = _folder(session)
        after_commit(session, lambda: folder.delete(file.key))


def sweep(session: Session, older_than: float = _A_DAY) -> int:
    """Remove bytes that no file names and that are older than `older_than` seconds; comes back with how many (none in
    a service that keeps no files).
    """
    if str(session.get_bind().engine.url) not in _folders:
        return 0
    folder = _folder(session)
    named = set(session.execute(select(file_table.c.key).where(file_table.c.erased_at.is_(None))).scalars())
    orphans = [key for key, age in folder.keys() if key not in named and age > older_than]  # noqa: SIM118
    for key in orphans:
        folder.delete(key)
    return len(orphans) + folder.forget_drafts(older_than)


def _shared_key(session: Session, digest: str) -> str | None:
    """Where the same content already lies; its row is locked, so that nobody erases it meanwhile."""
    same = select(file_table.c.key).where(file_table.c.sha256 == digest, file_table.c.erased_at.is_(None))
    return session.execute(same.limit(1).with_for_update()).scalar_one_or_none()


def _new_key(session: Session, digest: str, content: bytes) -> str:
    # Never the same key twice: an erasure under way cannot remove what is stored anew.
    key = f"{digest[:2]}/{digest}.{secrets.token_hex(4)}"
    _folder(session).write(key, content)
    return key


def _folder(session: Session) -> Folder:
    try:
        return _folders[str(session.get_bind().engine.url)]
    except KeyError:
        raise RuntimeError("files.keep_in was not called for this database") from None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
