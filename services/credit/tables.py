"""The dated tables of credit: which one is in force on a day."""

import csv
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from services.credit.rules.arrears import Provisioning
from services.credit.rules.business_days import Holidays, read_holidays
from services.credit.rules.governance import Reason, Reasons
from services.credit.rules.regulations import Parameters

Rows = tuple[tuple[int, int], ...]

_FOLDER = Path(__file__).parent / "reference"


def holidays_on(day: date, country: str) -> Holidays:
    """The holidays of a country (its ISO code, or a place code that begins with it) as known on `day`."""
    return _holidays(_since("holidays", day), country[:2])


def provisioning_rows(rule: Provisioning | None, day: date) -> Rows:
    """From how many days overdue which hundredths of a per cent are set aside on `day`; nothing without a rule."""
    if rule is None:
        return ()
    if rule.rows or rule.table is None:
        return rule.rows
    return _read(rule.table, _since(f"provisioning_{rule.table}", day))


def reference_tables(rules: Parameters, day: date, country: str) -> list[dict[str, Any]]:
    """The tables that a set of regulations takes from here as of a day: since when each stands, where it comes from,
    and whether somebody has still to confirm it (`state`).
    """
    asked = []
    if rules.provisioning is not None and rules.provisioning.table is not None:
        asked.append(("provisioning", rules.provisioning.table, f"provisioning_{rules.provisioning.table}"))
    if any(product.shift != "none" for product in rules.products):
        asked.append(("holidays", country[:2], "holidays"))
    return [_told(kind, of, file, _since(file, day)) for kind, of, file in asked]


@cache
def _told(kind: str, of: str, file: str, since: date) -> dict[str, Any]:
    with (_FOLDER / f"{file}_{since}.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row.get("country", of) == of]
    return {
        "kind": kind,
        "of": of,
        "since": since,
        "source": "; ".join(dict.fromkeys(row["source"] for row in rows)),
        "state": "; ".join(dict.fromkeys(row["state"] for row in rows)),
    }


def known_reasons(own: Reasons, day: date) -> Reasons:
    """The reasons to refuse and to defer that may be given on `day`: those of the regulations and the usual ones."""
    return own.beside(_reasons(_since("reasons", day)))


@cache
def _reasons(since: date) -> tuple[Reason, ...]:
    with (_FOLDER / f"reasons_{since}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Reason(row["code"], row["spanish"], tuple(row["choices"].split()), row["english"])
            for row in csv.DictReader(lines)
        )


@cache
def _read(table: str, since: date) -> Rows:
    with (_FOLDER / f"provisioning_{table}_{since}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple((int(row["from_days"]), int(row["percent"]) * 100) for row in csv.DictReader(lines))


def _since(kind: str, day: date) -> date:
    """Since when the file of a kind stands that holds on `day`; before the oldest one, that one."""
    dated = _dated(kind)
    begun = [since for since in dated if since <= day]
    return begun[-1] if begun else dated[0]


@cache
def _dated(kind: str) -> list[date]:
    """The days since which the files of a kind stand, the oldest first."""
    return sorted(date.fromisoformat(path.stem.rpartition("_")[2]) for path in _FOLDER.glob(f"{kind}_*.csv"))


@cache
def _holidays(since: date, country: str) -> Holidays:
    with (_FOLDER / f"holidays_{since}.csv").open(encoding="utf-8", newline="") as file:
        return read_holidays(country, since, csv.DictReader(file))
