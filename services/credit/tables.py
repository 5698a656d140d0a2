"""The dated tables of credit: which one is in force on a day."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

from services.credit.rules.arrears import Provisioning

Rows = tuple[tuple[int, int], ...]

_FOLDER = Path(__file__).parent / "reference"


def provisioning_rows(rule: Provisioning | None, day: date) -> Rows:
    """From how many days overdue which hundredths of a per cent are set aside on `day`; nothing without a rule."""
    if rule is None:
        return ()
    return rule.rows or _in_force(rule.table or "", day)


def _in_force(table: str, day: date) -> Rows:
    dated = sorted((path.stem.rpartition("_")[2], path) for path in _FOLDER.glob(f"provisioning_{table}_*.csv"))
    begun = [path for valid_from, path in dated if valid_from <= day.isoformat()]
    return _read(begun[-1] if begun else dated[0][1])


@cache
def _read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple((int(row["from_days"]), int(row["percent"]) * 100) for row in csv.DictReader(lines))
