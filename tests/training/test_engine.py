"""Rounds of a country in pieces: the same answer here and on a dask cluster, whatever becomes of the cluster."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest
from distributed import Client

from deploy.bench.training_rounds import invented
from services.training.rules.placement import pieces
from services.training.rules.placement.checking_reasons import checked
from services.training.rules.placement.pieces import divided
from services.training.rules.placement.propose import explain, propose
from services.training.use_cases import search_on_engine
from services.training.use_cases.search_placement import Search, improved
from shared.kernel import Refused

ROUND = invented(700)
START = propose(ROUND)
BUDGET = 6


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "WHOLE", 100)
    monkeypatch.setattr(pieces, "WOMEN", 200)


def search(dask: str | None = None, tell: Callable[[str], None] = lambda _: None) -> Iterator:
    return improved(ROUND, START.groups, seed=3, budget=BUDGET, search=Search(dask=dask), tell=tell)


@pytest.fixture(scope="module")
def here() -> tuple:
    """The answer found without any cluster."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "WHOLE", 100)
        patch.setattr(pieces, "WOMEN", 200)
        *_, last = search()
    return last.groups


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen]:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-W", "ignore", "-m", *arguments, "--no-dashboard"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as started:
        try:
            yield started
        finally:
            started.kill()


def worker(scheduler: str, name: str) -> AbstractContextManager[subprocess.Popen]:
    alone = ("--no-nanny", "--nthreads", "1", "--host", "127.0.0.1", "--name", name)
    return process("distributed.cli.dask_worker", scheduler, *alone)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a scheduler with two workers, three processes of their own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as stack:
        stack.enter_context(process("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)))
        for name in ("one", "two"):
            stack.enter_context(worker(address, name))
        with connected(address) as client:
            client.wait_for_workers(2, timeout=60)
        yield address


@contextmanager
def connected(address: str) -> Iterator[Client]:
    with Client(address, timeout=60, set_as_default=False) as client:
        yield client


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    over = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < over
        time.sleep(0.05)


def test_pieces_share_nobody_and_no_venue_and_have_all_groups_between_them() -> None:
    found = divided(ROUND, START.groups, seed=3, budget=BUDGET)
    women = [woman.id for piece in found for woman in piece.round.women]
    venues = [venue.id for piece in found for venue in piece.round.venues]
    assert len(found) > 3
    assert len(set(women)) == len(women)
    assert len(set(venues)) == len(venues)
    assert sorted(group.cell for piece in found for group in piece.groups) == [group.cell for group in START.groups]
    assert all(len(piece.round.women) <= 200 or len(piece.round.venues) == 1 for piece in found)


def test_a_round_that_is_not_too_large_is_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "WHOLE", 700)
    (piece,) = divided(ROUND, START.groups, seed=3, budget=BUDGET)
    assert (piece.round, piece.budget) == (ROUND, BUDGET)


def test_a_round_in_pieces_is_answered_within_every_condition_and_better(here: tuple) -> None:
    answer = explain(ROUND, here)
    assert checked(ROUND, answer) == ()
    assert answer.worth > START.worth


def test_two_workers_give_the_answer_that_this_process_gives(scheduler: str, here: tuple) -> None:
    told: list[str] = []
    steps = list(search(scheduler, told.append))
    assert repr(steps[-1].groups) == repr(here)
    assert steps[-1].iteration == steps[-1].budget
    assert [step.iteration for step in steps] == sorted(step.iteration for step in steps)
    assert told == ["engine"]


def test_what_a_killed_worker_had_begun_is_begun_again_elsewhere(scheduler: str, here: tuple) -> None:
    with connected(scheduler) as client, worker(scheduler, "lost") as lost:
        client.wait_for_workers(3, timeout=60)
        steps = search(scheduler)
        next(steps)
        until(lambda: any(client.processing().values()))
        lost.kill()
        *_, last = steps
        assert last.groups == here


def test_a_scheduler_that_cannot_be_reached_is_told_and_the_search_goes_on_here(
    here: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_on_engine, "_CONNECT", 1)
    told: list[str] = []
    *_, last = search("tcp://127.0.0.1:9", told.append)
    assert (last.groups, told) == (here, ["engine_unreachable"])


def test_workers_with_other_code_are_refused(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_on_engine, "code_version", lambda _solver: "of tomorrow")
    with pytest.raises(Refused) as refused:
        list(search(scheduler))
    assert refused.value.code == "placement.engine_differs"


def test_who_stops_reading_takes_what_is_left_back_from_the_workers(scheduler: str) -> None:
    with connected(scheduler) as client:
        steps = search(scheduler)
        next(steps)
        steps.close()
        until(lambda: client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0)
