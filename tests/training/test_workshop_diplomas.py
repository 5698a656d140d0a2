"""Diplomas for participants of workshops: earned by the roll of the days, printed, verified, revoked, forgotten."""

from datetime import date
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pypdf
import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.cli import group
from services.training.models import ActionPlan, Diploma, DiplomaLeftOut, DiplomaLink, Participant
from services.training.queries.csr_report import csr_report
from services.training.reference.diplomas import contexts
from services.training.rules.diplomas import badge, payload
from services.training.rules.diplomas.workshop import attended_tenths, day_minutes, whole_tenths
from services.training.use_cases.award_workshop import award_workshop
from services.training.use_cases.plan_activity import hold_activity, plan_activity
from services.training.use_cases.register_participant import forget_participant, mark_attendance, register_by_team
from shared.identity import Caller
from shared.kernel import Refused, clock, uuid7
from shared.service import Service
from shared.testing import person
from shared.tokens import Keyring
from tests.training.csr_house import FIRM, WORKSHOP, Desk, refusal, service
from tests.training.house import COORDINATOR, STRANGER, TRAINER

__all__ = ["service"]
WHO: dict[str, Any] = {"sex": "woman", "email": None, "phone": None}
DESCRIBED: dict[str, Any] = {"city": "Nacaome", "title": "Taller ficticio", "topics": "", "capacity": None}


@pytest.fixture
def trainer(service: Service, keys: dict[str, Keyring]) -> Desk:
    return Desk(service, keys, TRAINER)


@pytest.fixture
def portal(service: Service, keys: dict[str, Keyring]) -> Desk:
    return Desk(service, keys, Caller.service("portal"))


def workshop_of(desk: Desk, *names: str, **facts: Any) -> str:
    """A workshop that is over, each participant of a firm of her own; the first missed its second day."""
    made = desk.made("/csr-workshops", WORKSHOP | {"gender_module": True} | facts)
    here = f"/csr-workshops/{made['id']}"
    for name in names:
        desk.made(f"{here}/participants", {"sme": FIRM | {"name": f"Empresa {name}"}, "name": name, "sex": "woman"})
    rows = desk.get(f"{here}/participants", limit=200).json["items"]
    for day in (1, 2):
        marks = [{"participant_id": row["id"], "present": day == 1 or row["name"] != names[0]} for row in rows]
        assert desk.send("POST", f"{here}/attendance", {"day": day, "marks": marks}).status_code == 200
    return here


@pytest.fixture
def held(trainer: Desk) -> str:
    here = workshop_of(trainer, "Ana Inventada", "Berta Inventada", "Celia Inventada")
    trainer.changed("POST", f"{here}/holding", of=here)
    return here


def plan_of(service: Service, sme_id: Any, *, handed_in: bool = True) -> None:
    """The firm begins an action plan today."""
    with service.database.transaction() as session:
        session.add(
            ActionPlan(
                id=uuid7(),
                sme_id=sme_id,
                since=clock.today(),
                content={},
                submitted_by="dueña" if handed_in else None,
                recorded_by="x",
                recorded_by_name="x",
                recorded_at=clock.now(),
            )
        )


def by_name(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in rows}


def issued(desk: Desk, here: str, **told: Any) -> dict[str, Any]:
    return desk.made(f"{here}/diplomas", {"kind": "attendance"} | told)


def test_the_hours_are_those_of_the_sessions_that_were_taught() -> None:
    agenda = {
        "days": [
            [{"code": "introduction", "minutes": 45}, {"code": "gender", "minutes": 60}],
            [{"code": "strategy", "minutes": 62}],
        ]
    }
    assert day_minutes(agenda, gender_module=True) == [105, 62]
    assert day_minutes(agenda, gender_module=False) == [45, 62]
    minutes = [105, 62]
    assert whole_tenths(minutes) == 27
    assert [attended_tenths(minutes, told) for told in ([], [True, None], [False, True], [True, True])] == [
        0,
        18,
        11,
        27,
    ]


