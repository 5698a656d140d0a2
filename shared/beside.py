"""Computation beside the process that commits: the same functions, in a process of our own, on another core."""

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO, Any, TypeVar, cast

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
        subprocess.Popen(
            [sys.executable, "-c", "from shared.beside import child; child()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        ) as process,
        ThreadPoolExecutor(1, thread_name_prefix="beside") as thread,
    ):
        asked, told = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        try:
            _say(asked, (function.__module__, function.__qualname__, given))
            yield lambda task: thread.submit(_ask, asked, told, task)
        finally:
            process.kill()
            thread.shutdown(cancel_futures=True)
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
    """The child's side: what to compute, then task by task until nobody asks any more."""
    asked, told = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    module, name, given = _heard(asked)
    function = getattr(__import__(module, fromlist=[name]), name)
    while (task := _heard(asked)) is not None:
        try:
            answer: tuple[bool, Any] = (True, function(given, task))
        except Exception as error:  # noqa: BLE001 - raised by who asked
            answer = (False, error)
        _say(told, answer)


def _ask(asked: IO[bytes], told: IO[bytes], task: Any) -> Any:
    _say(asked, task)
    answer = _heard(told)
    if answer is None:
        raise RuntimeError("the process beside is gone")
    fine, value = answer
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
