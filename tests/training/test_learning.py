"""Tests and surveys on both databases: who may ask and answer, pairs and losses, what is told and what is withheld."""

import json
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training import cli
from services.training.models import AnswerAttempts, AnswerSheet, Measurement, TrainingGroup
from services.training.queries.answering import show_sheet
from services.training.queries.groups import list_groups
from services.training.queries.learning import show_measurement
from services.training.queries.learning_results import learning_result
from services.training.reference.learning import questionnaires
from services.training.rules.learning.questionnaire import written
from services.training.use_cases.answer import answer
from services.training.use_cases.measure_learning import (
    close_measurement,
    invite_members,
    open_measurement,
    revoke_sheet,
    write_instrument,
)
from shared import history
from shared.database import Database
from shared.events.registry import EntrepreneurMerged
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale, clock, uuid7
from tests.training.forming import form as form_group
from tests.training.house import STRANGER, TODAY, TRAINER, number, register_many, tell, withdraw, woman_of

KEY = b"k" * 32
QUESTIONS = """¿Cuánto cuesta la docena?
- 24
* 30

¿Qué se anota primero?
* Lo vendido
- Lo pensado

Una mujer puede dirigir una cooperativa.
[acuerdo]

¿Cuántas horas dedica a sus cuentas?
[número]

¿Qué cambiaría?
[texto]
"""
LAST_DAY = date(2026, 4, 1)


def form(session: Session, count: int = 8) -> TrainingGroup:
    register_many(session, 1, count)
    return form_group(session)


@pytest.fixture
def group(session: Session) -> TrainingGroup:
    return form(session)


def write(session: Session, **changed: str) -> Any:
    told = {"code": "costos", "title": "Costos", "purpose": "knowledge", "questions": QUESTIONS} | changed
    return write_instrument(session, TRAINER, **told)


def measure(session: Session, group: TrainingGroup, instrument: Any, moment: str, **changed: Any) -> Measurement:
    asked = {"group_id": group.id, "instrument_id": instrument.id, "moment": moment, "closes_on": LAST_DAY} | changed
    return open_measurement(session, changed.pop("by", TRAINER), **{k: v for k, v in asked.items() if k != "by"})


def sheets(session: Session, measurement: Measurement) -> dict[Any, dict[str, Any]]:
    """The sheets of a measurement by the woman."""
    shown = show_measurement(session, TRAINER, measurement.id, KEY)
    return {row["entrepreneur_id"]: row for row in shown["sheets"]}


def say(session: Session, measurement: Measurement, woman: int, *given: str, hand_in: bool = True) -> AnswerSheet:
    """A woman answers through her own link."""
    token = sheets(session, measurement)[woman_of(woman)]["token"]
    answers = dict(enumerate(given, start=1))
    return answer(session, token, KEY, code=None, answers=answers, hand_in=hand_in)


def close_all(session: Session, besides: Measurement | None = None) -> None:
    """Every measurement takes no answers any more, `besides` one."""
    for measurement in session.scalars(select(Measurement).where(Measurement.closed_on.is_(None))):
        if measurement is not besides:
            close_measurement(session, TRAINER, measurement.id, version=None)


def result(session: Session, instrument: Any, moment: str = "after", **filters: Any) -> dict[str, Any]:
    """What is told once nobody answers any more."""
    close_all(session)
    return learning_result(session, TRAINER, instrument.id, moment, filters)