def test_a_day_that_is_exactly_the_share_is_enough_however_it_is_rounded() -> None:
    minutes = [375] * 5
    assert attended_tenths(minutes, [True] * 4) * 100 >= 80 * whole_tenths(minutes)


def test_who_was_there_for_enough_of_the_hours_earned_a_diploma(trainer: Desk, held: str) -> None:
    found = trainer.get(f"{held}/diplomas").json
    assert (found["hours"], found["share_percent"]) == ("12.7", 80)
    rows = by_name(found["participants"])
    assert list(rows) == ["Ana Inventada", "Berta Inventada", "Celia Inventada"]
    assert (rows["Ana Inventada"]["attended"], rows["Ana Inventada"]["attendance"]) == ("6.3", "too_few_hours")
    assert (rows["Berta Inventada"]["attended"], rows["Berta Inventada"]["attendance"]) == ("12.7", "earned")
    assert rows["Berta Inventada"]["achievement"] == "not_completed"
    assert rows["Berta Inventada"]["sme_name"] == "Empresa Berta Inventada"


def test_achievement_asks_for_an_action_plan_that_her_firm_handed_in(
    service: Service, trainer: Desk, held: str
) -> None:
    people = by_name(trainer.get(f"{held}/participants").json["items"])
    plan_of(service, UUID(people["Berta Inventada"]["sme_id"]))
    plan_of(service, UUID(people["Celia Inventada"]["sme_id"]), handed_in=False)
    batch = issued(trainer, held, kind="achievement")
    assert batch["issued"] == 1
    assert {row["name"]: row["reason"] for row in batch["participants_left_out"]} == {
        "Ana Inventada": "too_few_hours",
        "Celia Inventada": "not_completed",
    }
    assert [row["name"] for row in trainer.get("/diplomas").json["items"]] == ["Berta Inventada"]


def test_a_plan_of_before_the_workshop_is_no_achievement(service: Service, trainer: Desk, held: str) -> None:
    people = by_name(trainer.get(f"{held}/participants").json["items"])
    with service.database.transaction() as session:
        plan_of_before = ActionPlan(
            id=uuid7(),
            sme_id=UUID(people["Berta Inventada"]["sme_id"]),
            since=date(2026, 1, 5),
            content={},
            submitted_by="dueña",
            recorded_by="x",
            recorded_by_name="x",
            recorded_at=clock.now().replace(year=2025),
        )
        session.add(plan_of_before)
    found = trainer.get(f"{held}/diplomas").json["participants"]
    assert by_name(found)["Berta Inventada"]["achievement"] == "not_completed"


def test_all_or_those_named_get_theirs_once(trainer: Desk, held: str) -> None:
    people = by_name(trainer.get(f"{held}/participants").json["items"])
    berta = people["Berta Inventada"]["id"]
    one = issued(trainer, held, participant_ids=[berta], title="Conciencia y acción")
    assert (one["issued"], one["participants_left_out"], one["left_out"]) == (1, [], [])
    rest = issued(trainer, held)
    assert rest["issued"] == 1
    told = {row["name"]: row["reason"] for row in rest["participants_left_out"]}
    assert told == {"Ana Inventada": "too_few_hours", "Berta Inventada": "has_one"}
    listed = trainer.get("/diplomas", subject_id=held.rsplit("/", 1)[1]).json["items"]
    assert [(row["name"], row["title"], row["subject_kind"]) for row in listed] == [
        ("Celia Inventada", WORKSHOP["title"], "workshop"),
        ("Berta Inventada", "Conciencia y acción", "workshop"),
    ]
    assert trainer.get(f"/diploma-batches/{rest['id']}").json["participants_left_out"] == rest["participants_left_out"]


