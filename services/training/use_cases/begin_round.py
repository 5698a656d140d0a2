"""A round is begun in one step, with venues where groups met before, or in the middle of each municipality."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Placement, RoundVenue, TrainingRound
from services.training.queries.learners import learners
from services.training.queries.needs import located
from services.training.reference.rounds import Policy, policy
from services.training.rules.nearness import has_middle
from services.training.use_cases.keep_round import add_venue, locked_round, plan_round
from services.training.use_cases.propose_placement import propose_placement
from shared import places
from shared.identity import Caller
from shared.kernel import Refused, clock

_KEPT = ("name", "municipality", "lon", "lat", "slots", "rooms", "child_care", "facilitators")


def begin_round(session: Session, caller: Caller, *, units: Sequence[str], told: Mapping[str, Any]) -> Placement:
    """A round from today on with suggested venues, and a first answer to it. `told`: `topics`, and where they differ
    from what the policy suggests, `name`, `minimum`, `maximum` and `reach_km`; `improve`: whether it goes on being
    improved. Nothing stays of it where it is refused.
    """
    edition, today = policy(), clock.today()
    taught = ", ".join(edition.topics[topic].names["es"] for topic in told["topics"])
    given = {name: told[name] for name in ("topics", "minimum", "maximum", "reach_km") if name in told}
    begun = edition.suggestion
    days = {"begins_on": today, "ends_on": today + timedelta(days=begun["days"]), "budget": begun["budget"]}
    name = told.get("name") or f"{taught or units[0]}, {today.isoformat()}"[:120]
    made = plan_round(session, caller, units=units, told={"name": name, **days, **given})
    suggest_venues(session, caller, round_id=made.id)
    return propose_placement(session, caller, round_id=made.id, improve=told.get("improve", True))


def suggest_venues(session: Session, caller: Caller, *, round_id: UUID) -> list[RoundVenue]:
    """The venues added to a round: in the municipalities where most women wait for what it teaches, and where it has
    none yet, the one in which the last round met, else the middle of the known enterprises, open at any hour, with a
    room and somebody who teaches still to be named. Refused where nobody waits in a municipality whose middle is known.
    """
    found, edition = locked_round(session, caller, round_id), policy()
    has = {venue.municipality for venue in found.venues}
    needs = {edition.topics[topic].need for topic in found.topics}
    women = learners(session, [unit.unit for unit in found.units], edition).values()
    waiting = Counter(one.municipality for one in women if needs & one.needs.keys())
    points = located(session, sorted(waiting))
    there = [code for code, known in points.items() if code not in has and has_middle(known)]
    busiest = sorted(there, key=lambda code: (-waiting[code], code))
    added = []
    for code in busiest[: edition.suggestion["venues"]]:
        told = _known(session, found, code) or _middle(found, code, edition)
        added.append(add_venue(session, caller, round_id=round_id, told=told))
    if not added and not has:
        raise Refused("round.nobody")
    session.refresh(found, ["venues"])
    return added


def _known(session: Session, found: TrainingRound, municipality: str) -> dict[str, Any] | None:
    """The venue of the municipality that was used last and teaches something of the round."""
    last = session.scalars(
        select(RoundVenue)
        .where(RoundVenue.municipality == municipality, RoundVenue.round_id != found.id)
        .order_by(RoundVenue.id.desc())
    )
    for venue in last:
        if any(set(one["topics"]) & set(found.topics) for one in venue.facilitators):
            return {name: getattr(venue, name) for name in _KEPT}
    return None


def _middle(found: TrainingRound, municipality: str, edition: Policy) -> dict[str, Any]:
    """A venue still to be found, which stands near the middle."""
    names = edition.suggestion
    teacher = {"name": names["facilitator"], "topics": list(found.topics), "languages": list(names["languages"])}
    return {
        "name": names["venue"].format(place=places.name_of(municipality)),
        "municipality": municipality,
        "lon": None,
        "lat": None,
        "slots": list(edition.slots),
        "rooms": [{"name": names["room"], "seats": found.maximum}],
        "child_care": {},
        "facilitators": [{**teacher, "slots": []}],
    }