def test_pairs_and_losses_are_told_and_the_change_is_of_the_pairs(session: Session, group: TrainingGroup) -> None:
    instrument = write(session)
    before, after = (measure(session, group, instrument, moment) for moment in ("before", "after"))
    for woman in range(1, 7):
        say(session, before, woman, "1", "1", "2", "1", "")
    for woman in (2, 3, 4, 5, 6, 7):
        say(session, after, woman, "2", "1", "4" if woman > 2 else "2", "3", f"Más ejemplos {woman}")
    told = result(session, instrument)
    assert told["matching"] == {
        "women": 8,
        "both": 5,
        "only_before": 1,
        "only_after": 1,
        "neither": 1,
        "withdrawn": 0,
        "matched_percent": 62.5,
    }
    score = told["score"]
    assert (score["before"], score["after"], score["points"], score["pairs"]) == (50, 100, 50, 5)
    assert (score["relative"], score["normalised"]) == (1.0, 1.0)
    right, _, agree, hours, words = told["items"]
    assert (right["change"]["gained"], right["change"]["lost"], right["change"]["p"]) == (5, 0, 0.0625)
    assert (agree["change"]["before"], agree["change"]["after"], agree["percent"]) == (0, 80, 80)
    assert (hours["change"]["points"], hours["change"]["relative"], hours["mean"]) == (2, 2, 3)
    assert words["words"] == [f"Más ejemplos {woman}" for woman in range(2, 8)]
    assert (words["change"], told["withheld"]) == (None, False)


def test_what_fewer_than_five_women_said_is_told_to_nobody(session: Session, group: TrainingGroup) -> None:
    instrument = write(session)
    before, after = (measure(session, group, instrument, moment) for moment in ("before", "after"))
    for woman in range(1, 5):
        say(session, before, woman, "1", "1", "2")
        say(session, after, woman, "2", "1", "5", "", "Nada")
    told = result(session, instrument)
    assert (told["matching"]["both"], told["withheld"], told["score"]) == (4, True, None)
    for row in told["items"]:
        assert (row["change"], row["percent"], row["mean"], row["words"]) == (None, None, None, [])


def other_group(session: Session, first: int, count: int) -> TrainingGroup:
    """Another group of the same kind, from enterprise `first` on."""
    register_many(session, first, count)
    return form_group(session, minimum=2)


def test_nobody_sees_the_figures_move_with_the_answer_of_one_woman(session: Session, group: TrainingGroup) -> None:
    instrument = write(session)
    before, after = (measure(session, group, instrument, moment) for moment in ("before", "after"))
    for woman in range(1, 7):
        say(session, before, woman, "1", "1", "2")
        say(session, after, woman, "2", "1", "5", "", "Nada")
    close_all(session, besides=after)
    told = learning_result(session, TRAINER, instrument.id, "after", {})
    assert (told["matching"]["both"], told["still_open"], told["score"], told["withheld"]) == (6, 1, None, False)
    assert [(row["percent"], row["words"]) for row in told["items"]] == [(None, [])] * 5
    assert result(session, instrument)["score"]["pairs"] == 6
    with clock.frozen(TODAY + timedelta(days=60)):
        assert learning_result(session, TRAINER, instrument.id, "after", {})["still_open"] == 0


def test_no_two_figures_tell_what_the_only_woman_said_who_answered_only_then(
    session: Session, group: TrainingGroup
) -> None:
    instrument = write(session)
    before, after = (measure(session, group, instrument, moment) for moment in ("before", "after"))
    for woman in range(1, 7):
        say(session, before, woman, "1", "1", "2")
    for woman in range(1, 8):
        say(session, after, woman, "2" if woman < 7 else "1", "1", "5" if woman < 7 else "1", str(woman))
    right, _, agree, hours, _ = result(session, instrument)["items"]
    assert (right["percent"], right["change"]["after"], right["answers"]) == (100, 100, 6)
    assert (agree["percent"], agree["mean"]) == (100, 5)
    assert (hours["change"], hours["mean"]) == (None, 4), "of seven who told their hours, nobody did before"


def test_asking_for_more_groups_and_then_for_fewer_tells_of_no_small_group(
    session: Session, group: TrainingGroup
) -> None:
    instrument = write(session)
    small = other_group(session, 11, 3)
    for one, women in ((group, range(1, 7)), (small, range(11, 14))):
        before, after = (measure(session, one, instrument, moment) for moment in ("before", "after"))
        for woman in women:
            say(session, before, woman, "1", "1", "2")
            say(session, after, woman, "2" if one is group else "1", "1", "5", "", f"Dije {woman}")
    whole, large = result(session, instrument), result(session, instrument, group_id=group.id)
    assert (whole["matching"]["both"], large["matching"]["both"]) == (9, 6)
    assert (whole["score"], whole["items"]) == (large["score"], large["items"])
    assert (whole["withheld"], large["withheld"]) == (True, False)