def test_the_paper_the_badge_and_the_verification_are_those_of_any_diploma(
    service: Service, trainer: Desk, portal: Desk, held: str
) -> None:
    batch = issued(trainer, held)
    one = trainer.get("/diplomas").json["items"][-1]
    known = {row["id"]: bytes.fromhex(row["public"]) for row in trainer.get("/diplomas/keys").json["items"]}
    paper = trainer.get(f"/diplomas/{one['id']}/pdf").data
    said = payload.read_file(paper, known)
    assert (said.name, said.hours, said.attended, said.ended_on) == ("Berta Inventada", "12.7", "12.7", "2026-03-04")
    text = " ".join(pypdf.PdfReader(BytesIO(paper)).pages[0].extract_text().split())
    assert "12.7 de las 12.7 horas del taller" in text
    assert "San Lorenzo, Valle, 5 de marzo de 2026" in text
    document = badge.read_badge(trainer.get(f"/diplomas/{one['id']}/badge").data, known, contexts())
    assert document["credentialSubject"]["achievement"]["humanCode"] == one["number"]
    told = portal.get(f"/documents/{one['hash'][:16]}/verification").json
    assert (told["number"], told["standing"]) == (one["number"], "in_force")
    runner = next(loop for loop in service.worker.loops if loop.name == "training-jobs")
    assert runner.run_due() >= 1
    assert trainer.get(f"/diploma-batches/{batch['id']}").json["has_file"] is True
    gone = trainer.send("POST", f"/diplomas/{one['id']}/revocation", {"reason": "not_earned"}, one["version"])
    assert gone.json["state"] == "revoked"
    assert portal.get(f"/documents/{one['hash']}/verification").json["standing"] == "revoked"


def test_a_diploma_is_issued_anew_of_her_name_as_the_list_has_it(trainer: Desk, held: str) -> None:
    issued(trainer, held)
    one = trainer.get("/diplomas").json["items"][-1]
    new = trainer.send("POST", f"/diplomas/{one['id']}/reissue", {"reason": "lost"}, one["version"])
    assert (new.status_code, new.json["name"], new.json["replaces_id"]) == (201, "Berta Inventada", one["id"])


def test_a_name_is_put_right_and_stands_on_the_diploma_that_is_issued_anew(trainer: Desk, held: str) -> None:
    issued(trainer, held)
    one = trainer.get("/diplomas").json["items"][-1]
    people = by_name(trainer.get(f"{held}/participants").json["items"])
    her = f"{held}/participants/{people['Berta Inventada']['id']}"
    right = {"name": "Berta María Inventada", "sex": "woman", "phone": "+504 9999 0000"}
    assert trainer.send("POST", f"{her}/correction", right).status_code == 200
    assert trainer.get(f"/diplomas/{one['id']}").json["name"] == "Berta Inventada", "what was issued stays"
    new = trainer.send("POST", f"/diplomas/{one['id']}/reissue", {"reason": "wrong_name"}, one["version"])
    assert new.json["name"] == "Berta María Inventada"
    assert by_name(trainer.get(f"{held}/participants").json["items"])[right["name"]]["phone"] == right["phone"]


def test_what_cannot_be_put_right_of_a_participant_is_refused(
    service: Service, keys: dict[str, Keyring], trainer: Desk, held: str
) -> None:
    same_firm = {"sme": FIRM | {"name": "Empresa Berta Inventada"}, "name": "Dora Inventada", "sex": "woman"}
    trainer.made(f"{held}/participants", same_firm)
    people = by_name(trainer.get(f"{held}/participants").json["items"])
    her = f"{held}/participants/{people['Berta Inventada']['id']}"
    right = {"name": "Berta", "sex": "woman"}
    taken = trainer.send("POST", f"{her}/correction", right | {"name": "dora  INVENTADA"})
    assert refusal(taken) == (409, "csr_participant.registered_already")
    assert refusal(trainer.send("POST", f"{her}/correction", right | {"name": "…"})) == (
        422,
        "csr_participant.name_without_letters",
    )
    assert trainer.send("POST", f"{held}/participants/{uuid7()}/correction", right).status_code == 404
    assert Desk(service, keys, STRANGER).send("POST", f"{her}/correction", right).status_code == 403
    assert trainer.send("DELETE", her).status_code == 200
    assert refusal(trainer.send("POST", f"{her}/correction", right)) == (409, "csr_participant.forgotten_already")


