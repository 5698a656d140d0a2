"""`make bench-territory`: territory at the size of a country, on this machine, in one run; prints Markdown tables.

python -m deploy.bench.territory [analysis] [--rows 100000]
"""

import argparse
import os
import platform
import tempfile
from pathlib import Path

from deploy.bench import territory_analysis

PARTS = {"analysis": territory_analysis.measure}
ROWS = 100_000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=[*PARTS])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path, help="where the databases are made and removed again")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}\n")
    for part in given.parts:
        with tempfile.TemporaryDirectory(dir=given.folder) as name:
            PARTS[part](Path(name), given.rows)


if __name__ == "__main__":
    main()
