"""Two records of one woman become one, and the merge can be undone."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from services.registry.models import DuplicateMerge, DuplicatePair, DuplicateRecord, Enterprise, Entrepreneur
from services.registry.rules import merging
from services.registry.rules.inventory import PURPOSES
from services.registry.rules.merging import OF_A_WOMAN, Given, Standing
from services.registry.sealing import Sealer
from services.registry.use_cases import together
from services.registry.use_cases.change_entrepreneur import check_person
from services.registry.use_cases.heed_refusals import heed_owners, shared_for
from services.registry.use_cases.profile_enterprise import rank_by_latest
from services.registry.use_cases.records import announce_changed, enterprises_of, told
from services.registry.use_cases.rows import locked
from services.registry.use_cases.settle_places import ask_to_settle
from services.registry.use_cases.unite_enterprises import Choice, decided, unite_enterprises
from shared import history
from shared.bus import log
from shared.events.registry import EnterpriseFacts, EnterpriseMerged, EntrepreneurMerged
from shared.identity import Caller
from shared.kernel import Invalid, Refused, Stale


@dataclass(frozen=True, slots=True)
class Plan:
    """Which record stays, which side is taken for each field, which enterprises are one. What it does not name is as
    the rules suggest. `versions` are those of the women that the choices were made on.
    """

    survivor_id: UUID
    sides: Mapping[str, str] = field(default_factory=dict)
    enterprises: Sequence[Choice] = ()
    versions: Mapping[UUID, int] = field(default_factory=dict)


def pair_to_decide(session: Session, caller: Caller, pair_id: UUID, version: int | None) -> DuplicatePair:
    """The locked pair; refuses one of which a record lies outside the caller's territory, and an old version."""
    pair = locked(session, DuplicatePair, pair_id, "duplicate.unknown")
    caller.require_scope(pair.one_municipality)
    caller.require_scope(pair.other_municipality)
    pair.require_version(version)
    return pair


def tell_apart(session: Session, caller: Caller, pair_id: UUID, *, version: int | None, because: str) -> DuplicatePair:
    """Somebody knows that these are two women. Who, when and why stays with the pair, which does not come back unless
    what tells one from the other changes.
    """
    pair = pair_to_decide(session, caller, pair_id, version)
    pair.tell_apart(caller, because)
    _remember(session, caller, pair, "tell-apart")
    return pair


def reopen_pair(session: Session, caller: Caller, pair_id: UUID, *, version: int | None) -> DuplicatePair:
    """They may be one after all. Refuses what was merged: that is undone at its merge."""
    pair = pair_to_decide(session, caller, pair_id, version)
    if pair.state == "merged":
        raise Refused("duplicate.decided_already", state=pair.state, by=pair.decided_by_name or "")
    pair.reopen()
    _remember(session, caller, pair, "reopen")
    return pair


@dataclass(frozen=True, slots=True)
class _Both:
    """The two women of a pair with their enterprises, locked."""

    one: Entrepreneur
    other: Entrepreneur
    ones: list[Enterprise]
    others: list[Enterprise]
    survivor: Entrepreneur

    @property
    def absorbed(self) -> Entrepreneur:
        return self.other if self.survivor is self.one else self.one

    @property
    def enterprises(self) -> list[Enterprise]:
        return list({enterprise.id: enterprise for enterprise in (*self.ones, *self.others)}.values())

    @property
    def records(self) -> dict[str, list[UUID]]:
        return {"entrepreneur": [self.one.id, self.other.id], "enterprise": [one.id for one in self.enterprises]}


