"""What was learned: the answers of the same women before and after, pair by pair, and who is missing from the pairs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import AnswerSheet, CopyMerged, LearningInstrument, Measurement, TrainingGroup
from services.training.models.learning import BEFORE, OPEN
from services.training.queries.learning import show_instrument
from services.training.queries.scope import check_units, within
from services.training.rules.learning.change import gain, paired_means, paired_shares
from services.training.rules.learning.questionnaire import (
    AGREEMENT,
    CHOICE,
    KNOWLEDGE,
    NUMBER,
    TEXT,
    Item,
    agreed,
    agrees,
    marked,
)
from services.training.rules.learning.telling import beside_pairs, enough
from shared.identity import Caller
from shared.merged import standing_for

Answers = Mapping[str, Any]


@dataclass
class _Asked:
    """What a woman of a group handed in at the two moments, and at which she was asked; `settled` is what she handed in
    to measurements that take no answers any more.
    """

    group_id: UUID
    asked: set[str] = field(default_factory=set)
    handed_in: dict[str, Answers] = field(default_factory=dict)
    settled: dict[str, Answers] = field(default_factory=dict)


def learning_result(
    session: Session, caller: Caller, instrument_id: UUID, moment: str, filters: Mapping[str, Any]
) -> dict[str, Any]:
    """How the women of the groups that meet all filters answered before and at `moment`: who is in both, who is lost,
    and the change among the pairs. A measurement counts once it is closed, so that nobody sees the figures move with
    the answer of one woman, and a group once five of it answered. `still_open`: how many still take answers.
    """
    instrument = show_instrument(session, instrument_id)
    measured = _measurements(session, caller, instrument_id, moment, filters)
    women = _women(session, measured)
    items = [Item.read(kept) for kept in instrument["items"]]
    both = [one for one in women if {BEFORE, moment} <= one.settled.keys()]
    then = [one for one in women if moment in one.settled]
    pairs = enough((one.group_id, (one.settled[BEFORE], one.settled[moment])) for one in both)
    counted = enough((one.group_id, one) for one in then)
    return {
        "instrument": instrument,
        "moment": moment,
        "groups": len({measurement.group_id for measurement in measured}),
        "still_open": sum(measurement.state == OPEN for measurement in measured),
        "matching": _matching(women, moment) | {"withdrawn": sum(one.withdrawn for one in measured)},
        "withheld": len(pairs) < len(both) or len(counted) < len(then),
        "score": _score(items, pairs, instrument["purpose"]) if pairs else None,
        "items": [_item(number, item, then, moment) for number, item in enumerate(items, start=1)],
    }


def _measurements(
    session: Session, caller: Caller, instrument_id: UUID, moment: str, filters: Mapping[str, Any]
) -> Sequence[Measurement]:
    wanted = (
        select(Measurement)
        .join(TrainingGroup, TrainingGroup.id == Measurement.group_id)
        .join(LearningInstrument, LearningInstrument.id == Measurement.instrument_id)
        .where(
            Measurement.instrument_id == instrument_id,
            Measurement.moment.in_((BEFORE, moment)),
            caller.scope.condition(TrainingGroup.municipality),
        )
    )
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        wanted = wanted.where(within(TrainingGroup.municipality, [unit]))
    if chain := filters.get("chain"):
        wanted = wanted.where(TrainingGroup.chain == chain)
    if group_id := filters.get("group_id"):
        wanted = wanted.where(TrainingGroup.id == group_id)
    return session.scalars(wanted.order_by(Measurement.id)).all()


def _women(session: Session, measured: Sequence[Measurement]) -> list[_Asked]:
    """Each woman of each group once, under the id by which the registry knows her today."""
    known = {measurement.id: measurement for measurement in measured}
    rows = session.execute(
        select(
            standing_for(CopyMerged, AnswerSheet.entrepreneur_id).label("woman"),
            AnswerSheet.measurement_id,
            AnswerSheet.answers,
            AnswerSheet.handed_in_at,
        )
        .where(AnswerSheet.measurement_id.in_(known))
        .order_by(AnswerSheet.id)
    )
    found: dict[tuple[UUID, UUID], _Asked] = {}
    for row in rows:
        measurement = known[row.measurement_id]
        one = found.setdefault((measurement.group_id, row.woman), _Asked(measurement.group_id))
        one.asked.add(measurement.moment)
        if row.handed_in_at is not None:
            one.handed_in.setdefault(measurement.moment, row.answers)
            if measurement.state != OPEN:
                one.settled.setdefault(measurement.moment, row.answers)
    return list(found.values())


def _matching(women: Sequence[_Asked], moment: str) -> dict[str, Any]:
    """Who of those asked is in the pairs, and where the others were lost."""
    both = sum({BEFORE, moment} <= one.handed_in.keys() for one in women)
    before = sum(BEFORE in one.handed_in for one in women)
    after = sum(moment in one.handed_in for one in women)
    return {
        "women": len(women),
        "both": both,
        "only_before": before - both,
        "only_after": after - both,
        "neither": len(women) - before - after + both,
        "matched_percent": 100 * both / len(women) if women else None,
    }


def _score(items: Sequence[Item], pairs: Sequence[tuple[Answers, Answers]], purpose: str) -> dict[str, Any]:
    """The change of the share of right answers, or of statements agreed with, in per cent."""
    share = marked if purpose == KNOWLEDGE else agreed
    before, after = ([100 * (share(items, pair[place]) or 0) for pair in pairs] for place in (0, 1))
    found = paired_means(before, after)
    return {
        **_change(gain(found.before / 100, found.after / 100)),
        **{name: getattr(found, name) for name in ("pairs", "before", "after", "low", "high", "t", "p", "effect")},
        "points": found.difference,
    }


def _item(number: int, item: Item, then: Sequence[_Asked], moment: str) -> dict[str, Any]:
    """One question: the change among those who answered it twice, and how it was answered at the second moment."""
    key = str(number)
    twice, once = _answers(key, item, then, moment)
    told = {"number": number, "kind": item.kind, "text": item.text}
    return told | {
        "change": _item_change(item, twice) if twice else None,
        "answers": len(once) or None,
        "percent": 100 * fmean(map(_yes(item), once)) if item.kind in {CHOICE, AGREEMENT} and once else None,
        "mean": fmean(once) if item.kind in {AGREEMENT, NUMBER} and once else None,
        "words": sorted(once, key=str.casefold) if item.kind == TEXT else [],
    }


def _answers(key: str, item: Item, then: Sequence[_Asked], moment: str) -> tuple[list[tuple[Any, Any]], list[Any]]:
    """What is told of a question: before and then of who answered it twice, and what was answered then."""
    twice: dict[UUID, list[tuple[Any, Any]]] = {}
    once: dict[UUID, list[Any]] = {}
    for one in then:
        if key not in one.settled[moment]:
            continue
        answer = one.settled[moment][key]
        if key in one.settled.get(BEFORE, {}):
            twice.setdefault(one.group_id, []).append((one.settled[BEFORE][key], answer))
        else:
            once.setdefault(one.group_id, []).append(answer)
    pairs = enough((group, pair) for group, found in twice.items() for pair in found)
    everything: list[tuple[UUID, Any]] = []
    for group in dict.fromkeys([*twice, *once]):
        paired, alone = [second for _, second in twice.get(group, [])], once.get(group, [])
        whole = [*paired, *alone] if item.kind == TEXT else beside_pairs(paired, alone)
        everything += [(group, answer) for answer in whole]
    return pairs, enough(everything)


def _item_change(item: Item, twice: Sequence[tuple[Any, Any]]) -> dict[str, Any] | None:
    if item.kind == TEXT:
        return None
    if item.kind == NUMBER:
        found = paired_means([first for first, _ in twice], [second for _, second in twice])
        told = {name: getattr(found, name) for name in ("pairs", "before", "after", "low", "high", "p", "effect")}
        relative = found.difference / found.before if found.before else None
        return told | {"points": found.difference, "relative": relative, "normalised": None, "gained": None,
                       "lost": None}  # fmt: skip
    yes = _yes(item)
    shares = paired_shares([yes(first) for first, _ in twice], [yes(second) for _, second in twice])
    told = {name: getattr(shares, name) for name in ("pairs", "gained", "lost", "low", "high", "p", "effect")}
    percents = {"before": 100 * shares.before / shares.pairs, "after": 100 * shares.after / shares.pairs}
    return told | percents | _change(shares.gain)


def _yes(item: Item) -> Callable[[Any], bool]:
    """Whether an answer is the right one, or agrees."""
    return (lambda value: bool(value == item.right)) if item.kind == CHOICE else agrees


def _change(found: Any) -> dict[str, Any]:
    return asdict(found)