def test_who_is_forgotten_leaves_a_diploma_of_nobody(service: Service, trainer: Desk, portal: Desk, held: str) -> None:
    issued(trainer, held)
    one = trainer.get("/diplomas").json["items"][-1]
    assert trainer.send("POST", f"/diplomas/{one['id']}/links", {}).status_code == 201
    people = by_name(trainer.get(f"{held}/participants").json["items"])
    for name in ("Ana Inventada", "Berta Inventada"):
        assert trainer.send("DELETE", f"{held}/participants/{people[name]['id']}").status_code == 200
    kept = trainer.get(f"/diplomas/{one['id']}").json
    assert (kept["name"], kept["holder_id"], kept["links"][0]["state"]) == (None, None, "revoked")
    assert refusal(trainer.get(f"/diplomas/{one['id']}/pdf")) == (404, "diploma.erased")
    assert portal.get(f"/documents/{one['hash']}/verification").json["standing"] == "in_force"
    with service.database.reading() as session:
        assert session.scalars(select(Diploma.payload).where(Diploma.id == UUID(one["id"]))).all() == [None]
        assert session.scalars(select(DiplomaLeftOut)).all() == []
    assert [row["name"] for row in trainer.get(f"{held}/diplomas").json["participants"]] == ["Celia Inventada"]
    again = trainer.send("POST", f"/diplomas/{one['id']}/reissue", {"reason": "lost"}, kept["version"])
    assert refusal(again) == (404, "diploma.erased")


def test_what_no_diploma_can_be_issued_of_is_refused_in_both_languages(
    service: Service, keys: dict[str, Keyring], trainer: Desk, held: str
) -> None:
    planned = f"/csr-workshops/{trainer.made('/csr-workshops', WORKSHOP)['id']}"
    empty = f"/csr-workshops/{trainer.made('/csr-workshops', WORKSHOP)['id']}"
    trainer.changed("POST", f"{empty}/holding", of=empty)
    long = workshop_of(trainer, "Dora Inventada", title="x" * 130)
    trainer.changed("POST", f"{long}/holding", of=long)
    nobody = str(uuid7())
    for here, body, expected in (
        (planned, {}, (409, "diploma.workshop_not_held")),
        (empty, {}, (409, "diploma.nobody_registered")),
        (long, {}, (422, "diploma.title_too_long")),
        (held, {"participant_ids": [nobody]}, (422, "diploma.not_a_participant")),
        (f"/csr-workshops/{nobody}", {}, (404, "csr_activity.unknown")),
    ):
        told = set()
        for language in ("es", "en"):
            desk = Desk(service, keys, TRAINER, language)
            answer = desk.send("POST", f"{here}/diplomas", {"kind": "attendance"} | body)
            assert refusal(answer) == expected
            told.add(answer.json["detail"])
        assert len(told) == 2
    assert trainer.get("/diplomas").json["items"] == []


def test_only_the_team_of_the_place_issues_them(service: Service, keys: dict[str, Keyring], held: str) -> None:
    body = {"kind": "attendance"}
    assert Desk(service, keys, STRANGER).send("POST", f"{held}/diplomas", body).status_code == 403
    assert Desk(service, keys, STRANGER).get(f"{held}/diplomas").status_code == 403
    reviewer = Desk(service, keys, person("csr_reviewer", scope="HN17"))
    assert reviewer.get(f"{held}/diplomas").status_code == 403, "who reviews sees no person"
    auditor = Desk(service, keys, person("auditor", scope="*"))
    assert auditor.get(f"{held}/diplomas").status_code == 200
    assert auditor.send("POST", f"{held}/diplomas", body).status_code == 403


