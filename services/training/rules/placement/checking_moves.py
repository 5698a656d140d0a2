"""Who moves when a round is planned anew, counted again from what was and what is told; nothing here is shared with the
search.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.training.rules.placement.answer import Violation
from services.training.rules.placement.round import Group


def checked_moves(
    was: Mapping[UUID, tuple[UUID, tuple[str, str, str, str]]],
    groups: Sequence[tuple[Group, UUID | None]],
    told: int,
) -> tuple[Violation, ...]:
    """What is wrong with the number of women who are told to move; nothing when it is right.

    `was`: for each confirmed woman her group, and its venue, hour, topic and language. `groups`: each with the group
    formed before that it goes on as. A woman stays where her group goes on, at its venue and hour, with its topic and
    language, and she is in it.
    """
    wrong = []
    going = [before for _, before in groups if before is not None]
    if len(going) != len(set(going)):
        wrong.append(Violation("goes_on_twice", {"groups": len(going) - len(set(going))}))
    now: dict[UUID, tuple[UUID | None, tuple[str, str, str, str]]] = {}
    for group, before in groups:
        cell = group.cell
        place = (cell.venue.split("@")[0], cell.slot, cell.topic, cell.language)
        for woman in group.women:
            now[woman] = (before, place)
    count = sum(1 for woman, then in was.items() if now.get(woman) != then)
    if count != told:
        wrong.append(Violation("other_moves", {"told": told, "counted": count}))
    return tuple(wrong)