def test_her_code_opens_the_groups_link_and_nobody_elses(session: Session, group: TrainingGroup) -> None:
    measurement = measure(session, group, write(session), "before")
    shown = show_measurement(session, TRAINER, measurement.id, KEY)
    mine = next(row for row in shown["sheets"] if row["entrepreneur_id"] == woman_of(3))
    typed = f" {mine['code'][:3].lower()}-{mine['code'][3:].lower()} "
    answer(session, shown["token"], KEY, code=typed, answers={1: "2"}, hand_in=False)
    assert show_sheet(session, mine["token"], KEY, None)["items"][0]["answer"] == "2"
    for code, said in ((None, "answer_link.code_needed"), ("ZZZZZZ9", "answer_link.unknown_code")):
        with pytest.raises(Invalid) as refused:
            show_sheet(session, shown["token"], KEY, code)
        assert refused.value.code == said
    again = measure(session, group, write(session, code="otra"), "before")
    assert sheets(session, again)[woman_of(3)]["code"] == mine["code"], "one code as long as she is in the group"


def test_codes_are_not_tried_until_one_is_somebodys(database: Database) -> None:
    with database.transaction() as session:
        measurement = measure(session, form(session), write(session), "before")
        shown = show_measurement(session, TRAINER, measurement.id, KEY)
    group_link, mine = shown["token"], shown["sheets"][0]

    def said(code: str | None, address: str, token: str = group_link) -> str:
        try:
            with database.reading() as session:
                show_sheet(session, token, KEY, code, address)
        except Refused as refused:
            return refused.code
        return "shown"

    wrong, wait = "answer_link.unknown_code", "answer_link.too_many_wrong"
    most = AnswerAttempts.limits["pair"]
    assert {said(f"ZZZ{number:03}", "203.0.113.7") for number in range(most)} == {wrong}
    assert said(mine["code"], "203.0.113.7") == wait, "not even a right one is looked at"
    assert said(mine["code"], "203.0.113.8") == "shown", "the others of her group go on"
    assert said(None, "203.0.113.7", mine["token"]) == "shown", "her personal link needs no code"
    elsewhere = [said(f"YYY{number:03}", f"198.51.100.{number}") for number in range(most + 1)]
    assert elsewhere == [wrong] * (AnswerAttempts.limits["link"] - most) + [wait], (
        "however many addresses they come from"
    )
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        assert said(mine["code"], "203.0.113.7") == "shown"


def test_which_answer_is_right_is_not_told_to_who_answers(session: Session, group: TrainingGroup) -> None:
    measurement = measure(session, group, write(session), "before")
    token = sheets(session, measurement)[woman_of(1)]["token"]
    shown = show_sheet(session, token, KEY, None)
    assert "right" not in json.dumps(shown, default=str)
    assert [item["kind"] for item in shown["items"]] == ["choice", "choice", "agreement", "number", "text"]


def test_she_saves_as_she_goes_and_hands_in_once(session: Session, group: TrainingGroup) -> None:
    measurement = measure(session, group, write(session), "before")
    assert say(session, measurement, 1, "1", hand_in=False).state == "begun"
    with pytest.raises(Refused) as refused:
        say(session, measurement, 1, "1", "", "3")
    assert (refused.value.code, refused.value.facts["questions"]) == ("answer.incomplete", "2")
    assert say(session, measurement, 1, "1", "1", "3").state == "handed_in"
    with pytest.raises(Refused, match=r"answer\.handed_in"):
        say(session, measurement, 1, "2", "2", "3", hand_in=False)


