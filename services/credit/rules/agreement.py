"""What an Agreement Letter between the agency and the trustee fixes, and whether the regulations ask for one."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import ROUND_DOWN, Decimal
from typing import Any

from services.credit.rules.demands import demand, plain, too_large
from shared.kernel import Invalid

ROLES = ("host", "trustee", "centre", "funder", "other")
"""What a party is to the fund."""
LAST_DUE_DAY = 28
LONGEST_SOURCE = 300
LONGEST_OFFICE = 100
_ALL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether the fund lends only while an Agreement Letter is in force."""

    required: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Clauses:
    """The parameters of a letter; amounts in cents, shares in percent, what it leaves out is None.

    `trustee_fee` is the most that the trustee charges in a month, `trustee_income_share` its part of a positive result,
    which comes before the shares of the regulations; `maximum_disbursement` the most that one loan may take from the
    trustee's account, `reserve_floor` what stays there whatever the fund's own reserve is, `statement_due_day` the day
    of the month until which the statement of the month before is there, `withdrawal_signatures` the offices that sign
    what leaves the account, together. `sources` says of a clause where in the letter it stands.
    """

    trustee_fee: int | None = None
    trustee_income_share: Decimal | None = None
    maximum_disbursement: int | None = None
    reserve_floor: int = 0
    statement_due_day: int | None = None
    withdrawal_signatures: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)

    def of_income(self, result: int) -> int:
        """What the trustee gets of a result, in cents and rounded down; nothing of a loss."""
        share = self.trustee_income_share
        return 0 if share is None or result <= 0 else int((share * result / _ALL).to_integral_value(ROUND_DOWN))


CLAUSES = tuple(one.name for one in fields(Clauses) if one.name != "sources")


def read_asked(item: Mapping[str, Any]) -> Asked:
    """`{"required": true, "source": "art. 3"}`."""
    asked = Asked(**item)
    demand(type(asked.required) is bool, "/agreement/required")
    demand(type(asked.source) is str and bool(asked.source.strip()), "/agreement/source")
    return asked


def read_clauses(item: Mapping[str, Any]) -> Clauses:
    """The clauses of a letter; refuses what it does not know and what cannot be, naming the field."""
    if not isinstance(item, Mapping):
        raise Invalid("agreement.unreadable", pointer="/parameters")
    for name in item:
        if name not in (*CLAUSES, "sources"):
            raise Invalid("agreement.clause_unknown", pointer=f"/parameters/{name}", clause=str(name)[:60])
    large = too_large(item)
    _demand(large is None, (large or "")[1:])
    clauses = Clauses(
        **{
            **item,
            "trustee_income_share": _share(item.get("trustee_income_share")),
            "withdrawal_signatures": _offices(item.get("withdrawal_signatures", [])),
            "sources": _sources(item.get("sources", {})),
        }
    )
    for name in ("trustee_fee", "maximum_disbursement"):
        amount = getattr(clauses, name)
        _demand(amount is None or (type(amount) is int and amount > 0), name)
    _demand(type(clauses.reserve_floor) is int and clauses.reserve_floor >= 0, "reserve_floor")
    day = clauses.statement_due_day
    _demand(day is None or (type(day) is int and 1 <= day <= LAST_DUE_DAY), "statement_due_day")
    return clauses


def unsigned(offices: Iterable[str], signatures: Iterable[Mapping[str, str]]) -> list[str]:
    """The offices for which nobody signed."""
    signed = {folded(one["office"]) for one in signatures if folded(one["name"])}
    return [office for office in offices if folded(office) not in signed]


def folded(text: str) -> str:
    """A name or an office however it is written: only its letters and digits count, without accents and capitals."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text).casefold() if sign.isalnum())


def _share(value: Any) -> Decimal | None:
    if value is None:
        return None
    _demand(type(value) in {str, int} and plain(value), "trustee_income_share")
    share = Decimal(value)
    _demand(share <= _ALL and share == round(share, 2), "trustee_income_share")
    return share


def _offices(items: Any) -> tuple[str, ...]:
    """The offices without what surrounds them; each is written so that it can be signed for, and no two are one."""
    _demand(isinstance(items, list | tuple) and all(type(office) is str for office in items), "withdrawal_signatures")
    offices = tuple(office.strip() for office in items)
    _demand(all(folded(office) and len(office) <= LONGEST_OFFICE for office in offices), "withdrawal_signatures")
    _demand(len(set(map(folded, offices))) == len(offices), "withdrawal_signatures")
    return offices


def _sources(item: Any) -> Mapping[str, str]:
    _demand(isinstance(item, Mapping), "sources")
    for name, source in item.items():
        _demand(name in CLAUSES and type(source) is str and 0 < len(source.strip()) <= LONGEST_SOURCE, "sources")
    return dict(item)


def _demand(condition: bool, clause: str) -> None:
    if not condition:
        raise Invalid("agreement.contradictory", pointer=f"/parameters/{clause}", clause=clause)
