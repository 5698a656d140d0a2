"""The figures of duplicate detection: `python -m tests.registry.linkage_figures [people]` prints them as a table.

Precision, recall and F1 are those of all that is proposed; «merged» is what is merged without asking. Seconds are of one
process; memory is the peak of all so far.
"""

import resource
import sys
from datetime import date
from time import perf_counter, process_time

from services.registry.tables import duplicate_policy_on
from shared.testing import DATA
from tests.registry.linkage_sets import Known, febrl, invented, measure, variant

POLICY = duplicate_policy_on(date(2026, 3, 2))


def row(name: str, known: Known) -> str:
    wall, processor = perf_counter(), process_time()
    one = measure(known, POLICY)
    wall, processor = perf_counter() - wall, process_time() - processor
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return (
        f"| {name} | {len(known.candidates):,} | {one.precision:.4f} | {one.recall:.4f} | {one.f1:.4f} "
        f"| {one.automatic:,} | {one.automatic_precision:.4f} | {one.automatic_recall:.3f} "
        f"| {one.found.compared:,} | {wall:.1f} | {processor:.1f} | {memory} |"
    )


def main(people: int) -> None:
    print("| set | records | precision | recall | F1 | merged | right | recall of it | compared | s | CPU s | MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for number in (1, 2, 3):
        print(row(f"FEBRL {number}", febrl(DATA, number)))
    for slips in (3, 5, 8):
        print(row(f"variant, up to {slips} mistakes", variant(DATA, 10_000 + slips, slips=slips)))
    for number in (5_000, people):
        print(row("invented inventory", invented(number, seed=10_000)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