def test_a_link_that_is_over_revoked_or_forged_leads_nowhere(session: Session, group: TrainingGroup) -> None:
    measurement = measure(session, group, write(session), "before")
    one, two = (sheets(session, measurement)[woman_of(woman)] for woman in (1, 2))
    revoke_sheet(session, TRAINER, measurement.id, one["id"])
    with pytest.raises(Refused, match=r"answer_link\.revoked_already"):
        revoke_sheet(session, TRAINER, measurement.id, one["id"])
    with pytest.raises(NotFound, match=r"answer_link\.unknown"):
        revoke_sheet(session, TRAINER, measurement.id, uuid7())
    forged = two["token"][:-2] + ("AA" if two["token"][-2:] != "AA" else "BB")
    for token, key in ((one["token"], KEY), (forged, KEY), (two["token"], b"x" * 32)):
        with pytest.raises(NotFound, match=r"answer_link\.over"):
            show_sheet(session, token, key, None)
    with clock.frozen(TODAY + timedelta(days=60)), pytest.raises(NotFound, match=r"answer_link\.over"):
        show_sheet(session, two["token"], KEY, None)
    close_measurement(session, TRAINER, measurement.id, version=measurement.version)
    with pytest.raises(NotFound, match=r"answer_link\.over"):
        answer(session, two["token"], KEY, code=None, answers={1: "1"}, hand_in=False)
    with pytest.raises(Refused, match=r"measurement\.closed"):
        close_measurement(session, TRAINER, measurement.id, version=None)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"closes_on": date(2026, 3, 4)}, "measurement.last_day"),
        ({"closes_on": date(2026, 5, 5)}, "measurement.last_day"),
        ({"instrument_id": number(9)}, "instrument.unknown"),
        ({"group_id": number(9)}, "group.unknown"),
        ({"by": STRANGER}, "permission.outside_scope"),
    ],
)
def test_what_cannot_be_measured_is_refused(session: Session, group: TrainingGroup, changed: Any, code: str) -> None:
    with pytest.raises((Refused, Forbidden)) as refused:
        measure(session, group, write(session), "before", **changed)
    assert refused.value.code == code


def test_a_moment_is_measured_once_and_with_one_edition(session: Session, group: TrainingGroup) -> None:
    first = write(session)
    measure(session, group, first, "before")
    with pytest.raises(Refused, match=r"measurement\.opened_already"):
        measure(session, group, first, "before")
    second = write(session)
    assert (first.edition, second.edition) == (1, 2)
    with pytest.raises(Invalid, match=r"measurement\.other_edition"):
        measure(session, group, second, "after")
    pleased = write(session, code="gusto", purpose="satisfaction", questions="Me sirve.\n[acuerdo]")
    with pytest.raises(Invalid, match=r"measurement\.nothing_before"):
        measure(session, group, pleased, "before")
    with pytest.raises(Invalid, match=r"instrument\.other_purpose"):
        write(session, purpose="perception")


def test_who_joins_later_is_asked_too(session: Session, group: TrainingGroup) -> None:
    measurement = measure(session, group, write(session), "before")
    with pytest.raises(Refused, match=r"measurement\.nobody_new"):
        invite_members(session, TRAINER, measurement.id, version=measurement.version)
    with pytest.raises(Stale):
        invite_members(session, TRAINER, measurement.id, version=measurement.version + 1)
    session.delete(session.get_one(AnswerSheet, sheets(session, measurement)[woman_of(1)]["id"]))
    session.flush()
    invite_members(session, TRAINER, measurement.id, version=None)
    assert len(sheets(session, measurement)) == 8
    actions = [entry["action"] for entry in history.of(session, measurement.id)]
    assert actions == ["open", "invite"]


def test_who_withdrew_leaves_no_answer_behind_and_is_counted(session: Session, group: TrainingGroup) -> None:
    instrument = write(session)
    measurement = measure(session, group, instrument, "after")
    for woman in range(1, 7):
        say(session, measurement, woman, "2", "1", "5", "", f"Dije {woman}")
    withdraw(session, 1)
    assert len(sheets(session, measurement)) == 7
    told = result(session, instrument)
    assert (told["matching"]["withdrawn"], told["matching"]["only_after"]) == (1, 5)
    assert "Dije 1" not in json.dumps(told, default=str)


