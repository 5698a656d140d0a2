"""The map of linkages: from where an input is lacking to where it is sold, among the places of the territory."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from services.territory import reference
from services.territory.queries.introductions import Pair, places_of_marked, possible_pairs
from services.territory.queries.map_figures import TABLED
from services.territory.queries.map_kinds.making import POSSIBLE, Made, Making
from services.territory.rules.access import TECHNICAL_TEAM
from services.territory.rules.classes import Figure, classes_of
from services.territory.rules.drawing import Flow, flows
from services.territory.rules.drawing.overlays import MOST_LINES
from shared import places
from shared.kernel import Forbidden, Invalid


def by_flow(making: Making) -> Made:
    """How many introductions lead from the place of who lacks an input to that of who sells it: lines between two
    places, colour inside one. Only for the technical team, live: from counts of few by chain and input, free to choose,
    others could find out who they are.
    """
    if making.source.published is not None or TECHNICAL_TEAM.isdisjoint(making.caller.roles):
        raise Forbidden("map.flows_team")
    wanted, speak, selection = making.wanted, making.speak, making.selection
    _refuse_what_does_not_apply(making)
    counted = _counted(making)
    between = Counter[tuple[str, str]]()
    for (origin, destination, _), number in counted.items():
        between[origin, destination] += number
    within = {unit: Figure(between[unit, unit]) for unit in selection.shown}
    lines = [Flow(*ends, number) for ends, number in sorted(between.items()) if ends[0] != ends[1]]
    what = speak(f"map.flows.{wanted.stage}")
    return Made(
        classes_of([*within.values(), *making.around()], wanted.scheme, wanted.number, wanted.breaks),
        within,
        [("to", speak("map.flows_to")), ("item", speak("map.flows_item")), ("pairs", speak("map.flows_pairs"))],
        {},
        making.title(f"{what} · {_item(making, wanted.item)}" if wanted.item else what),
        over=lambda outlines, text: flows(outlines, lines, text),
        rows=[_row(making, *key, number) for key, number in sorted(counted.items(), key=lambda one: (-one[1], one[0]))],
        counted=speak(f"map.flows_counted.{wanted.stage}"),
        notes=[speak("map.flows_read"), *_left_out(making, lines)],
    )


def _refuse_what_does_not_apply(making: Making) -> None:
    if making.wanted.per:
        raise Invalid("map.no_rate_here", pointer="/per")
    for name in making.wanted.filters.told():
        if name != "chain":
            raise Invalid("map.flows_filter", pointer=f"/{name}")


def _counted(making: Making) -> Counter[tuple[str, str, str]]:
    """How many pairs there are by the units of buyer and supplier, and by input."""
    wanted, unit_of = making.wanted, making.selection.unit_of
    chosen = [pair for pair in _pairs(making) if wanted.item in {None, pair[2]}]
    return Counter((unit_of(buyer), unit_of(supplier), item) for buyer, supplier, item in chosen)


def _pairs(making: Making) -> list[Pair]:
    stage, chain = making.wanted.stage, making.wanted.filters.chain
    if stage != POSSIBLE:
        return places_of_marked(making.session, making.selection, stage, chain=chain)
    return possible_pairs(making.session, making.caller, making.selection, chain=chain, language=making.language)


def _row(making: Making, origin: str, destination: str, item: str, number: int) -> dict[str, Any]:
    texts = [(None, places.name_of(destination)), (None, _item(making, item)), (number, f"{number:,}")]
    return {
        "code": origin,
        **dict.fromkeys(TABLED),
        "name": places.name_of(origin),
        "cells": [{"value": value, "withheld": False, "text": text} for value, text in texts],
        "class_label": "",
    }


def _item(making: Making, code: str) -> str:
    known = reference.chain_edition().inputs.get(code)
    return known.names[making.language] if known else code


def _left_out(making: Making, lines: Sequence[Flow]) -> list[str]:
    """What the table has and the drawing does not."""
    drawn = [flow for flow in lines if flow.destination in making.outlines.centres]
    notes = []
    if len(drawn) < len(lines):
        notes.append(making.speak("map.flows_outside", number=sum(flow.value for flow in lines if flow not in drawn)))
    if len(drawn) > MOST_LINES:
        notes.append(making.speak("map.flows_most", most=MOST_LINES))
    return notes
