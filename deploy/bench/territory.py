"""`make bench-territory`: the territory at the size of a country, on this machine, in one run; prints Markdown tables.

python -m deploy.bench.territory [analysis] [reports] [items] [tiles] [moving] [locating] [classes] [--rows 100000]
    [--points 1000000]
"""

import argparse
import os
import platform
from importlib import import_module
from pathlib import Path
from typing import Any

PARTS = {
    "analysis": "deploy.bench.territory_analysis",
    "reports": "deploy.bench.territory_reports",
    "items": "deploy.bench.territory_doors",
    "tiles": "deploy.bench.territory_doors",
    "moving": "deploy.bench.territory_doors",
    "locating": "deploy.bench.territory_places",
    "classes": "deploy.bench.territory_places",
}
"""The module of each part; its `measure(parts, given)` prints what it found for those asked for."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=list(PARTS))
    parser.add_argument("--rows", type=int, default=100_000, help="Enterprises that are analysed.")
    parser.add_argument("--points", type=int, default=1_000_000, help="Enterprises that are drawn and located.")
    parser.add_argument("--requests", type=int, default=60, help="Of each kind of page or tile.")
    parser.add_argument("--postgresql", default="postgresql://postgres@127.0.0.1:5432")
    parser.add_argument("--folder", type=Path, help="Where databases of files are made and removed again.")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}\n")
    for module in dict.fromkeys(PARTS[part] for part in given.parts):
        bench: Any = import_module(module)
        bench.measure([part for part in given.parts if PARTS[part] == module], given)


if __name__ == "__main__":
    main()
