"""Pieces of a round are answered by the workers of a dask cluster, an extra: `pip install 'red-csem[dask]'`."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from services.training.rules import placement
from services.training.rules.placement.pieces import Piece
from services.training.use_cases.search_placement import Groups, Step, here
from shared import logs
from shared.kernel import Refused

_CONNECT, _LOOK = 5, 0.5
"""Seconds: for how long the scheduler is waited for, and how often somebody may end the search."""


class EngineLost(Exception):  # noqa: N818 - the search goes on without it
    """There is no scheduler at the address, or there is none any more; says which."""


def on_engine(address: str, solver: str, pieces: Sequence[Piece], tell: Callable[[str], None]) -> Iterator[Step]:
    """The pieces in their order, answered at once on as many workers as there are. What a lost worker had begun, dask
    begins again elsewhere. Who stops reading takes the rest back.

    Raises `EngineLost`; refused as `placement.engine_differs` where a worker has other code than we.
    """
    from distributed import Client
    from distributed.scheduler import KilledWorker

    try:
        client = Client(address, timeout=_CONNECT, set_as_default=False)
    except OSError as error:
        _warn(address, error)
        raise EngineLost("engine_unreachable") from error
    tell("engine")
    ours = code_version(solver)
    futures = [client.submit(answer_piece, ours, solver, piece, pure=False) for piece in pieces]
    try:
        for piece, future in zip(pieces, futures, strict=True):
            groups = None
            while groups is None:
                try:
                    groups = _same(future.result(timeout=_LOOK))
                except TimeoutError:
                    yield 0, None
            yield piece.budget, groups
    except (OSError, CancelledError, KilledWorker) as error:
        _warn(address, error)
        raise EngineLost("engine_lost") from error
    except RuntimeError as error:
        if isinstance(error.__cause__, ImportError):  # a worker that has no code of ours
            raise Refused("placement.engine_differs") from error
        raise
    finally:
        with suppress(OSError, CancelledError):
            client.cancel(futures)
            client.close(timeout=_CONNECT)


def _same(groups: Groups | None) -> Groups:
    if groups is None:
        raise Refused("placement.engine_differs")
    return groups


def _warn(address: str, error: Exception) -> None:
    logs.logger(service="training").warning("placement.engine", address=address, kind=type(error).__name__)


def answer_piece(asked: str, solver: str, piece: Piece) -> Groups | None:
    """On the worker: the best groups of a piece; None where the worker's code is not the one that is `asked` for."""
    if code_version(solver) != asked:
        return None
    groups: Groups = piece.groups
    for _, told in here([piece], solver):
        groups = groups if told is None else told
    return groups


def code_version(solver: str) -> str:
    """What decides over an answer, as a hash: the rules of placement and the versions of what solves."""
    found = sha256()
    for file in sorted(Path(placement.__file__).parent.glob("*.py")):
        found.update(file.name.encode() + b"\0" + file.read_bytes())
    for name in ("numpy", "scipy", *(("ortools",) if solver == "cpsat" else ())):
        found.update(f"{name} {version(name)}".encode())
    return found.hexdigest()
