"""Whether two records are of the same woman: what each field says is weighed, added up and decided on."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from math import log2
from typing import NamedTuple

from services.registry.rules.linkage.bearers import Bearers
from services.registry.rules.linkage.comparison import Seen, what_a_household_shares, who_she_is
from services.registry.rules.linkage.policy import Limits, Policy, Stance
from services.registry.rules.linkage.traits import Traits

NAMES = frozenset({"given_names", "surnames"})
SURROUNDINGS = frozenset({"municipality", "place", "address", "point"})
"""What follows from living in the same place: one of it brings the others, so that it is counted up to a limit."""


class Decision(Enum):
    """What is done with a pair: merged without asking, put into the queue, left alone."""

    SAME = "same"
    LOOK_AT = "look_at"
    DIFFERENT = "different"


class Reason(NamedTuple):
    """One field's part of the score: the outcome and its points; `bearers` is N where one record in N has the value;
    `metres` between two points.
    """

    field: str
    outcome: str
    points: float
    bearers: int | None = None
    metres: int | None = None

    @property
    def code(self) -> str:
        """Of its sentence in the catalogues, which may name `bearers` and `metres`."""
        return f"duplicate.{self.field}.{self.outcome}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on a pair, its score, and why: the reasons with the most points for or against first."""

    decision: Decision
    points: float
    reasons: tuple[Reason, ...]

    @property
    def code(self) -> str:
        """Of the decision's sentence in the catalogues."""
        return f"duplicate.{self.decision.value}"


def judge(one: Traits, other: Traits, policy: Policy, bearers: Bearers) -> Verdict:
    """What the two records say together; what only one of them knows says nothing."""
    limits = policy.limits
    who = [_weigh(seen, policy, bearers) for seen in who_she_is(one, other, limits)]
    shared = [_weigh(seen, policy, bearers) for seen in what_a_household_shares(one, other, limits)]
    reasons = [*who, *shared]
    points = _sum(reasons, limits.surroundings)
    return Verdict(
        decision=_decide(reasons, points, sum(reason.points for reason in who), policy, bearers.records),
        points=points,
        reasons=tuple(sorted(reasons, key=lambda reason: (-abs(reason.points), reason.field))),
    )


def are_two(one: Traits, other: Traits, policy: Policy, bearers: Bearers) -> bool:
    """Whether what is personal says already that these are two women, whatever a household has in common besides."""
    who = (_weigh(seen, policy, bearers).points for seen in who_she_is(one, other, policy.limits))
    return sum(who) < policy.limits.personal


def _weigh(seen: Seen, policy: Policy, bearers: Bearers) -> Reason:
    weight = policy.weights[seen.field, seen.outcome]
    if not weight.by_share:
        return Reason(seen.field, seen.outcome, weight.points, metres=seen.metres)
    share = _share(seen, weight.u, policy.limits, bearers)
    return Reason(seen.field, seen.outcome, log2(weight.m / share), bearers=round(1 / share))


def _share(seen: Seen, usual: float, limits: Limits, bearers: Bearers) -> float:
    """How likely another woman has this value too; where the records differ, the value that is the more common."""
    kind = "name" if seen.field in NAMES else seen.field
    share = max(bearers.share(kind, seen.one), bearers.share(kind, seen.other))
    usual_records = limits.usual_records
    smoothed = (share * bearers.records + usual * usual_records) / (bearers.records + usual_records)
    return max(smoothed, limits.least_share)


def _sum(reasons: Iterable[Reason], most: float) -> float:
    around = sum(reason.points for reason in reasons if reason.field in SURROUNDINGS)
    return min(around, most) + sum(reason.points for reason in reasons if reason.field not in SURROUNDINGS)


def _decide(reasons: Iterable[Reason], points: float, personal: float, policy: Policy, records: int) -> Decision:
    """An equal number of a document is looked at in any case: she is there twice, or one number is wrong."""
    limits = policy.limits
    beyond = points - log2(max(records, limits.fewest_records))
    one_document = any((reason.field, reason.outcome) == ("document", "equal") for reason in reasons)
    if not one_document and (beyond < limits.look_at or personal < limits.personal):
        return Decision.DIFFERENT
    return Decision.SAME if beyond >= limits.certain and _is_certain(reasons, policy) else Decision.LOOK_AT


def _is_certain(reasons: Iterable[Reason], policy: Policy) -> bool:
    """Whether her names agree, and besides them enough that is independent of each other, and nothing contradicts.

    Document or day of birth must be among it. A document alone is never enough, nor is what a household has in common.
    """
    stances = {reason.field: policy.weights[reason.field, reason.outcome].stance for reason in reasons}
    agreeing = {field for field, stance in stances.items() if stance is Stance.AGREES}
    if Stance.CONTRADICTS in stances.values() or not agreeing >= NAMES or agreeing.isdisjoint({"document", "born_on"}):
        return False
    at_home = {"home"} if agreeing & SURROUNDINGS else set()
    independent = {"names"} | at_home | (agreeing & {"document", "born_on", "phone"})
    return len(independent) >= policy.limits.agreements
