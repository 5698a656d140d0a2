"""What must be true of the stored rows, and of what was just decided, paid out or changed: found out in plain SQL and a
little arithmetic of its own.

Nothing here calls a rule, a query or a model of the service: a guard that is missing there is not missing here.
"""

import json
import sqlite3
from collections import Counter
from datetime import date
from typing import Any

from tests.credit.life.identities import ALWAYS

Rows = list[dict[str, Any]]

_ANY = " UNION ALL ".join(f"SELECT {number} WHERE EXISTS ({query})" for number, query in enumerate(ALWAYS.values()))
"""One statement for all of them: which are broken, by their place."""


_NEW = "SELECT id, 'resolution' FROM resolution UNION ALL SELECT id, 'loan' FROM loan UNION ALL SELECT id, 'change' FROM loan_change"
_PROMISED = "committed > 0 AND (approved_until IS NULL OR approved_until >= :day)"


class Oracle:
    """Looks at a database after every step; knows which resolutions, loans and changes it has seen before."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver
        self._known = set(self._column(_NEW))

    def faults(self, today: date) -> list[str]:
        """Everything that is not as it must be; what is new is judged as of this moment."""
        broken = [list(ALWAYS.items())[number] for number in self._column(_ANY)]
        found = [f"{told}: {self._rows(query)[:3]}" for told, query in broken]
        judged = {"resolution": self._approval, "loan": self._disbursement, "change": self._change}
        for one, kind in self._driver.execute(_NEW).fetchall():
            if one not in self._known:
                self._known.add(one)
                found += judged[kind](one, today.isoformat())
        return found

    def _approval(self, resolution: str, day: str) -> list[str]:
        """What an approval, just made, stands without."""
        row = self._one(
            "SELECT r.*, s.regulations_id AS ruling, a.committed, a.enterprise_id, a.chain FROM resolution r"
            " JOIN committee_session s ON s.id = r.session_id JOIN application a ON a.id = r.application_id"
            " WHERE r.id = :id",
            id=resolution,
        )
        if row["outcome"] != "approved":
            return []
        found = [*self._votes(row), *self._may_lend("approved", day)]
        return found + self._money(row, day) if row["committed"] else found

    def _money(self, row: dict[str, Any], day: str) -> list[str]:
        """Whether there is what was just promised, and whether too much of it lies in one place."""
        letter = self._letter(day)
        floor = json.loads(letter["parameters"]).get("reserve_floor", 0) if letter else 0
        kept = max(self._number("SELECT reserve FROM fund"), floor)
        cash = self._number("SELECT coalesce(sum(amount), 0) FROM ledger_line WHERE account = '1101'")
        promised = self._number(f"SELECT coalesce(sum(committed), 0) FROM application WHERE {_PROMISED}", day=day)
        found = []
        if promised > cash - kept:
            found.append(f"approved beyond what is available: {promised} > {cash} - {kept}")
        limits = self._edition(row["ruling"])["concentration"]
        capital = self._number("SELECT -coalesce(sum(amount), 0) FROM ledger_line WHERE account >= '3'")
        for kind, column in (("borrower", "enterprise_id"), ("chain", "chain")):
            held = self._number(
                f"SELECT (SELECT coalesce(sum(outstanding_principal), 0) FROM loan WHERE {column} = :one)"
                f" + (SELECT coalesce(sum(committed), 0) FROM application WHERE {column} = :one AND {_PROMISED})",
                one=row[column],
                day=day,
            )
            if held * 100 > int(limits[kind]) * max(capital, 0):
                found.append(f"approved beyond the limit of one {kind}: {held} of {capital}")
        return found

    def _votes(self, resolution: dict[str, Any]) -> list[str]:
        """Quorum, composition and majority, from the roll and the votes."""
        edition = self._edition(resolution["ruling"])
        rule = _level(edition, resolution["amount"]).get("quorum") or edition["quorum"]
        roll = {
            seat["id"]: seat
            for seat in self._rows(
                "SELECT id, coalesce(alternate_for_id, seat_id) AS chair, constituency, position,"
                " arrived_at IS NOT NULL AND left_at IS NULL AS present FROM roll_seat WHERE session_id = :id",
                id=resolution["session_id"],
            )
        }
        votes = self._rows("SELECT roll_seat_id, choice FROM vote WHERE item_id = :id", id=resolution["item_id"])
        recused = set(self._column("SELECT roll_seat_id FROM recusal WHERE item_id = :id", id=resolution["item_id"]))
        voted = {roll[vote["roll_seat_id"]]["chair"]: vote["choice"] for vote in votes}
        there = {roll[vote["roll_seat_id"]]["constituency"] for vote in votes}
        found = []
        if len(voted) < rule["seats"]:
            found.append(f"approved by {len(voted)} seats of {rule['seats']}: no quorum")
        if missing := set(rule["constituencies"]) - there:
            found.append(f"approved without {sorted(missing)}")
        silent = [
            one for one in roll.values() if one["present"] and one["id"] not in recused and one["chair"] not in voted
        ]
        if silent:
            found.append("approved although somebody in the room had not voted")
        chair = {vote["choice"] for vote in votes if roll[vote["roll_seat_id"]]["position"] == "chair"}
        if not _carried(Counter(voted.values()), rule, len({one["chair"] for one in roll.values()}), chair):
            found.append(f"approved without a majority: {dict(Counter(voted.values()))}")
        return found

    def _disbursement(self, loan: str, day: str) -> list[str]:
        """What a loan, just paid out, was paid out without."""
        row = self._one(
            "SELECT loan.*, coalesce((SELECT sum(amount) FROM ledger_line l WHERE l.entry_id = loan.entry_id"
            " AND l.account = '1101'), 0) AS cash FROM loan WHERE id = :id",
            id=loan,
        )
        found = [*self._stands(row["resolution_id"], day), *self._may_lend("paid out", day), *self._consents(row)]
        if row["disbursed_on"] > day:
            found.append("paid out in the future")
        others = "SELECT id FROM loan WHERE enterprise_id = :id AND state = 'active' AND id <> :loan"
        if self._rows(others, id=row["enterprise_id"], loan=loan):
            found.append("paid out beside another loan in force")
        return found + self._ceiling(-row["cash"], day)

    def _change(self, change: str, day: str) -> list[str]:
        """What a loan, just changed, was changed without."""
        row = self._one(
            "SELECT c.*, loan.enterprise_id, loan.principal AS lent, r.amount FROM loan_change c"
            " JOIN loan ON loan.id = c.loan_id JOIN resolution r ON r.id = c.resolution_id WHERE c.id = :id",
            id=change,
        )
        found = [*self._stands(row["resolution_id"], day), *self._may_lend("changed", day)]
        if row["kind"] == "tranche":
            found += [*self._consents(row), *self._ceiling(row["lent"], day)]
        if row["kind"] == "write_off" and -row["principal"] > row["amount"]:
            found.append(f"more was written off than was resolved: {row['principal']} of {row['amount']}")
        return found

    def _stands(self, resolution: str, day: str) -> list[str]:
        """Why what is done on a resolution today is done without it."""
        row = self._one(
            "SELECT r.*, s.regulations_id AS ruling FROM resolution r JOIN committee_session s ON s.id = r.session_id"
            " WHERE r.id = :id",
            id=resolution,
        )
        found = [] if row["outcome"] == "approved" else ["done on a resolution that did not approve it"]
        unmet = "SELECT id FROM condition WHERE item_id = :id AND (state <> 'met' OR evidence_file_id IS NULL)"
        if self._rows(unmet, id=row["item_id"]):
            found.append("paid out with a condition open")
        if row["expires_on"] is not None and row["expires_on"] < day:
            found.append(f"paid out on {day}, the approval held until {row['expires_on']}")
        edition = self._edition(row["ruling"])
        needed = edition["competence"]["assents"] if _level(edition, row["amount"])["assent"] else 0
        said = "SELECT count(DISTINCT subject) FROM assent WHERE resolution_id = :id AND gives"
        if (given := self._number(said, id=resolution)) < needed:
            found.append(f"paid out with {given} assents of {needed}")
        return found

    def _may_lend(self, what: str, day: str) -> list[str]:
        found = []
        if self._rows("SELECT id FROM suspension WHERE resumed_at IS NULL"):
            found.append(f"{what} while lending was suspended")
        if self._letter(day) is None:
            found.append(f"{what} while no Agreement Letter was in force")
        return found

    def _consents(self, row: dict[str, Any]) -> list[str]:
        consent = "SELECT enterprise_id FROM copy_enterprise WHERE enterprise_id = :id AND consent_credit"
        return [] if self._rows(consent, id=row["enterprise_id"]) else ["paid out without consent"]

    def _ceiling(self, paid: int, day: str) -> list[str]:
        letter = self._letter(day)
        ceiling = json.loads(letter["parameters"]).get("maximum_disbursement") if letter else None
        beyond = ceiling is not None and paid > ceiling
        return [f"paid out beyond what the Agreement Letter lets: {paid} of {ceiling}"] if beyond else []

    def _letter(self, day: str) -> dict[str, Any] | None:
        """The Agreement Letter in force on a day."""
        begun = self._rows("SELECT * FROM agreement WHERE valid_from <= :day ORDER BY valid_from DESC LIMIT 1", day=day)
        return next((one for one in begun if one["valid_until"] is None or one["valid_until"] >= day), None)

    def _edition(self, regulations: str) -> dict[str, Any]:
        found = self._one("SELECT parameters FROM regulations WHERE id = :id", id=regulations)
        parameters: dict[str, Any] = json.loads(found["parameters"])
        return parameters

    def _rows(self, query: str, **given: Any) -> Rows:
        found = self._driver.execute(query, given)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]

    def _one(self, query: str, **given: Any) -> dict[str, Any]:
        [row] = self._rows(query, **given)
        return row

    def _column(self, query: str, **given: Any) -> list[Any]:
        return [row[0] for row in self._driver.execute(query, given)]

    def _number(self, query: str, **given: Any) -> int:
        [number] = self._column(query, **given)
        return int(number)


def _level(edition: dict[str, Any], amount: int) -> dict[str, Any]:
    """Who decides an amount: the first level that covers it."""
    levels: list[dict[str, Any]] = edition["competence"]["levels"]
    found = next(one for one in levels if one.get("up_to") is None or amount <= one["up_to"])
    return {"quorum": None, "assent": False} | found


def _carried(tally: Counter[str], rule: dict[str, Any], seats: int, chair: set[str]) -> bool:
    """Whether approving found the majority that the edition asks for."""
    approving, votes = tally["approve"], sum(tally.values())
    tied = rule.get("casting_vote", True) and approving == tally["refuse"] > tally["defer"] and chair == {"approve"}
    return {
        "simple": 2 * approving > votes or tied,
        "absolute": 2 * approving > seats,
        "two_thirds": 3 * approving >= 2 * votes,
        "unanimous": approving == votes,
    }[rule.get("majority", "simple")]
