"""Who earns a diploma: by the share of the hours she attended and, for achievement, by completing the training."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

ATTENDANCE, ACHIEVEMENT = "attendance", "achievement"
KINDS = (ATTENDANCE, ACHIEVEMENT)

HAS_ONE, TOO_FEW_HOURS, NOT_COMPLETED, NO_NAME = "has_one", "too_few_hours", "not_completed", "no_name"
EARNED = "earned"
LEFT_OUT = (HAS_ONE, TOO_FEW_HOURS, NOT_COMPLETED, NO_NAME)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind of diploma asks for, from a day on: the least share of the hours, as a percentage, and whether
    the training must have been completed.
    """

    valid_from: date
    source: str
    share_percent: int
    completed: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who was taught: for how many tenths of an hour, whether she completed it, her name if it is known."""

    holder_id: UUID
    name: str | None
    tenths: int
    completed: bool


def left_out(
    rule: Rule, candidate: Candidate, tenths: int, holders: Collection[UUID]
) -> tuple[str, dict[str, Any]] | None:
    """Why the candidate gets no diploma for a training of `tenths` of an hour: one of `LEFT_OUT` and the facts that
    prove it; None when she gets one. `holders` have one already.
    """
    if candidate.holder_id in holders:
        return HAS_ONE, {}
    if Fraction(candidate.tenths, tenths) < Fraction(rule.share_percent, 100):
        needed = Fraction(rule.share_percent * tenths, 100)
        return TOO_FEW_HOURS, {
            "hours": hours(candidate.tenths),
            "needed": hours(-(-needed.numerator // needed.denominator)),
        }
    if rule.completed and not candidate.completed:
        return NOT_COMPLETED, {}
    if not candidate.name:
        return NO_NAME, {}
    return None


def hours(tenths: int) -> str:
    """Tenths of an hour as hours are written: `24`, `7.5`."""
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)
