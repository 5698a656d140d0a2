"""Named places where a test lets a process die, fail or wait; nothing happens there unless the environment says so.

`CSEM_FAILPOINTS="relay.numbered=kill;inbox.committed=raise@3"`: the third time that `inbox.committed` is passed it
raises. Read once, when the module is imported: a process is started with its faults or without.
"""

import os
import signal
import time


class InjectedFault(Exception):  # noqa: N818 - a word of the tests
    """A failpoint was told to raise."""


def _parse(text: str) -> dict[str, tuple[str, int]]:
    armed: dict[str, tuple[str, int]] = {}
    for item in filter(None, text.split(";")):
        name, _, what = item.partition("=")
        action, _, nth = what.partition("@")
        armed[name.strip()] = (action.strip(), int(nth or 1))
    return armed


_armed = _parse(os.environ.get("CSEM_FAILPOINTS", ""))
_passed: dict[str, int] = {}


def arm(text: str) -> None:
    """Replace what is armed in this process, and count anew."""
    _armed.clear()
    _passed.clear()
    _armed.update(_parse(text))


def passing(name: str) -> None:
    """Marks a place. Actions: `kill` (SIGKILL to this process), `raise`, `slow` (two seconds)."""
    if not _armed or name not in _armed:
        return
    action, nth = _armed[name]
    _passed[name] = _passed.get(name, 0) + 1
    if _passed[name] != nth:
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "slow":
        time.sleep(2)
    else:
        raise InjectedFault(name)
