"""A round is set up: for whom, of what, how large, and where and when it could be taught."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import RoundUnit, RoundVenue, Trainer, TrainingRound
from services.training.queries.needs import located
from services.training.queries.scope import check_scope, check_units
from services.training.queries.trainers import is_visible
from services.training.reference.rounds import policy
from services.training.rules.nearness import told_middle_of
from shared import history, places
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Stale, clock, uuid7


def plan_round(session: Session, caller: Caller, *, units: Sequence[str], told: Mapping[str, Any]) -> TrainingRound:
    """A new round for the women of `units`. `told`: `name`, `begins_on`, `ends_on`, `topics`, and where they differ
    from the policy's, `minimum`, `maximum`, `reach_km`, `budget`, `seed`. Refuses territory outside the caller's,
    sizes and days that contradict each other, and what is beyond the policy's limits.
    """
    check_units(units, pointer="/units")
    check_scope(caller, units)
    names = ("minimum", "maximum", "reach_km", "budget", "seed")
    facts: dict[str, Any] = {name: policy().defaults[name] for name in names} | dict(told)
    _check(facts)
    made = TrainingRound(
        id=uuid7(),
        made_by=caller.subject,
        made_by_name=caller.name,
        made_at=clock.now(),
        units=[RoundUnit(unit=unit) for unit in _widest(units)],
        **facts,
    )
    session.add(made)
    session.flush()
    history.record(session, caller, subject=made.id, kind="round", action="plan", after=_plain(made))
    return made


def change_round(
    session: Session, caller: Caller, *, round_id: UUID, version: int | None, told: Mapping[str, Any]
) -> TrainingRound:
    """Change what the round is; placements that were asked for before keep what they were asked."""
    found = locked_round(session, caller, round_id)
    found.require_version(version)
    before = _plain(found)
    _check(before | dict(told))
    found.change(told)
    session.flush()
    history.record(session, caller, subject=round_id, kind="round", action="change", before=before, after=_plain(found))
    return found


def add_venue(session: Session, caller: Caller, *, round_id: UUID, told: Mapping[str, Any]) -> RoundVenue:
    """A venue of the round. Without a point it stands within a kilometre of the middle of the enterprises known in
    its municipality; refused where fewer than three are, and where rooms, hours, child care or teachers
    contradict each other.
    """
    locked_round(session, caller, round_id)
    facts = _located(session, _with_trainers(session, caller, told))
    _check_venue(facts)
    venue = RoundVenue(id=uuid7(), round_id=round_id, **facts)
    session.add(venue)
    session.flush()
    after = {"name": venue.name, "slots": venue.slots}
    history.record(session, caller, subject=round_id, kind="round", action="add_venue", after=after)
    return venue


def change_venue(
    session: Session, caller: Caller, *, round_id: UUID, venue_id: UUID, version: int | None, told: Mapping[str, Any]
) -> RoundVenue:
    """Replace all that was known of a venue."""
    venue = _venue(session, caller, round_id, venue_id, version)
    facts = _located(session, _with_trainers(session, caller, told))
    _check_venue(facts)
    before = {"name": venue.name, "slots": venue.slots}
    venue.change(facts)
    session.flush()
    after = {"name": venue.name, "slots": venue.slots}
    history.record(session, caller, subject=round_id, kind="round", action="change_venue", before=before, after=after)
    return venue


def remove_venue(session: Session, caller: Caller, *, round_id: UUID, venue_id: UUID, version: int | None) -> None:
    """The round does without the venue; placements that were asked for before keep it."""
    venue = _venue(session, caller, round_id, venue_id, version)
    session.delete(venue)
    session.flush()
    before = {"name": venue.name}
    history.record(session, caller, subject=round_id, kind="round", action="remove_venue", before=before)


def locked_round(session: Session, caller: Caller, round_id: UUID) -> TrainingRound:
    """A round of the caller's territory, locked."""
    found = session.scalar(select(TrainingRound).where(TrainingRound.id == round_id).with_for_update())
    if found is None:
        raise NotFound("round.unknown")
    check_scope(caller, [unit.unit for unit in found.units])
    return found


def _venue(session: Session, caller: Caller, round_id: UUID, venue_id: UUID, version: int | None) -> RoundVenue:
    locked_round(session, caller, round_id)
    venue = session.scalar(select(RoundVenue).where(RoundVenue.id == venue_id).with_for_update())
    if venue is None or venue.round_id != round_id:
        raise NotFound("venue.unknown")
    if version is not None and version != venue.version:
        raise Stale("changed_meanwhile", current=venue.version)
    return venue


