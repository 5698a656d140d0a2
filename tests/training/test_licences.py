"""A licence to teach is earned by proofs, issued by somebody else, renewed, suspended, revoked; its number tells."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypdf
import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from services.training.cli import group
from services.training.models import TrainerLicence
from services.training.queries.licences import (
    list_editions,
    list_licences,
    show_candidate,
    show_edition,
    show_licence,
    verified,
)
from services.training.rules.licences import (
    ACTIVE,
    REVOKED,
    STANDINGS,
    SUSPENDED,
    Leave,
    Level,
    Proof,
    holds,
    last_day,
    marked_percent,
    progress,
    standing,
)
from services.training.use_cases.license_trainers import (
    give_licence_back,
    issue_licence,
    renew_licence,
    revoke_licence,
    suspend_licence,
)
from services.training.use_cases.train_trainers import (
    enter_candidate,
    note_hours,
    note_observation,
    note_test,
    open_edition,
    strike_proof,
)
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale, clock, uuid7
from shared.service import Service
from shared.testing import person
from shared.tokens import Keyring
from tests.training.csr_house import Desk, refusal, service, written_on
from tests.training.house import COORDINATOR, STRANGER, TRAINER, number
from tests.training.lessons import form_group, plan
from tests.training.trainers_house import DAY, EDITION, candidate, licensed, marks, prove_all, trainer

__all__ = ["service"]

both = pytest.mark.both_databases
ABROAD = person("coordinator", scope="GT", subject="abroad", name="Abril Afuera")


def at(day: date) -> Any:
    return clock.frozen(datetime(day.year, day.month, day.day, 18, tzinfo=UTC))


def standings(session: Session, wanted: str, by: Caller = TRAINER) -> list[str]:
    return [row["number"] for row in list_licences(session, by, {"standing": wanted}, limit=50, after=None).rows]


@both
def test_a_candidate_earns_her_licence_step_by_step(session: Session) -> None:
    one = candidate(session, trainer(session))
    shown = show_candidate(session, TRAINER, one.id)
    assert [(step["kind"], step["needed"], step["reached"]) for step in shown["steps"]] == [
        ("hours", 2400, 0),
        ("test", 70, 0),
        ("observation", 2, 0),
    ]
    with pytest.raises(Refused, match=r"licence\.not_earned") as refused:
        issue_licence(session, COORDINATOR, one.id, version=None)
    assert refused.value.facts["missing"] == 3
    prove_all(session, one)
    shown = show_candidate(session, TRAINER, one.id)
    assert shown["earned"]
    made = issue_licence(session, COORDINATOR, one.id, version=shown["version"])
    assert (made.valid_from, made.valid_until) == (date(2026, 3, 5), date(2028, 3, 4))
    with pytest.raises(Refused, match=r"licence\.issued_already"):
        issue_licence(session, COORDINATOR, one.id, version=None)
    assert show_candidate(session, TRAINER, one.id)["licence_number"] == made.number
    assert show_edition(session, TRAINER, one.edition_id)["people"][0]["earned"]


@both
def test_the_best_test_and_only_good_observations_count_and_what_was_struck_does_not(session: Session) -> None:
    one = candidate(session, trainer(session))
    for percent in (40, 75, 60):
        note_test(session, TRAINER, one.id, on=DAY, percent=percent)
    note_observation(session, TRAINER, one.id, on=DAY, marks=marks(2))
    note_observation(session, TRAINER, one.id, on=DAY, marks=marks(3))
    reached = [step["reached"] for step in show_candidate(session, TRAINER, one.id)["steps"]]
    assert reached == [0, 75, 1], "two of four points are 50 percent, less than the 60 of this level"
    strike_proof(session, TRAINER, one.id, 2, version=None, why="Era de otra persona")
    assert show_candidate(session, TRAINER, one.id)["steps"][1]["reached"] == 60
    with pytest.raises(Refused, match=r"licence\.struck_already"):
        strike_proof(session, TRAINER, one.id, 2, version=None, why="x")
    with pytest.raises(NotFound, match=r"licence\.proof_unknown"):
        strike_proof(session, TRAINER, one.id, 9, version=None, why="x")
    with pytest.raises(Stale):
        strike_proof(session, TRAINER, one.id, 1, version=1, why="x")


@both
def test_wrong_proofs_are_refused(session: Session) -> None:
    her = trainer(session)
    one = candidate(session, her)
    with pytest.raises(Invalid, match=r"licence\.proof_to_come"):
        note_hours(session, TRAINER, one.id, on=date(2026, 3, 6), minutes=60)
    with pytest.raises(Invalid, match=r"licence\.marks_missing"):
        note_observation(session, TRAINER, one.id, on=DAY, marks={"opening": 4})
    with pytest.raises(Invalid, match=r"licence\.marks"):
        note_observation(session, TRAINER, one.id, on=DAY, marks=marks(5))
    with pytest.raises(Invalid, match=r"licence\.session_not_hers"):
        note_observation(session, TRAINER, one.id, on=DAY, marks=marks(), session_id=uuid7())
    with pytest.raises(Invalid, match=r"licence\.candidate_already"):
        enter_candidate(session, TRAINER, one.edition_id, trainer_id=her.id)
    with pytest.raises(Invalid, match=r"trainer\.unknown"):
        enter_candidate(session, TRAINER, one.edition_id, trainer_id=number(3))
    with pytest.raises(Invalid, match=r"licence\.edition_ends_before"):
        open_edition(session, COORDINATOR, **(EDITION | {"ends_on": date(2026, 1, 1)}))


@both
def test_a_session_of_hers_is_observed_once(session: Session) -> None:
    her = trainer(session)
    one = candidate(session, her)
    taught = plan(session, form_group(session), trainer_id=her.id)
    note_observation(session, TRAINER, one.id, on=DAY, marks=marks(), session_id=taught.id)
    with pytest.raises(Invalid, match=r"licence\.observed_already"):
        note_observation(session, TRAINER, one.id, on=DAY, marks=marks(), session_id=taught.id)
    strike_proof(session, TRAINER, one.id, 1, version=None, why="Puntos equivocados")
    note_observation(session, TRAINER, one.id, on=DAY, marks=marks(), session_id=taught.id)


@both
def test_nobody_says_of_herself_what_she_can_or_licenses_herself(session: Session) -> None:
    her = trainer(session, account=TRAINER.subject)
    one = candidate(session, her)
    with pytest.raises(Refused, match=r"licence\.oneself"):
        note_test(session, TRAINER, one.id, on=DAY, percent=100)
    boss = trainer(session, name="Coralia", account=COORDINATOR.subject)
    hers = candidate(session, boss, name="Otra edición")
    prove_all(session, hers)
    with pytest.raises(Refused, match=r"licence\.oneself"):
        issue_licence(session, COORDINATOR, hers.id, version=None)


@both
def test_a_licence_is_renewed_once_near_its_end_and_the_new_one_follows_it(session: Session) -> None:
    first = licensed(session, trainer(session))
    with pytest.raises(Refused, match=r"licence\.too_early") as refused:
        renew_licence(session, COORDINATOR, first.id, version=None)
    opens = refused.value.facts["day"]
    assert opens == first.valid_until - timedelta(days=90)
    with at(opens + timedelta(days=40)):
        assert standings(session, "expiring") == [first.number]
        second = renew_licence(session, COORDINATOR, first.id, version=None)
        assert second.valid_from == first.valid_until + timedelta(days=1)
        assert standings(session, "expiring") == [], "it is renewed"
        with pytest.raises(Refused, match=r"licence\.renewed_already"):
            renew_licence(session, COORDINATOR, first.id, version=None)
        assert show_licence(session, TRAINER, first.id)["renewed_by_id"] == second.id
        revoke_licence(session, COORDINATOR, first.id, version=None, reason="Cobró por lugares")
        assert verified(session, second.number)["standing"] == "revoked", "the one that renews it goes with it"


@both
def test_a_licence_that_ended_is_renewed_from_today(session: Session) -> None:
    first = licensed(session, trainer(session))
    with at(first.valid_until + timedelta(days=30)):
        assert verified(session, first.number)["standing"] == "expired"
        assert renew_licence(session, COORDINATOR, first.id, version=None).valid_from == clock.today()


@both
def test_suspended_and_revoked_licences_do_not_count_and_say_why(session: Session) -> None:
    made = licensed(session, trainer(session))
    suspend_licence(session, COORDINATOR, made.id, version=1, reason="Se revisa una queja")
    with pytest.raises(Stale):
        revoke_licence(session, COORDINATOR, made.id, version=1, reason="x")
    assert verified(session, made.number.lower())["standing"] == "suspended"
    with pytest.raises(Refused, match=r"licence\.is_suspended"):
        suspend_licence(session, COORDINATOR, made.id, version=None, reason="x")
    with pytest.raises(Refused, match=r"licence\.is_suspended"):
        renew_licence(session, COORDINATOR, made.id, version=None)
    give_licence_back(session, COORDINATOR, made.id, version=None)
    with pytest.raises(Refused, match=r"licence\.not_suspended"):
        give_licence_back(session, COORDINATOR, made.id, version=None)
    revoke_licence(session, COORDINATOR, made.id, version=None, reason="Cobró por lugares")
    with pytest.raises(Refused, match=r"licence\.is_revoked"):
        revoke_licence(session, COORDINATOR, made.id, version=None, reason="x")
    steps = show_licence(session, TRAINER, made.id)["steps"]
    assert [one["action"] for one in steps] == ["issue", "suspend", "give_back", "revoke"]
    assert steps[-1]["reason"] == "Cobró por lugares"


@both
def test_a_number_tells_whether_it_counts_and_nothing_of_who_holds_it(session: Session) -> None:
    made = licensed(session, trainer(session))
    told = verified(session, f" {made.number.lower()} ")
    assert told == {"number": made.number, "standing": "valid", "valid_until": made.valid_until}
    with pytest.raises(NotFound, match=r"licence\.number_unknown"):
        verified(session, "L2026-AAAAAAAA")


@both
def test_another_territory_sees_and_decides_nothing(session: Session) -> None:
    made = licensed(session, trainer(session))
    one = candidate(session, trainer(session, name="Otra"))
    assert standings(session, "valid", by=ABROAD) == []
    assert list_editions(session, ABROAD, {}, limit=5, after=None).rows == []
    for act in (
        lambda: show_licence(session, STRANGER, made.id),
        lambda: show_candidate(session, STRANGER, one.id),
        lambda: revoke_licence(session, ABROAD, made.id, version=None, reason="x"),
        lambda: note_test(session, STRANGER, one.id, on=DAY, percent=90),
        lambda: open_edition(session, ABROAD, **EDITION),
    ):
        with pytest.raises((Forbidden, NotFound)):
            act()


@both
def test_the_list_by_standing_is_what_the_rule_says_of_each(session: Session) -> None:
    her, today = trainer(session), clock.today()
    made = 0
    for state in (ACTIVE, SUSPENDED, REVOKED):
        for first in (-30, -1, 0, 1, 30):
            for length in (0, 1, 29, 31, 400):
                made += 1
                begins = today + timedelta(days=first)
                session.add(
                    TrainerLicence(
                        id=uuid7(), number=f"L{made}", trainer_id=her.id, unit="HN17", level="facilitator",
                        topics=[], valid_from=begins, valid_until=begins + timedelta(days=length), state=state,
                        state_since=today, recorded_by="x", recorded_by_name="x", recorded_at=clock.now(),
                    )
                )  # fmt: skip
    session.flush()
    rows = list_licences(session, TRAINER, {}, limit=200, after=None).rows
    for wanted in STANDINGS:
        found = list_licences(session, TRAINER, {"standing": wanted}, limit=200, after=None).rows
        assert {row["number"] for row in found} == {row["number"] for row in rows if row["standing"] == wanted}, wanted
    assert sum(row["expiring"] for row in rows) == len(standings(session, "expiring"))


def test_licences_that_follow_each_other_count_as_one_and_a_gap_does_not() -> None:
    def leave(first: date, last: date, **changed: Any) -> Leave:
        return Leave(**({"trainer_id": number(1), "topics": frozenset({"a"}), "valid_from": first,
                         "valid_until": last, "state": ACTIVE} | changed))  # fmt: skip

    may, june, july = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
    day = timedelta(days=1)
    one, two = leave(may, june - day), leave(june, july)
    assert holds([two, one], "a", may, july)
    assert not holds([one], "a", may, june)
    assert not holds([one, leave(june + day, july)], "a", may, july)
    assert not holds([one, leave(june, july, state=SUSPENDED)], "a", may, july)
    assert not holds([one, two], "b", may, may)


def test_what_marks_come_to_is_rounded_down() -> None:
    assert marked_percent({"a": 4, "b": 1}, ["a", "b", "c"], 4) == 41
    level = Level("x", {}, hours=1, test_percent=50, observations=1, observed_percent=41, years=1)
    assert [step.met for step in progress(level, [Proof("observation", percent=41)])] == [False, False, True]


def test_years_end_the_day_before_they_begin_anew() -> None:
    assert last_day(date(2026, 3, 5), 2) == date(2028, 3, 4)
    assert last_day(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert standing(SUSPENDED, date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)) == "expired"


def test_a_licence_is_printed_with_the_address_that_tells_whether_it_counts(
    service: Service, keys: dict[str, Keyring], tmp_path: Path
) -> None:
    with service.database.transaction() as session:
        licence = licensed(session, trainer(session))
        path, number = f"/trainer-licences/{licence.id}", licence.number
    desk = Desk(service, keys, COORDINATOR)
    for language, said in (
        (
            "es",
            ("Licencia para enseñar", "como facilitadora", "Inocuidad", "del 5 de marzo de 2026 al 4 de marzo de 2028"),
        ),
        ("en", ("Licence to teach", "as facilitator", "Food safety", "from 5 March 2026 to 4 March 2028")),
    ):
        answer = desk.get(f"{path}/document", language=language)
        assert answer.content_type == "application/pdf"
        read = pypdf.PdfReader(BytesIO(answer.data))
        text = " ".join(read.pages[0].extract_text().split())
        for words in (*said, "Fabiola Formadora", number):
            assert words in text
        assert (len(read.pages), read.trailer["/Root"]["/Lang"]) == (1, language)
        assert b"pdfuaid" in answer.data or "/MarkInfo" in read.trailer["/Root"]
        (link,) = [one.get_object()["/A"]["/URI"] for one in read.pages[0]["/Annots"]]
        assert link.endswith(f"/verify/licence?number={number}")
        house = SimpleNamespace(service=lambda _name: service)
        words = ("licences", "paper", path.rsplit("/", 1)[1], "--language", language, "--into", str(tmp_path))
        done = CliRunner().invoke(group, words, obj=house, catch_exceptions=False)
        assert Path(done.output.strip()).read_bytes() == answer.data
    assert desk.get(f"{path}/document", language="fr").status_code == 422
    assert Desk(service, keys, ABROAD).get(f"{path}/document").status_code == 404


def test_only_a_licence_that_counts_is_printed(service: Service, keys: dict[str, Keyring]) -> None:
    with service.database.transaction() as session:
        path = f"/trainer-licences/{licensed(session, trainer(session)).id}"
    told = set()
    for language in ("es", "en"):
        desk = Desk(service, keys, COORDINATOR, language)
        with written_on("2028-03-05"):
            answer = desk.get(f"{path}/document")
        assert refusal(answer) == (409, "licence.not_to_print"), "it ended the day before"
        told.add(answer.json["detail"])
    assert len(told) == 2
    desk.changed("POST", f"{path}/suspension", {"reason": "Se revisa una queja"}, of=path)
    assert refusal(desk.get(f"{path}/document")) == (409, "licence.not_to_print")
    desk.changed("POST", f"{path}/giving-back", of=path)
    assert desk.get(f"{path}/document").status_code == 200
