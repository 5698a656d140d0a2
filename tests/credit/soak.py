"""A soak of the whole life of a fund: very many runs, and what they reached.

    python -m tests.credit.soak --runs 100000 --workers 2
    python -m tests.credit.soak --runs 2000 --without conditions

Each worker plays runs in chunks, each chunk from a seed of its own, so that one can be played again (`--seed`, `--runs`).
It ends with 1 at the first run after which something did not hold, and shows its steps. `--without` takes one of the
service's guards away: then the machine must find it, and it ends with 1 where it does not.
"""

import multiprocessing
import os
import time
import traceback
from collections import Counter
from contextlib import ExitStack
from typing import Any

import click
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from shared import logs
from tests.credit.life.guards import GUARDS, without
from tests.credit.life.machine import Life
from tests.credit.life.run import REACHED, RUNS

CHUNK = 500
STEPS = 12


def play(runs: int, number: int, steps: int = STEPS, *, shrink: bool = False) -> None:
    """So many runs from one seed; raises what the oracle says of the first that it finds fault with. To make that run
    as short as can be takes minutes (`shrink`).
    """
    seed(number)(Life)
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _chunk(asked: tuple[int, int, int, str | None, bool]) -> tuple[int, Counter[Any], Counter[Any], str]:
    """What one chunk reached, and what was wrong; in a process of a pool."""
    runs, number, steps, guard, shrink = asked
    logs.configure("console")
    REACHED.clear()
    RUNS.clear()
    wrong = ""
    with ExitStack() as stack:
        if guard:
            stack.enter_context(without(guard))
        try:
            play(runs, number, steps, shrink=shrink)
        except Exception:  # noqa: BLE001 - whatever it is, it is told
            wrong = traceback.format_exc()
    return number, Counter(REACHED), Counter(RUNS), wrong


def report(reached: Counter[Any], runs: Counter[Any], seconds: float) -> None:
    """How often each transition was done and each refusal met."""
    played = sum(count for stage, count in runs.items() if stage != "steps")
    stages = ", ".join(f"{stage} {count:,}" for stage, count in sorted(runs.items()) if stage != "steps")
    click.echo(f"\n{played:,} runs ({stages}), {runs['steps']:,} transitions tried, "
               f"{runs['steps'] / max(played, 1):.1f} a run, {seconds / max(played, 1) * 1000:,.0f} s per 1,000 runs\n")  # fmt: skip
    click.echo("| transition | done | refused | refusals met |\n|---|---:|---:|---|")
    for transition in sorted({transition for transition, _ in reached}):
        told = {code: count for (name, code), count in reached.items() if name == transition}
        done = sum(told.pop(code, 0) for code in ("done", "on", "back"))
        refusals = ", ".join(f"{code} {count:,}" for code, count in sorted(told.items(), key=lambda one: -one[1]))
        click.echo(f"| {transition} | {done:,} | {sum(told.values()):,} | {refusals} |")


@click.command()
@click.option("--runs", default=100_000, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--steps", default=STEPS, show_default=True, help="Rules of a run.")
@click.option("--seed", "first", default=None, type=int, help="The seed of the first chunk; another one each time.")
@click.option("--without", "guard", default=None, type=click.Choice(sorted(GUARDS)), help="Take this guard away.")
@click.option("--shrink", is_flag=True, help="Make what was found as short as can be, which takes minutes.")
def main(runs: int, workers: int, steps: int, first: int | None, guard: str | None, *, shrink: bool) -> None:
    """Play, tell how far it is, and what was reached."""
    begun = time.perf_counter()
    first = int.from_bytes(os.urandom(4)) if first is None else first
    chunks = [(min(CHUNK, runs - at), first + at, steps, guard, shrink) for at in range(0, runs, CHUNK)]
    reached: Counter[Any] = Counter()
    played: Counter[Any] = Counter()
    click.echo(f"{runs:,} runs of {steps} rules on {workers} workers, first seed {first}")
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for number, some, ran, wrong in pool.imap_unordered(_chunk, chunks):
            reached += some
            played += ran
            seconds = time.perf_counter() - begun
            done = sum(count for stage, count in played.items() if stage != "steps")
            click.echo(f"{done:,} runs, {seconds:,.0f} s", err=True)
            if wrong:
                pool.terminate()
                click.echo(f"seed {number}:\n{wrong}")
                report(reached, played, seconds * workers)
                click.echo(f"{'found' if guard else 'NOT whole'} after {done:,} runs")
                raise SystemExit(0 if guard and GUARDS[guard][1] in wrong else 1)
    report(reached, played, (time.perf_counter() - begun) * workers)
    click.echo("\nnothing was found" + (": the guard is not missed" if guard else ""))
    raise SystemExit(1 if guard else 0)


if __name__ == "__main__":
    main()
