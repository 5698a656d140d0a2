"""What a command and all of its processes weigh while it runs."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.25


@dataclass(frozen=True)
class Run:
    """What a command wrote, how long it took, and the most that it and its children ever held at one moment."""

    output: bytes
    seconds: float
    peak_mb: float


def weighed(command: Sequence[str], environ: Mapping[str, str]) -> Run:
    """Run a command to its end; memory is the proportional share (PSS), summed over all of its processes."""
    begun, peak = time.perf_counter(), [0.0]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **environ}) as process:
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_EVERY):
                peak[0] = max(peak[0], sum(map(_megabytes, _family(process.pid))))

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        output, _ = process.communicate()
        over.set()
        watching.join()
    if process.returncode:
        raise RuntimeError(f"{command[-1]} ended with {process.returncode}")
    return Run(output, time.perf_counter() - begun, peak[0])


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:
            continue
        for child in found:
            yield from _family(int(child))


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