def _plain(found: TrainingRound) -> dict[str, Any]:
    names = ("name", "begins_on", "ends_on", "topics", "minimum", "maximum", "reach_km", "budget", "seed")
    return {name: getattr(found, name) for name in names}


def _check(facts: Mapping[str, Any]) -> None:
    begins: date = facts["begins_on"]
    if facts["ends_on"] < begins:
        raise Invalid("round.ends_before", pointer="/ends_on", begins=begins)
    for name, (least, most) in policy().limits.items():
        if not least <= facts[name] <= most:
            raise Invalid("round.out_of_limits", pointer=f"/{name}", least=least, most=most)
    if facts["minimum"] > facts["maximum"]:
        raise Invalid("round.minimum_over_maximum", pointer="/minimum", maximum=facts["maximum"])
    if not facts["topics"]:
        raise Invalid("round.no_topics", pointer="/topics")


def _with_trainers(session: Session, caller: Caller, told: Mapping[str, Any]) -> dict[str, Any]:
    """What was told, with who teaches taken from the list of trainers where an id is told: her name stands as in the
    list, and so do her topics, languages and hours where nothing else was said. Refuses who is not in the caller's
    list, teaches no more, or does not go to that municipality.
    """
    made = []
    for number, one in enumerate(told["facilitators"]):
        trainer_id = one.get("trainer_id")
        if trainer_id is None:
            for name in ("name", "topics", "languages"):
                if not one[name]:
                    raise Invalid("field.required", pointer=f"/facilitators/{number}/{name}")
            made.append({name: one[name] for name in ("name", "topics", "languages", "slots")})
            continue
        pointer = f"/facilitators/{number}/trainer_id"
        trainer = session.get(Trainer, trainer_id)
        if trainer is None or not is_visible(session, caller, trainer_id):
            raise Invalid("trainer.unknown", pointer=pointer)
        if trainer.left_on is not None:
            raise Invalid("trainer.left", pointer=pointer, day=trainer.left_on)
        if not trainer.goes_to(told["municipality"]):
            raise Invalid("trainer.not_there", pointer=pointer, name=trainer.name)
        hers = {name: one[name] or getattr(trainer, name) for name in ("topics", "languages")}
        slots = one["slots"] or [slot for slot in trainer.slots if slot in told["slots"]]
        if trainer.slots and not slots:
            raise Invalid("venue.teaches_while_closed", pointer="/facilitators", name=trainer.name)
        made.append({"name": trainer.name, "trainer_id": str(trainer_id), "slots": slots, **hers})
    return {**told, "facilitators": made}


def _located(session: Session, told: Mapping[str, Any]) -> dict[str, Any]:
    """What was told of a venue with a point, and with the hours of all who teach there."""
    teaching = [{**one, "slots": one["slots"] or told["slots"]} for one in told["facilitators"]]
    told, municipality = {**told, "facilitators": teaching}, told["municipality"]
    if municipality not in places.municipalities():
        raise Invalid("municipality.unknown", pointer="/municipality", value=municipality)
    if told.get("lon") is not None and told.get("lat") is not None:
        return told
    middle = told_middle_of(located(session, [municipality]).get(municipality, []))
    if middle is None:
        raise Invalid("venue.no_point", pointer="/lon")
    return {**told, "lon": middle[0], "lat": middle[1]}


def _check_venue(facts: Mapping[str, Any]) -> None:
    if not facts["slots"]:
        raise Invalid("venue.no_slots", pointer="/slots")
    for name in ("rooms", "facilitators"):
        if not facts[name]:
            raise Invalid(f"venue.no_{name}", pointer=f"/{name}")
        names = [one["name"].strip().casefold() for one in facts[name]]
        if len(set(names)) < len(names):
            raise Invalid("venue.same_name", pointer=f"/{name}")
    hours = set(facts["slots"])
    if strange := sorted(set(facts["child_care"]) - hours):
        raise Invalid("venue.care_while_closed", pointer="/child_care", slot=strange[0])
    for one in facts["facilitators"]:
        if not set(one["slots"]) & hours:
            raise Invalid("venue.teaches_while_closed", pointer="/facilitators", name=one["name"])


def _widest(units: Sequence[str]) -> list[str]:
    """`units` without those that lie inside another of them."""
    return sorted(unit for unit in set(units) if not any(unit != other and unit.startswith(other) for other in units))
