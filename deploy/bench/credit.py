"""`make bench-credit`: the credit service on this machine, in one run; prints Markdown tables.

python -m deploy.bench.credit [schedules]
"""

import argparse
import os
import platform
from collections.abc import Callable

from deploy.bench import credit_schedules

MEASURES: dict[str, Callable[[], None]] = {
    "schedules": credit_schedules.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=list(MEASURES), help=", ".join(MEASURES))
    parts = parser.parse_args().parts
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    for part in parts:
        MEASURES[part]()


if __name__ == "__main__":
    main()
