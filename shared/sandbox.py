"""Reading what strangers upload in a child process, so that a hostile file costs a refusal and not a worker."""

import io
import os
import pickle
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from inspect import isgenerator
from typing import IO, Any, BinaryIO, TypeVar, cast

from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale

T = TypeVar("T")

_REFUSALS = {kind.__name__: kind for kind in (Refused, Invalid, NotFound, Forbidden, Stale)}
# What an answer may be made of besides plain containers, numbers, text and bytes.
_ANSWER_TYPES = frozenset({"date", "datetime", "time", "timedelta", "timezone"})
_PART = 1 << 20
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "GDAL_DATA", "PROJ_DATA", "TMPDIR")


def run_limited(function: Callable[..., T], *args: Any, seconds: int = 60, memory_mb: int = 1024, **kwargs: Any) -> T:
    """What `function(*args, **kwargs)` returns, computed in a child process with limits.

    The function is a public function of a module; arguments may be anything picklable, the answer is made of
    lists, tuples, dicts, text, bytes, numbers and dates only. A `Refused` raised inside is raised here. A child
    that runs longer than `seconds`, takes more than `memory_mb` or dies is `Invalid("file.cannot_be_read")`.
    """
    with _child(function, args, kwargs, seconds, memory_mb) as answers:
        return cast("T", next(answers))


@contextmanager
def stream_limited(
    function: Callable[..., Iterator[T]], *args: Any, seconds: int = 60, memory_mb: int = 1024, **kwargs: Any
) -> Iterator[Iterator[T]]:
    """The same of a generator: its values one by one, while the child is at the next. A `Borrowed` file among the
    arguments is read by the child itself. `seconds` is how long the child may compute, and how long be silent.
    """
    with _child(function, args, kwargs, seconds, memory_mb) as answers:
        yield answers


@dataclass(frozen=True, slots=True)
class Borrowed:
    """An open file that a child process may read; `handle` is its number in either process."""

    handle: int

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file from its beginning on."""
        with os.fdopen(self.handle, "rb", closefd=False) as file:
            file.seek(0)
            yield file


def in_memory(content: bytes) -> BinaryIO:
    """A file without a name that never touches a disk."""
    file = os.fdopen(os.memfd_create("content"), "w+b")
    file.write(content)
    file.seek(0)
    return file


@contextmanager
def _child(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], seconds: int, memory_mb: int
) -> Iterator[Iterator[Any]]:
    """The answers of a child, which is gone afterwards whether or not all were taken."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    environment["OPENBLAS_NUM_THREADS"] = environment["OMP_NUM_THREADS"] = "1"
    task = pickle.dumps((function.__module__, function.__qualname__, args, kwargs, seconds, memory_mb))
    with (
        in_memory(task) as asked,
        in_memory(b"") as complaint,
        # The command is this module itself; nothing of the file reaches it but through what it is given to read.
        subprocess.Popen(
            [sys.executable, "-c", "from shared.sandbox import child; child()"],
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=complaint,
            env=environment,
            pass_fds=[arg.handle for arg in args if isinstance(arg, Borrowed)],
            start_new_session=True,
        ) as process,
    ):
        try:
            yield _answers(process, complaint, seconds)
        finally:
            process.kill()


def _answers(process: subprocess.Popen[bytes], complaint: BinaryIO, seconds: int) -> Iterator[Any]:
    while True:
        size = _read(process, 8, seconds)
        body = _read(process, int.from_bytes(size), seconds) if size else b""
        if not body:
            complaint.seek(0)
            raise _died(process.wait(), complaint.read())
        outcome, value = _PlainUnpickler(io.BytesIO(body)).load()
        if outcome == "over":
            return
        yield _opened(outcome, value)


def _read(process: subprocess.Popen[bytes], size: int, seconds: int) -> bytes:
    """So many bytes of what the child says; none where it died before it said them."""
    out = cast("IO[bytes]", process.stdout).fileno()
    talking = select.poll()
    talking.register(out, select.POLLIN)
    parts = []
    while size:
        if not talking.poll(seconds * 1000):
            raise Invalid("file.cannot_be_read", reason="time")
        part = os.read(out, min(size, _PART))
        if not part:
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _died(status: int, complaint: bytes) -> Invalid:
    out_of_memory = b"memory allocation" in complaint or status in {-signal.SIGKILL, -signal.SIGABRT}
    reason = "time" if status == -signal.SIGXCPU else "memory" if out_of_memory else "damaged"
    return Invalid("file.cannot_be_read", reason=reason)


def _opened(outcome: str, value: Any) -> Any:
    if outcome == "done":
        return value
    if outcome == "refused":
        kind, code, pointer, facts = value
        place = {"pointer": pointer} if kind == "Invalid" else {}
        raise _REFUSALS[kind](code, **place, **facts)
    if outcome == "memory":
        raise Invalid("file.cannot_be_read", reason="memory")
    raise RuntimeError(f"failed in the sandbox: {value}")


class _PlainUnpickler(pickle.Unpickler):
    """Opens an answer without ever importing anything but dates: the child read a stranger's file."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime" and name in _ANSWER_TYPES:
            return getattr(import_module("datetime"), name)
        raise pickle.UnpicklingError(f"{module}.{name} may not come out of the sandbox")


def child() -> None:
    """The child's side: limits first, then the work, its answers on standard output, each with its length before it."""
    module, name, args, kwargs, seconds, memory_mb = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our parent
    # The modules are loaded before the limits: large libraries reserve much and use little.
    function = getattr(import_module(module), name)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answer
    _limit(seconds, memory_mb)
    try:
        found = function(*args, **kwargs)
        for value in found if isgenerator(found) else (found,):
            _say(out, ("done", value))
        last: tuple[str, Any] = ("over", None)
    except Refused as refusal:
        last = ("refused", _described(refusal))
    except MemoryError:
        last = ("memory", None)
    except Exception as error:  # noqa: BLE001 - told to the parent, which raises it
        from shared.logs import whereabouts  # only here: each child would take longer to begin

        last = ("failed", whereabouts(error)[:4000])
    _say(out, last)
    os._exit(0)


def _say(out: IO[bytes], answer: tuple[str, Any]) -> None:
    body = pickle.dumps(answer)
    out.write(len(body).to_bytes(8))
    out.write(body)
    out.flush()


def _described(refusal: Refused) -> tuple[str, str, str, dict[str, Any]]:
    kind = next(k.__name__ for k in type(refusal).__mro__ if k.__name__ in _REFUSALS)
    facts = {name: fact if isinstance(fact, int | float) else str(fact) for name, fact in refusal.facts.items()}
    return kind, refusal.code, getattr(refusal, "pointer", ""), facts


def _limit(seconds: int, memory_mb: int) -> None:
    already = _address_space()
    resource.setrlimit(resource.RLIMIT_AS, (already + memory_mb * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * memory_mb * 2**20,) * 2)


def _address_space() -> int:
    """Bytes of address space already reserved by the interpreter and its libraries."""
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - one line of the kernel's
        return int(statm.read().split()[0]) * resource.getpagesize()
