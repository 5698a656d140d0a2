"""Computation beside the process that commits: the same functions, in a process of our own, on another core."""

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, Any, TypeVar, cast

from shared.garbage import collect_rarely

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_LENGTH = 8
_AHEAD = 2


@contextmanager
def beside(function: Callable[[Any, Task], Answer], given: Any) -> Iterator[Callable[[Task], "Future[Answer]"]]:
    """Ask a child process for `function(given, task)`, one task after the other, and go on meanwhile.

    The function is a public one of a module; all of it is picklable. The child is one of ours: it inherits the
    environment, and ends when this process does, however that ends.
    """
    with (
        _process(True, function, given) as (asked, told, kill),
        ThreadPoolExecutor(1, thread_name_prefix="beside") as thread,
    ):
        try:
            yield lambda task: thread.submit(_ask, asked, told, task)
        finally:
            kill()
            thread.shutdown(cancel_futures=True)


@contextmanager
def poured(function: Callable[[Any, Iterable[Any]], object], given: Any) -> Iterator[Callable[[Any], None]]:
    """Have a child process carry out `function(given, pieces)` over the pieces that are put meanwhile; whoever puts
    waits while the child is more than a piece behind. At the end of the block the child is through, or what it raised
    is raised; a block that fails ends it in the middle.
    """
    with _process(False, function, given) as (pieces, told, _):

        def put(piece: Any) -> None:
            try:
                _say(pieces, piece)
            except BrokenPipeError:
                _answer(told)
                raise

        yield put
        put(None)
        _answer(told)


@contextmanager
def _process(
    each: bool, function: Callable[..., Any], given: Any
) -> Iterator[tuple[IO[bytes], IO[bytes], Callable[[], None]]]:
    """A child that serves this function, for each piece or over all of them: what to tell it through, what it tells,
    and how to end it.
    """
    with subprocess.Popen(
        [sys.executable, "-c", "from shared.beside import child; child()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    ) as process:
        asked, told = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        try:
            _say(asked, (each, function.__module__, function.__qualname__, given))
            yield asked, told, process.kill
        finally:
            process.kill()
            with suppress(BrokenPipeError):
                asked.close()


def ahead(tasks: Iterable[Task], ask: Callable[[Task], "Future[Answer]"]) -> Iterator[tuple[Task, "Future[Answer]"]]:
    """Each task with its answer, which was asked for when it was the next but one."""
    waiting: deque[tuple[Task, Future[Answer]]] = deque()
    for task in tasks:
        waiting.append((task, ask(task)))
        if len(waiting) > _AHEAD:
            yield waiting.popleft()
    yield from waiting


def child() -> None:
    """The child's side: what to compute, then piece by piece until nobody says any more."""
    collect_rarely()
    pieces, told = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    each, module, name, given = _heard(pieces)
    function, heard = getattr(__import__(module, fromlist=[name]), name), iter(lambda: _heard(pieces), None)
    if not each:
        _try(told, partial(function, given, heard))
    else:
        for task in heard:
            _try(told, partial(function, given, task))


def _try(told: IO[bytes], compute: Callable[[], Any]) -> None:
    try:
        outcome: tuple[bool, Any] = (True, compute())
    except Exception as error:  # noqa: BLE001 - raised by who asked
        outcome = (False, error)
    _say(told, outcome)


def _ask(asked: IO[bytes], told: IO[bytes], task: Any) -> Any:
    _say(asked, task)
    return _answer(told)


def _answer(told: IO[bytes]) -> Any:
    outcome = _heard(told)
    if outcome is None:
        raise RuntimeError("the process beside is gone")
    fine, value = outcome
    if not fine:
        raise value
    return value


def _say(pipe: IO[bytes], what: Any) -> None:
    body = pickle.dumps(what)
    pipe.write(len(body).to_bytes(_LENGTH))
    pipe.write(body)
    pipe.flush()


def _heard(pipe: IO[bytes]) -> Any:
    size = pipe.read(_LENGTH)
    return pickle.loads(pipe.read(int.from_bytes(size))) if size else None  # noqa: S301 - between two of ours