def test_two_records_of_one_woman_are_one_pair(session: Session, group: TrainingGroup) -> None:
    instrument = write(session)
    before, after = (measure(session, group, instrument, moment) for moment in ("before", "after"))
    for woman in range(1, 6):
        say(session, before, woman, "1", "1", "2")
    for woman in (6, 2, 3, 4, 5):
        say(session, after, woman, "2", "1", "5")
    assert result(session, instrument)["matching"]["both"] == 4
    tell(session, EntrepreneurMerged(survivor_id=woman_of(1), absorbed_id=woman_of(6)), woman_of(1))
    told = result(session, instrument)["matching"]
    assert (told["women"], told["both"]) == (7, 5)


def test_only_her_own_territory_is_counted(session: Session, group: TrainingGroup) -> None:
    instrument = write(session)
    before, after = (measure(session, group, instrument, moment) for moment in ("before", "after"))
    for woman in range(1, 7):
        say(session, before, woman, "1", "1", "2")
        say(session, after, woman, "2", "1", "5")
    assert learning_result(session, STRANGER, instrument.id, "after", {})["groups"] == 0
    assert result(session, instrument, unit="HN1701")["matching"]["women"] == 0
    assert result(session, instrument, chain="fishing")["matching"]["women"] == 8
    assert result(session, instrument, group_id=uuid7())["matching"]["women"] == 0
    with pytest.raises(Invalid, match=r"municipality\.unknown"):
        result(session, instrument, unit="HN99")
    assert result(session, instrument, "later")["matching"]["only_before"] == 6


def test_the_questionnaires_to_begin_from_can_be_read() -> None:
    for starter in questionnaires():
        assert written(starter["questions"], starter["purpose"])


@pytest.fixture
def place(database: Database) -> Any:
    with database.transaction() as opened:
        form(opened)
    return SimpleNamespace(service=lambda _name: SimpleNamespace(database=database))


def test_the_commands_say_what_the_api_says(place: Any, database: Database, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(cli.group, words, obj=place, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    file = tmp_path / "questions.txt"
    file.write_text(QUESTIONS, encoding="utf-8")
    run("questionnaire", str(file), "--code", "costos", "--title", "Costos", "--purpose", "knowledge")
    for moment in ("before", "after"):
        run("measure", "1", "costos", "--moment", moment, "--until", "2026-04-01")
    with database.transaction() as session:
        (row,) = list_groups(session, TRAINER, {}, limit=5, after=None).rows
        measured = {one.moment: one for one in session.query(Measurement).filter_by(group_id=row["id"])}
        for woman in range(1, 7):
            say(session, measured["before"], woman, "1", "1", "2")
            say(session, measured["after"], woman, "2", "1", "5")
        close_all(session)
        instrument_id = measured["before"].instrument_id
        expected = learning_result(session, TRAINER, instrument_id, "after", {})
    told = json.loads(run("learned", "costos", "--json"))
    assert told["score"] == expected["score"]
    assert told["matching"] == expected["matching"]
    assert "+50.0" in run("learned", "costos")
    missing = CliRunner().invoke(cli.group, ["learned", "nada"], obj=place)
    assert "There is no questionnaire nada" in missing.output


def test_a_survey_of_perceptions_has_the_share_that_agrees_as_its_headline(
    session: Session, group: TrainingGroup
) -> None:
    asked = "Una mujer puede dirigir.\n[acuerdo]\n\nEl cuidado es de todos.\n[acuerdo]"
    instrument = write(session, code="igualdad", purpose="perception", questions=asked)
    before, after = (measure(session, group, instrument, moment) for moment in ("before", "after"))
    for woman in range(1, 6):
        say(session, before, woman, "4", "1")
        say(session, after, woman, "4", "5" if woman > 1 else "3")
    score = result(session, instrument)["score"]
    assert (score["before"], score["after"], score["points"]) == (50, 90, 40)
