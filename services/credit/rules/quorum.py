"""Whether a committee may decide, and what its votes amount to."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Choice = Literal["approve", "refuse", "defer"]
Outcome = Literal["approved", "refused", "deferred"]
Majority = Literal["simple", "absolute", "two_thirds", "unanimous"]

CONSTITUENCIES = ("women_organizations", "csem", "leda")
CHOICES: tuple[Choice, ...] = ("approve", "refuse", "defer")
MAJORITIES: tuple[Majority, ...] = ("simple", "absolute", "two_thirds", "unanimous")
_OUTCOMES: dict[str, Outcome] = {"approve": "approved", "refuse": "refused", "defer": "deferred"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What the regulations ask of a decision: `seats` voting, every one of `constituencies`, and a majority."""

    seats: int
    constituencies: tuple[str, ...] = CONSTITUENCIES
    majority: Majority = "simple"
    casting_vote: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """One seat of the frozen roll, as it stands for one agenda item."""

    seat: str
    constituency: str
    present: bool
    recused: bool = False
    chair: bool = False
    choice: Choice | None = None

    @property
    def counts(self) -> bool:
        """Present and free of conflict: a recused member leaves the quorum of the item."""
        return self.present and not self.recused


@dataclass(frozen=True, slots=True)
class Quorum:
    """Who counts for one item against what is needed."""

    present: int
    needed: int
    missing: tuple[str, ...]

    @property
    def reached(self) -> bool:
        return self.present >= self.needed and not self.missing


def quorum(members: Collection[Member], rule: Rule) -> Quorum:
    """The quorum of an item: seats present without conflict, and the constituencies that have nobody among them."""
    return _quorum_of([member for member in members if member.counts], rule)


def voting_quorum(members: Collection[Member], rule: Rule) -> Quorum:
    """The same, counting only who has voted: a decision stands on votes, not on chairs."""
    return _quorum_of([member for member in members if member.choice and not member.recused], rule)


def carried(members: Sequence[Member], rule: Rule) -> Choice | None:
    """The choice that found the majority, or None.

    On a tie between approving and refusing the chair's vote decides, where the regulations give a casting vote.
    """
    votes = [member for member in members if member.choice and not member.recused]
    tally = Counter(str(member.choice) for member in votes)
    for choice in CHOICES:
        if _carries(tally[choice], len(votes), len(members), rule.majority):
            return choice
    if rule.casting_vote and rule.majority == "simple" and tally["approve"] == tally["refuse"] > tally["defer"]:
        for member in votes:
            if member.chair and member.choice in {"approve", "refuse"}:
                return member.choice
    return None


def outcome(members: Sequence[Member], rule: Rule) -> Outcome:
    """What the votes decide; where no majority is found, the item is deferred."""
    return _OUTCOMES[carried(members, rule) or "defer"]


def _quorum_of(counted: Sequence[Member], rule: Rule) -> Quorum:
    there = {member.constituency for member in counted}
    missing = tuple(name for name in rule.constituencies if name not in there)
    return Quorum(len(counted), rule.seats, missing)


def _carries(count: int, votes: int, seats: int, majority: Majority) -> bool:
    if not count:
        return False
    if majority == "simple":
        return 2 * count > votes
    if majority == "absolute":
        return 2 * count > seats
    if majority == "two_thirds":
        return Fraction(count, votes) >= Fraction(2, 3)
    return count == votes
