"""`make bench-territory`: the territory at the size of a country, on this machine, in one run; prints Markdown tables.

python -m deploy.bench.territory [items] [tiles] [moving] [locating] [classes] [--points 1000000]
"""

import argparse
import os
import platform
from importlib import import_module
from typing import Any

PARTS = {
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
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=60, help="Of each kind of page or tile.")
    parser.add_argument("--postgresql", default="postgresql://postgres@127.0.0.1:5432")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}\n")
    for module in dict.fromkeys(PARTS[part] for part in given.parts):
        bench: Any = import_module(module)
        bench.measure([part for part in given.parts if PARTS[part] == module], given)


if __name__ == "__main__":
    main()
