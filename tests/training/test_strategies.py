"""Training strategies by kind of enterprise, need and place; and the subjects that women ask for."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from services.training.models import TrainingGroup
from services.training.queries.asked_subjects import notes, subjects
from services.training.queries.strategies import list_strategies, strategies_in_force
from services.training.rules.strategies import ANY, Strategy, in_force
from services.training.use_cases.decide_strategy import decide_strategy
from services.training.use_cases.note_subject import answer_subject, note_subject
from shared.kernel import Forbidden, Refused
from tests.training import curriculum_house as house
from tests.training.house import COORDINATOR, STRANGER, TODAY, TRAINER, woman_of
from tests.training.lessons import form_group

pytestmark = pytest.mark.both_databases
DAY = TODAY.date()
DECIDED: dict[str, Any] = {
    "unit": "HN17",
    "type": "fishing",
    "need": "quality",
    "since": DAY,
    "form": "on_site",
    "methods": ["demonstration"],
    "minutes": 600,
    "smallest": 6,
    "largest": 12,
    "decided_by": "Reunión técnica",
    "source": "Evaluación",
    "note": "",
}


@pytest.fixture
def group(session: Session) -> TrainingGroup:
    return form_group(session)


def refused(code: str) -> Any:
    return pytest.raises(Refused, match=f"^{code.replace('.', '[.]')}")


def decide(session: Session, **changed: Any) -> Any:
    return decide_strategy(session, changed.pop("by", TRAINER), **(DECIDED | changed))


def followed(session: Session, chain: str, need: str, unit: str = "HN17", day: date | None = None) -> dict[str, Any]:
    rows = strategies_in_force(session, TRAINER, unit=unit, day=day, chain=chain)
    return next(row for row in rows if row["need"] == need)


def test_where_nobody_decided_the_network_says_what_to_begin_with(session: Session) -> None:
    fishing = followed(session, "fishing", "quality")
    assert (fishing["type"], fishing["form"], fishing["decided_by"]) == ("family:farming", "field_school", None)
    assert followed(session, "fishing", "credit")["type"] == "any"
    assert len(strategies_in_force(session, TRAINER, unit="HN17")) == 15 * 5


def test_of_one_day_the_last_decision_holds_and_the_one_before_until_then(session: Session) -> None:
    decide(session, since=DAY - timedelta(days=30), minutes=300)
    decide(session, minutes=600)
    last = decide(session, minutes=900)
    decide(session, since=DAY + timedelta(days=9), minutes=1200)
    assert (followed(session, "fishing", "quality")["id"], last.minutes) == (last.id, 900)
    assert followed(session, "fishing", "quality", day=DAY - timedelta(days=1))["minutes"] == 300
    assert followed(session, "fishing", "quality", day=DAY + timedelta(days=9))["minutes"] == 1200
    told = list_strategies(session, TRAINER, {"need": "quality"}, limit=9, after=None).rows
    assert [row["minutes"] for row in told] == [1200, 900, 600, 300]


def test_a_decision_of_a_country_holds_in_its_places_and_nowhere_else(session: Session) -> None:
    decide(session, unit="HN", by=COORDINATOR)
    assert followed(session, "fishing", "quality", "HN1709")["unit"] == "HN"
    assert list_strategies(session, STRANGER, {}, limit=9, after=None).rows == []
    with pytest.raises(Forbidden):
        strategies_in_force(session, STRANGER, unit="HN17")
    with pytest.raises(Forbidden):
        decide(session, unit="HN")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"smallest": 13}, "strategy.sizes"),
        ({"since": DAY + timedelta(days=400)}, "strategy.day_too_far"),
        ({"methods": ["case", "case"]}, "curriculum.method_twice"),
        ({"unit": "HN99"}, "municipality.unknown"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(session: Session, wrong: dict[str, Any], code: str) -> None:
    with refused(code):
        decide(session, **wrong)


_UNITS = st.sampled_from(("", "HN", "HN17", "HN1709", "SV"))
_KINDS = st.sampled_from((ANY, "fishing", "family:farming", "honey"))
_STRATEGIES = st.builds(
    Strategy,
    unit=_UNITS,
    type=_KINDS,
    need=st.sampled_from(("quality", "credit")),
    since=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    order=st.integers(0, 9),
    facts=st.just({}),
)


@given(st.lists(_STRATEGIES, max_size=12), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_the_strategy_in_force_fits_and_none_that_fits_is_narrower_or_later(decided: list[Strategy], day: date) -> None:
    asked: dict[str, Any] = {"chain": "fishing", "family": "farming", "need": "quality", "unit": "HN1709", "day": day}
    best = in_force(decided, **asked)
    width = {"fishing": 0, "family:farming": 1, ANY: 2}
    fitting = [
        one
        for one in decided
        if one.type in width and one.need == "quality" and "HN1709".startswith(one.unit) and one.since <= day
    ]
    assert (best is None) == (not fitting)
    for one in fitting:
        assert best is not None
        assert (width[best.type], -len(best.unit)) <= (width[one.type], -len(one.unit))
        if (best.type, best.unit) == (one.type, one.unit):
            assert (best.since, best.order) >= (one.since, one.order)


def note(session: Session, subject: str = "Primeros auxilios", **changed: Any) -> Any:
    told = {"women": 3, "source": "session", "asked_on": DAY, "unit": "HN1709"}
    return note_subject(session, changed.pop("by", TRAINER), subject=subject, **(told | changed))


def asked(session: Session, caller: Any = TRAINER, **filters: Any) -> list[dict[str, Any]]:
    return list(subjects(session, caller, filters, limit=9, after=None).rows)


def test_what_is_asked_in_the_same_words_counts_together_by_place(session: Session, group: TrainingGroup) -> None:
    note(session)
    note(session, "primeros AUXILIOS", unit="HN1701", women=5)
    note(session, "Computación", group_id=group.id, unit=None, women=2)
    first, second = asked(session)
    assert (first["subject"], first["women"]) == ("Computación", 2)
    assert (second["women"], second["waiting"], second["notes"]) == (8, 8, 2)
    assert second["places"] == [{"unit": "HN1701", "women": 5}, {"unit": "HN1709", "women": 3}]
    assert asked(session, STRANGER) == []
    assert len(notes(session, TRAINER, {"subject": "PRIMEROS auxilios"}, limit=9, after=None).rows) == 2


def test_a_subject_is_taken_up_in_a_curriculum_or_declined_once(session: Session) -> None:
    kept = house.begin(session)
    note(session)
    with refused("asked_subject.which_curriculum"):
        answer_subject(session, TRAINER, subject="Primeros auxilios", state="taken_up", answer="Sí")
    told = {"subject": "primeros auxilios", "state": "taken_up", "answer": "Módulo 3", "curriculum_id": kept.id}
    (done,) = answer_subject(session, TRAINER, **told)
    assert (done.state, done.curriculum_id) == ("taken_up", kept.id)
    with refused("asked_subject.nothing_waits"):
        answer_subject(session, TRAINER, **told)
    note(session, women=1)
    (row,) = asked(session)
    assert (row["women"], row["waiting"], row["answers"][0]["curriculum_title"]) == (4, 1, kept.title)


def test_an_answer_reaches_the_caller_s_territory_only(session: Session) -> None:
    note(session, by=COORDINATOR, unit="HN0601")
    with refused("asked_subject.nothing_waits"):
        answer_subject(session, TRAINER, subject="Primeros auxilios", state="declined", answer="No hay quién")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"subject": "¿?"}, "asked_subject.without_letters"),
        ({"asked_on": DAY + timedelta(days=1)}, "asked_subject.to_come"),
        ({"unit": None}, "asked_subject.nowhere"),
        ({"entrepreneur_id": woman_of(1)}, "asked_subject.woman_without_group"),
        ({"unit": "HN0601"}, "permission.outside_scope"),
    ],
)
def test_a_note_that_cannot_be_is_refused(session: Session, wrong: dict[str, Any], code: str) -> None:
    with refused(code):
        note(session, **wrong)


def test_a_group_asks_with_no_more_women_than_it_has_and_a_woman_for_one(
    session: Session, group: TrainingGroup
) -> None:
    with refused("asked_subject.more_than_group"):
        note(session, group_id=group.id, women=9)
    with refused("asked_subject.one_woman"):
        note(session, group_id=group.id, entrepreneur_id=woman_of(1), women=2)
    with refused("curriculum.not_a_member"):
        note(session, group_id=group.id, entrepreneur_id=woman_of(99), women=1)
