"""`make bench-training`: placement at the size of a department and of a country; prints Markdown tables.

python -m deploy.bench.training [department] [country] [grouping] [--data ../shared/data] [--seed 1] [--solver cpsat]

Times are of the clock and of the processor: on a machine that others use, the second is what the work took.
"""

import argparse
import csv
import os
import platform
import time
from pathlib import Path

import numpy as np

from deploy.bench.training_rounds import invented
from services.training.rules.placement.bound import most_placed
from services.training.rules.placement.cells import field_of
from services.training.rules.placement.checking import violations, worth
from services.training.rules.placement.clustering import clustered
from services.training.rules.placement.clustering_points import Points
from services.training.rules.placement.propose import improve, propose
from services.training.use_cases.search_placement import solving

ROUNDS = {"department": (2_000, 40), "country": (20_000, 150)}
"""How many women, and the budget in iterations."""
CLUSTERING = {"orlib_pmedcap": 6, "sjc": 40}


class Watch:
    """Seconds of the clock and of the processor since it was made."""

    def __init__(self) -> None:
        self._clock, self._processor = time.perf_counter(), time.process_time()

    def __str__(self) -> str:
        return f"{time.perf_counter() - self._clock:.1f} | {time.process_time() - self._processor:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=["department", "country", "grouping"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--solver", choices=("highs", "cpsat"), default="highs")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}\n")
    for part in given.parts:
        if part in ROUNDS:
            placement(*ROUNDS[part], seed=given.seed, solver=given.solver)
        else:
            grouping(given.data / "grouping", given.seed)


def placement(women: int, budget: int, *, seed: int, solver: str) -> None:
    round_ = invented(women)
    most = sum(one.priority for one in round_.women)
    print(f"{solver}: {women} women, {len(round_.venues)} venues, {most} priorities\n")
    print("| answer | placed | groups | women | seconds | of the processor |\n|---|---|---|---|---|---|")
    watch = Watch()
    first = propose(round_)
    _row("first", first.worth.placed, first.groups, str(watch))
    watch = Watch()
    most = most_placed(field_of(round_), nodes=20)
    print(f"| bound | {most} | | | {watch} |", flush=True)
    watch = Watch()
    with solving(solver) as solve:
        for step in improve(round_, first.groups, seed=seed, budget=budget, solve=solve):
            if step.iteration in {budget // 4, budget // 2, budget}:
                _row(f"after {step.iteration} iterations", step.worth.placed, step.groups, str(watch))
    wrong = violations(round_, step.groups)
    true = worth(round_, step.groups) == step.worth
    print(f"\n+{100 * (step.worth.placed / first.worth.placed - 1):.1f} % over the first answer, "
          f"within {100 * (1 - step.worth.placed / most):.1f} % of the best possible; "
          f"{len(wrong)} violated conditions, worth {'confirmed' if true else 'WRONG'}\n")  # fmt: skip


def _row(name: str, placed: int, groups: tuple[object, ...], watch: str) -> None:
    women = sum(len(getattr(group, "women", ())) for group in groups)
    print(f"| {name} | {placed} | {len(groups)} | {women} | {watch} |", flush=True)


def grouping(folder: Path, seed: int) -> None:
    print("| instance | optimum | found | above it, % | seconds | of the processor |\n|---|---|---|---|---|---|")
    with (folder / "optimal_values.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            points, medians = _points(folder / line["file"], whole=line["distance"] != "euclid")
            watch = Watch()
            *_, best = clustered(points, medians, seed=seed, budget=CLUSTERING[line["file"].partition("/")[0]])
            total, optimum = points.total(best), float(line["optimum"])
            above = 100 * (total / optimum - 1)
            print(f"| {line['instance']} | {optimum:.2f} | {total:.2f} | {above:.2f} | {watch} |", flush=True)


def _points(path: Path, *, whole: bool) -> tuple[Points, int]:
    numbers = np.array(path.read_text(encoding="utf-8").split(), dtype=np.float64)
    rows = numbers[2:].reshape(int(numbers[0]), 4)
    distances = np.hypot(rows[:, None, 0] - rows[None, :, 0], rows[:, None, 1] - rows[None, :, 1])
    return Points(np.floor(distances) if whole else distances, rows[:, 2], rows[:, 3]), int(numbers[1])


if __name__ == "__main__":
    main()