def test_the_annual_report_counts_the_diplomas_that_are_in_force(trainer: Desk) -> None:
    here = workshop_of(trainer, *(f"Persona {chr(65 + number)}" for number in range(12)))
    trainer.changed("POST", f"{here}/holding", of=here)
    people = trainer.get(f"{here}/participants", limit=200).json["items"]
    issued(trainer, here, participant_ids=[row["id"] for row in people[1:8]])
    assert _diplomas(trainer) == {"attendance": 7, "achievement": 0}
    last = trainer.get("/diplomas").json["items"][0]
    trainer.send("POST", f"/diplomas/{last['id']}/reissue", {"reason": "lost"}, last["version"])
    assert _diplomas(trainer)["attendance"] == 7, "a diploma that was replaced counts once"
    last = trainer.get("/diplomas").json["items"][0]
    trainer.send("POST", f"/diplomas/{last['id']}/revocation", {"reason": "not_earned"}, last["version"])
    assert _diplomas(trainer)["attendance"] == 6
    issued(trainer, here)
    assert _diplomas(trainer)["attendance"] is None, "eleven of twelve would tell that one got none"
    for form, magic in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        assert trainer.get("/csr-report/document", format=form).data.startswith(magic)


def _diplomas(desk: Desk) -> dict[str, int | None]:
    return {row["code"]: row["count"] for row in desk.get("/csr-report").json["diplomas"]}


def test_the_commands_tell_who_earned_one_and_issue_them(service: Service, trainer: Desk, held: str) -> None:
    house = SimpleNamespace(service=lambda _name: service, settings=None)

    def run(*words: str) -> str:
        done = CliRunner().invoke(group, words, obj=house, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output.strip()

    people = by_name(trainer.get(f"{held}/participants").json["items"])
    berta, workshop = people["Berta Inventada"]["id"], held.rsplit("/", 1)[1]
    told = run("workshop", "earned", workshop)
    assert "12.7 h, 80 %" in told
    assert f"{berta}  12.7 h  attendance earned  achievement not_completed" in told
    assert "Inventada" not in told
    run("workshop", "correct", workshop, berta, "Berta Corregida", "--sex", "woman")
    assert "Berta Corregida" in by_name(trainer.get(f"{held}/participants").json["items"])
    assert "D-2026-000001" in run("workshop", "award", workshop, "--participant", berta)
    rest = run("workshop", "award", workshop, "--title", "Taller")
    assert "Celia Inventada" in rest
    assert f"-  has_one  {berta}" in rest
    with pytest.raises(Refused, match=r"csr_activity\.unknown"):
        run("workshop", "award", str(uuid7()))


def test_it_is_the_same_on_both_databases(session: Session, keys: dict[str, Keyring]) -> None:
    workshop = plan_activity(
        session,
        COORDINATOR,
        kind="workshop",
        unit="HN17",
        starts_on=date(2026, 3, 3),
        **DESCRIBED,
        gender_module=False,
    )
    for number in range(6):
        firm = FIRM | {"name": f"Empresa {number}"}
        register_by_team(session, COORDINATOR, workshop.id, sme=firm, name=f"Persona {number}", **WHO)
    people = list(session.scalars(select(Participant).order_by(Participant.name_key)))
    for day in (1, 2):
        marks = [{"participant_id": one.id, "present": day == 1 or one is not people[0]} for one in people]
        mark_attendance(session, COORDINATOR, workshop.id, day=day, marks=marks)
    hold_activity(session, COORDINATOR, workshop.id, version=None)
    batch = award_workshop(session, COORDINATOR, keys["training"], workshop.id, kind="attendance", language="en")
    assert (batch.issued, batch.subjects) == (5, [str(workshop.id)])
    found = list(session.scalars(select(Diploma).order_by(Diploma.number)))
    assert [(one.name, one.tenths, one.attended) for one in found] == [
        (f"Persona {number}", 117, 117) for number in range(1, 6)
    ]
    forget_participant(session, COORDINATOR, workshop.id, people[1].id)
    session.expire_all()
    assert [one.name for one in found] == [None, *(f"Persona {number}" for number in range(2, 6))]
    assert session.scalars(select(DiplomaLink)).all() == []
    report = csr_report(session, ["HN"], date(2026, 3, 5), "es")
    assert report["diplomas"][0] == {"code": "attendance", "count": None}