def merge_women(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    pair_id: UUID,
    plan: Plan,
    *,
    version: int | None,
    automatic: bool = False,
) -> DuplicateMerge:
    """The two records of a pair become that of the survivor. Whatever named the other names her: enterprises, forms,
    accompaniments. Of two answers about consent the stricter holds. How all of it stood is kept, sealed, to be undone.

    Refuses a pair that was decided, a record outside the caller's territory, who is not in the inventory any more, and
    choices made on an older record.
    """
    pair = pair_to_decide(session, caller, pair_id, version)
    merge = DuplicateMerge.of(caller, pair, _survivor_of(pair, plan), automatic=automatic)
    pair.become_one(caller)
    both = _locked(session, caller, pair, plan)
    records, before = both.records, together.rows_of(session, both.records)
    stood = [(enterprise, told(enterprise), enterprise.facts()) for enterprise in both.enterprises]
    was = {woman.id: woman.person(sealer).to_json() for woman in (both.one, both.other)}
    shared = shared_for(both.enterprises)
    gone = _unite(session, caller, sealer, both, plan)
    led = together.lead_over(session, "entrepreneur", merge.absorbed_id, merge.survivor_id)
    for stays, goes in gone:
        led += together.lead_over(session, "enterprise", goes, stays)
    session.expire_all()
    for stays, _ in gone:
        rank_by_latest(session, session.get_one(Enterprise, stays))
    heed_owners(session, both.enterprises, shared)
    _forget_comparisons(session, pair, merge.absorbed_id)
    kept = {
        "records": {kind: [str(one) for one in ids] for kind, ids in records.items()},
        "before": before,
        "after": together.rows_of(session, records),
        "led": led,
        "standing": sorted(together.standing_on(session, _staying(merge, gone))),
    }
    sealed = sealer.seal(json.dumps(kept, ensure_ascii=False).encode(), merge.id.bytes)
    merge.keep(gone, {enterprise.municipality for enterprise in both.enterprises}, sealed)
    session.add(merge)
    session.flush()
    _announce(session, caller, sealer, merge, both.survivor, was, stood)
    return merge


def _staying(merge: DuplicateMerge, gone: Iterable[tuple[UUID, UUID]]) -> dict[str, list[UUID]]:
    return {"entrepreneur": [merge.survivor_id], "enterprise": [stays for stays, _ in gone]}


def _locked(session: Session, caller: Caller, pair: DuplicatePair, plan: Plan) -> _Both:
    """Both women and their enterprises, locked in the order of their ids; all lie in the caller's territory."""
    wanted = select(Entrepreneur).where(Entrepreneur.id.in_(pair.women)).order_by(Entrepreneur.id)
    locked = wanted.with_for_update(of=Entrepreneur).execution_options(populate_existing=True)
    women = {woman.id: woman for woman in session.scalars(locked)}
    one, other = (women[woman] for woman in pair.women)
    both = _Both(
        one, other, enterprises_of(session, one.id), enterprises_of(session, other.id), women[plan.survivor_id]
    )
    for enterprise in both.enterprises:
        caller.require_scope(enterprise.municipality)
    for woman, enterprises in ((one, both.ones), (other, both.others)):
        if woman.merged_into is not None:
            raise Refused("entrepreneur.merged")
        if not any(enterprise.counts for enterprise in enterprises):
            raise Refused("merge.not_in_the_inventory")
        if plan.versions.get(woman.id, woman.version) != woman.version:
            raise Stale("changed_meanwhile", current=woman.version)
    return both


def _unite(session: Session, caller: Caller, sealer: Sealer, both: _Both, plan: Plan) -> list[tuple[UUID, UUID]]:
    """Make one record of both; comes back with the enterprises that became one, the one that stays first."""
    preferred = merging.better(standing_of(both.ones), standing_of(both.others))
    choices = [decided(choice, both.ones, both.others) for choice in plan.enterprises]
    if len({one.id for choice in choices for one in (choice.one, choice.other)}) < 2 * len(choices):
        raise Invalid("merge.enterprise_twice", pointer="/enterprises")
    _unite_women(session, caller, sealer, both, plan.sides, preferred)
    for enterprise in both.ones if both.absorbed is both.one else both.others:
        enterprise.hand_over(both.absorbed.id, both.survivor)
    for enterprise in both.enterprises:
        enterprise.heed_consents()
    session.flush()
    gone = [unite_enterprises(session, caller, sealer, choice) for choice in choices]
    session.flush()
    return gone


