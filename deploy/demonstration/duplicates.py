"""Two invented women who stand in the demonstration's inventory twice: one pair waits, the other was merged."""

from dataclasses import replace

from deploy.demonstration.inventory import register_invented
from deploy.demonstration.women import Invented, invent
from deploy.house import House
from services.registry import duplicates
from services.registry.use_cases.merge_certain import certain_pairs, merge_if_certain
from services.registry.work import Directly
from shared.identity import Caller

_TWICE = (3, 7)
"""Their numbers among the invented."""


def write_twice(house: House, caller: Caller) -> None:
    """Write them down again, a little otherwise, search, and merge the first pair that is certain."""
    women = [one for one in invent(max(_TWICE)) if one.number in _TWICE]
    register_invented(house, caller, [_again(one) for one in women])
    registry = house.service("registry")
    sealer = registry.web.extensions["context"].sealer
    work = Directly(caller, registry.database.transaction, registry.database.reading)
    duplicates.search(work, sealer)
    with registry.database.transaction() as session:
        merge_if_certain(session, caller, sealer, certain_pairs(session, caller)[0])


def _again(one: Invented) -> Invented:
    """As somebody else would write her down who met her at her stall; nothing of hers is on the public map."""
    return replace(
        one, given_names=one.given_names.replace("í", "i"), business=one.business.replace("N.º", "No."), needs=()
    )
