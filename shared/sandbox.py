"""Reading what strangers upload in a child process, so that a hostile file costs a refusal and not a worker."""

import io
import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar, cast

from shared import logs
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale

T = TypeVar("T")

_REFUSALS = {kind.__name__: kind for kind in (Refused, Invalid, NotFound, Forbidden, Stale)}
# What an answer may be made of besides plain containers, numbers, text and bytes.
_ANSWER_TYPES = frozenset({"date", "datetime", "time", "timedelta", "timezone"})
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "GDAL_DATA", "PROJ_DATA", "TMPDIR")


def run_limited(function: Callable[..., T], *args: Any, seconds: int = 60, memory_mb: int = 1024, **kwargs: Any) -> T:
    """What `function(*args, **kwargs)` returns, computed in a child process with limits.

    The function is a public function of a module; arguments may be anything picklable, the answer is made of
    lists, tuples, dicts, text, bytes, numbers and dates only. A `Refused` raised inside is raised here. A child
    that runs longer than `seconds`, takes more than `memory_mb` or dies is `Invalid("file.cannot_be_read")`.
    """
    task = pickle.dumps((function.__module__, function.__qualname__, args, kwargs, seconds, memory_mb))
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    environment["OPENBLAS_NUM_THREADS"] = environment["OMP_NUM_THREADS"] = "1"
    command = [sys.executable, "-c", "from shared.sandbox import child; child()"]
    # The command is this module itself; nothing of the file reaches it but through standard input.
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            answer, complaint = process.communicate(task, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Invalid("file.cannot_be_read", reason="time") from None
        except BaseException:
            process.kill()
            raise
    return cast("T", _open_answer(answer, process.returncode, complaint))


def _open_answer(answer: bytes, status: int, complaint: bytes) -> Any:
    out_of_memory = b"memory allocation" in complaint or status in {-signal.SIGKILL, -signal.SIGABRT}
    if status != 0:
        reason = "time" if status == -signal.SIGXCPU else "memory" if out_of_memory else "damaged"
        raise Invalid("file.cannot_be_read", reason=reason)
    outcome, value = _PlainUnpickler(io.BytesIO(answer)).load()
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
    """The child's side: limits first, then the work, then one answer on standard output."""
    module, name, args, kwargs, seconds, memory_mb = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our parent
    # The modules are loaded before the limits: large libraries reserve much and use little.
    function = getattr(import_module(module), name)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answer
    _limit(seconds, memory_mb)
    try:
        answer: tuple[str, Any] = ("done", function(*args, **kwargs))
    except Refused as refusal:
        answer = ("refused", _described(refusal))
    except MemoryError:
        answer = ("memory", None)
    except Exception as error:  # noqa: BLE001 - told to the parent, which raises it
        answer = ("failed", logs.whereabouts(error)[:4000])
    out.write(pickle.dumps(answer))
    out.flush()
    os._exit(0)


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
