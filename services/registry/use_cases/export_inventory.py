"""The inventory goes out as a file: exactly what a filter shows its reader, and nothing she may not see."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from services.registry.exchange.columns import shape_of
from services.registry.exchange.formats import FORMATS
from services.registry.queries.records import Record, stream_records
from services.registry.queries.seeing import view_for
from services.registry.rules.visibility import View
from services.registry.sealing import Sealer
from shared.beside import poured
from shared.identity import Caller

Progress = Callable[[int], None]

_FEW = 5
"""From so many batches on they are written by a second process, which is worth its start then."""


def stream(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    filters: Mapping[str, Any],
    kind: str,
    path: Path,
    *,
    progress: Progress = lambda _done: None,
) -> int:
    """Write the records that the filter shows the caller into a new file at `path`, and come back with how many.

    They are all of one moment, the one in which this begins, whoever changes what meanwhile; `session` has read
    nothing yet. Some are in memory at a time. `progress` hears how many are written, and may stop the work.
    """
    view = view_for(caller)
    _hold_still(session)
    count = 0

    def counted() -> Iterator[list[Record]]:
        nonlocal count
        for batch in stream_records(session, caller, sealer, view, filters):
            yield batch
            count += len(batch)
            progress(count)

    batches = counted()
    first = list(islice(batches, _FEW))
    if len(first) < _FEW:
        write_batches((kind, path, view), first)
    else:
        with poured(write_batches, (kind, path, view)) as put:
            for batch in chain(first, batches):
                put(batch)
    return count


def write_batches(given: tuple[str, Path, View], batches: Iterable[list[Record]]) -> None:
    """Write records as one view shows them into a new file of this kind."""
    kind, path, view = given
    FORMATS[kind].write(path, shape_of(view), chain.from_iterable(batches))


def _hold_still(session: Session) -> None:
    """Every statement of this session sees the same moment: SQLite does so by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
