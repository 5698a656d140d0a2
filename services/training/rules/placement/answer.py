"""What a round is answered with: groups, what they are worth, and one reason for each woman who is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from services.training.rules.placement.round import Cell, Group, Worth

Fact = str | int | tuple[str, ...]
Seat = tuple[Cell, str]
"""A group by where it sits: its cell and its room."""


class Reason(StrEnum):
    """Why a woman has no place: the first of these that holds for her. Each says which facts come with it."""

    NO_PLACE = "no_place"
    """Where she lives is not known."""
    NO_NEED = "no_need"
    """She needs nothing that the round teaches."""
    TOO_FAR = "too_far"
    """`metres` to the nearest `venue`; no venue where there is none at all."""
    NO_SLOT = "no_slot"
    """No venue in her reach is open when she can come."""
    NO_FACILITATOR = "no_facilitator"
    """Nobody teaches what she needs where and when she can come: `topics`."""
    NO_LANGUAGE = "no_language"
    """Somebody teaches it there and then, in none of her `languages`."""
    NO_CHILD_CARE = "no_child_care"
    """`children` of hers need care; where she could learn there are at most `places`."""
    NO_ROOM = "no_room"
    """Where she could learn no room has seats for the least group: at most `seats`."""
    TOGETHER = "together"
    """Those who come with her, `companions`, can be in no group with her."""
    PLACEABLE = "placeable"
    """A group could take her as it is, or be opened (`venue`, `slot`, `topic`, `type`, `language`): true only of groups
    that were changed by hand."""
    DISPLACED = "displaced"
    """A group could take her (`venue`, `slot`, `topic`, `type`, `language`, `room`) if `out` left it; of the worth that
    would take `placed`, `groups`, `match` and `metres`."""
    CAPACITY = "capacity"
    """Each group that she could be in is full, and rooms or facilitators for a further one are taken: `holders`, each
    `venue/slot/room`."""
    NO_COHORT = "no_cohort"
    """`more` women like her would open a group, in the cell for which fewest are missing: `venue`, `slot`, `topic`,
    `type`, `language`."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A woman without a place, and why."""

    woman: UUID
    reason: Reason
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Groups in the order of their cells and rooms, and those left out in the order of their ids."""

    groups: tuple[Group, ...]
    worth: Worth
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: after `iteration` of `budget`, the best groups until then and their worth."""

    iteration: int
    budget: int
    worth: Worth
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """No answer to the round places more than `placed` (priorities, as in `Worth`)."""

    placed: int

    def gap_percent(self, worth: Worth) -> float:
        """How much more than `worth` the best possible answer may place at most, in percent of the bound."""
        return 100.0 * (self.placed - worth.placed) / self.placed if self.placed else 0.0


class Change(StrEnum):
    """What could be changed in a round so that more women are placed. Each says which facts come with it."""

    SLOT = "slot"
    """Open `venue` in `slot`, with the facilitators it has."""
    FACILITATOR = "facilitator"
    """One more facilitator at `venue` for `topic` in `language`, whenever it is open."""
    CHILD_CARE = "child_care"
    """`places` more for children at `venue` in `slot`."""
    ROOM = "room"
    """One more room of `seats` at `venue`."""
    REACH = "reach"
    """`metres` farther than now."""
    MINIMUM = "minimum"
    """Groups of `women` and more."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A change of the round and how much more would be placed with it: priorities, and women."""

    change: Change
    facts: Mapping[str, Fact]
    placed: int
    women: int


@dataclass(frozen=True, slots=True)
class Violation:
    """Something in an answer that is not as it must be: a stable code and what it is about."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
