"""A worker keeps its loops running, and does not call itself well when one of them cannot run."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from deploy.probe import Probe
from shared import service
from shared.service import Worker


class Reading:
    """A loop that needs a file: without it each run fails, as a relay's does without its database."""

    name = "reading"

    def __init__(self, file: Path) -> None:
        self.file = file
        self.runs: list[float] = []

    def run(self, stop: threading.Event) -> None:
        self.runs.append(time.monotonic())
        while not stop.is_set():
            self.file.read_bytes()
            stop.wait(0.01)


class Resting:
    """A loop that never fails."""

    name = "resting"

    def run(self, stop: threading.Event) -> None:
        stop.wait()


@pytest.fixture
def reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reading:
    """A hundred times faster than in earnest, except that a steady loop ran for half a second."""
    monkeypatch.setattr(service, "_FIRST_WAIT", 0.005)
    monkeypatch.setattr(service, "_STEADY_SECONDS", 0.5)
    return Reading(tmp_path / "there")


@pytest.fixture
def worker(reading: Reading) -> Iterator[Worker]:
    running = Worker([Resting(), reading])
    yield running
    running.stop()
    assert not any(thread.is_alive() for thread in running._threads)


def eventually(look: Callable[[], object]) -> None:
    until = time.monotonic() + 10
    while not look():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.005)


def test_a_loop_that_fails_again_and_again_is_told_to_who_watches(worker: Worker, reading: Reading) -> None:
    worker.start()
    probe = Probe(("127.0.0.1", 0), lambda: worker.alive)
    try:
        eventually(lambda: len(reading.runs) > 5)
        answer = httpx.get(f"http://127.0.0.1:{probe.port}/livez", trust_env=False)
        assert (answer.status_code, answer.text) == (503, "a loop has ended or fails again and again\n")
    finally:
        probe.close()


def test_one_failure_is_no_illness(worker: Worker, reading: Reading) -> None:
    worker.start()
    eventually(lambda: len(reading.runs) == 2)
    assert worker.alive


def test_a_loop_that_runs_again_steadily_is_well(worker: Worker, reading: Reading) -> None:
    worker.start()
    eventually(lambda: not worker.alive)
    reading.file.touch()
    eventually(lambda: worker.alive)
    assert time.monotonic() - reading.runs[-1] >= 0.5


def test_after_a_steady_time_a_failure_is_the_first_again(worker: Worker, reading: Reading) -> None:
    """Otherwise the failures of a year would add up, and each would be waited for the longest."""
    worker.start()
    eventually(lambda: len(reading.runs) > 5)
    reading.file.touch()
    eventually(lambda: worker.alive)
    tried = len(reading.runs)
    reading.file.unlink()
    eventually(lambda: len(reading.runs) == tried + 1)
    assert worker.alive


def test_however_often_a_loop_fails_it_is_begun_again() -> None:
    health = service._Health()
    waits = [health.fail() for _ in range(2_000)]
    assert waits[:4] == [0.5, 1, 2, 4]
    assert waits[-1] == 30