def standing_of(enterprises: Iterable[Enterprise]) -> Standing:
    """How far the best of her records is checked, and when one of them was changed last."""
    counted = [enterprise for enterprise in enterprises if enterprise.counts]
    state = counted[0].validation
    for enterprise in counted:
        state = merging.checked_further(state, enterprise.validation)
    return Standing(state, max(enterprise.changed_at for enterprise in counted))


def _survivor_of(pair: DuplicatePair, plan: Plan) -> UUID:
    if plan.survivor_id not in pair.women:
        raise Invalid("merge.survivor_of_another_pair", pointer="/survivor_id")
    return plan.survivor_id


def _unite_women(
    session: Session, caller: Caller, sealer: Sealer, both: _Both, sides: Mapping[str, str], preferred: str
) -> None:
    one, other, survivor = both.one, both.other, both.survivor
    persons = one.person(sealer), other.person(sealer)
    sides = merging.suggested(OF_A_WOMAN, *persons, preferred) | dict(sides)
    person = replace(survivor.person(sealer), **merging.chosen(OF_A_WOMAN, *persons, sides))
    check_person(person)
    shown = {merging.ONE: one, merging.OTHER: other}.get(sides.get("document", ""))
    confirmation = None if shown is None else shown.confirmation
    answers = merging.stricter(_answers(one), _answers(other))
    survivor.take_answers(both.absorbed)
    both.absorbed.give_way(survivor.id)
    survivor.describe(person, sealer)
    if confirmation is not None:
        survivor.confirm_document(confirmation)
    session.flush()
    session.refresh(survivor, ["consents"])
    for purpose, given in answers.items():
        survivor.agree(purpose, given.granted, given.given_on, given.channel, caller.subject)


def _answers(woman: Entrepreneur) -> dict[str, Given]:
    last = {consent.purpose: consent for consent in woman.consents}
    return {
        purpose: Given(last[purpose].granted, last[purpose].given_on, last[purpose].channel)
        for purpose in PURPOSES
        if purpose in last
    }


def _forget_comparisons(session: Session, pair: DuplicatePair, absorbed: UUID) -> None:
    """Pairs with a record that is no more leave the queue; the survivor is compared anew."""
    session.execute(delete(DuplicateRecord).where(DuplicateRecord.entrepreneur_id == absorbed))
    hers = or_(DuplicatePair.one_id == absorbed, DuplicatePair.other_id == absorbed)
    waiting = and_(hers, DuplicatePair.state == "open", DuplicatePair.id != pair.id)
    session.execute(delete(DuplicatePair).where(waiting))


def _announce(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    merge: DuplicateMerge,
    survivor: Entrepreneur,
    was: Mapping[UUID, dict[str, Any]],
    stood: Iterable[tuple[Enterprise, dict[str, Any], EnterpriseFacts]],
) -> None:
    """Write the histories of all records, and tell the other services."""
    after = survivor.person(sealer).to_json() | {"merged": str(merge.absorbed_id)}
    for subject, now in ((survivor.id, after), (merge.absorbed_id, {"merged_into": str(survivor.id)})):
        history.record(
            session, caller, subject=subject, kind="entrepreneur", action="merge", before=was[subject], after=now
        )
    for enterprise, then, facts in stood:
        announce_changed(session, caller, enterprise, action="merge", before=then, facts=facts)
        ask_to_settle(session, caller, enterprise)
    for stays, goes in merge.enterprise_pairs:
        log.append(session, EnterpriseMerged(survivor_id=stays, absorbed_id=goes), goes)
    log.append(session, EntrepreneurMerged(survivor_id=survivor.id, absorbed_id=merge.absorbed_id), merge.absorbed_id)


def _remember(session: Session, caller: Caller, pair: DuplicatePair, action: str) -> None:
    session.flush()
    after = {"state": pair.state, "women": [str(woman) for woman in pair.women]}
    history.record(session, caller, subject=pair.id, kind="duplicate", action=action, after=after)
