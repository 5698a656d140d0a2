"""`make soak-training`: random small rounds, answered, improved, bounded, and everything checked independently.

python -m tests.training.soak [--rounds 10000] [--first 0]
"""

import argparse
import sys
import time
from collections import Counter

from services.training.rules.placement.answer import LeftOut, Reason
from services.training.rules.placement.checking_reasons import checked
from services.training.rules.placement.propose import bound, explain, improve, propose
from tests.training.rounds import small_round


def faults(seed: int, count: Counter[str]) -> list[str]:
    """What is wrong with the answers to one round; counts what they were."""
    round_ = small_round(seed)
    first = propose(round_)
    *_, last = improve(round_, first.groups, seed=seed, budget=2)
    second = explain(round_, last.groups)
    most = bound(round_, budget=20)
    found = [f"{violation}" for answer in (first, second) for violation in checked(round_, answer)]
    left_out = [*first.left_out, *second.left_out]
    found += [f"could simply be placed: {one}" for one in left_out if one.reason is Reason.PLACEABLE]
    found += [f"displaced for nothing: {one}" for one in left_out if one.reason is Reason.DISPLACED and _gains(one)]
    if second.worth < first.worth:
        found.append("the improved answer is worth less")
    if most.placed < second.worth.placed:
        found.append("the bound is below what was reached")
    count["answers"] += 2
    count["women"] += len(round_.women)
    count["placed"] += sum(len(group.women) for group in second.groups)
    count["as many as the bound"] += most.placed == second.worth.placed
    count["better than the first"] += second.worth > first.worth
    count.update(one.reason.value for one in second.left_out)
    return found


def _gains(told: LeftOut) -> bool:
    return [int(str(told.facts[part])) for part in ("placed", "match", "metres")] < [0, 0, 0]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    began, count, wrong = time.perf_counter(), Counter[str](), 0
    for seed in range(given.first, given.first + given.rounds):
        for fault in faults(seed, count):
            wrong += 1
            print(f"round {seed}: {fault}")
    print(f"{given.rounds} rounds in {time.perf_counter() - began:.0f} s: {wrong} faults")
    for what, number in count.most_common():
        print(f"  {what}: {number}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
