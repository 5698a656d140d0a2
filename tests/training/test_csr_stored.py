"""What the programme keeps is the same on both kinds of database, and the commands do what the API does."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.cli import group
from services.training.models import IssuedCsrReport, Participant
from services.training.queries.activities import list_activities, list_participants, whole_activity
from services.training.queries.csr_report import csr_report
from services.training.queries.smes import list_smes
from services.training.use_cases.follow_csr_commitment import follow_commitment, promise_in_dialogue
from services.training.use_cases.issue_csr_report import issue_csr_report
from services.training.use_cases.keep_partners import sign_agreement, write_partner
from services.training.use_cases.plan_activity import hold_activity, join_activity, move_activity, plan_activity
from services.training.use_cases.register_participant import forget_participant, mark_attendance, register_by_team
from shared.kernel import Refused
from shared.service import Service
from shared.testing import person
from shared.tokens import Keyring
from tests.training.csr_house import FIRM, OUTCOME, Desk, service
from tests.training.house import COORDINATOR

__all__ = ["service"]
DESCRIBED: dict[str, Any] = {
    "city": "Nacaome",
    "title": "Taller",
    "topics": "",
    "capacity": None,
    "gender_module": True,
}
WHO: dict[str, Any] = {"sex": "woman", "email": None, "phone": None}


def test_a_workshop_and_a_dialogue_reach_the_report(session: Session) -> None:
    workshop = plan_activity(
        session, COORDINATOR, kind="workshop", unit="HN17", starts_on=date(2026, 2, 10), **DESCRIBED
    )
    move_activity(session, COORDINATOR, workshop.id, version=1, starts_on=date(2026, 3, 3), reason="Sede")
    for number in range(7):
        firm = FIRM | {"name": f"Empresa {number}"}
        register_by_team(session, COORDINATOR, workshop.id, sme=firm, name=f"Persona {number}", **WHO)
    people = list(session.scalars(select(Participant).order_by(Participant.id)))
    marks = [{"participant_id": one.id, "present": True} for one in people]
    mark_attendance(session, COORDINATOR, workshop.id, day=2, marks=marks)
    forget_participant(session, COORDINATOR, workshop.id, people[0].id)
    partner = write_partner(
        session, COORDINATOR, unit="HN", name="Ministerio ficticio", kind="government_international"
    )
    join_activity(session, COORDINATOR, workshop.id, version=None, partner_id=partner.id)
    hold_activity(session, COORDINATOR, workshop.id, version=None)
    told = {**DESCRIBED, "gender_module": False}
    dialogue = plan_activity(session, COORDINATOR, kind="forum", unit="HN", starts_on=date(2026, 3, 1), **told)
    hold_activity(session, COORDINATOR, dialogue.id, version=1, present=OUTCOME["present"], conclusions="Seguir")
    promised = promise_in_dialogue(session, COORDINATOR, dialogue.id, what="x", owner="y", due_on=date(2026, 3, 2))
    follow_commitment(session, COORDINATOR, promised.id, version=1, day=date(2026, 3, 5), state="kept", note="z")
    about = {"title": "Convenio", "purpose": "x", "contribution": "none"}
    dated: dict[str, Any] = {"signed_on": date(2026, 3, 2), "ends_on": None, "activity_id": dialogue.id}
    sign_agreement(session, COORDINATOR, unit="HN", partner_ids=[partner.id], **dated, **about)
    session.expire_all()

    report = csr_report(session, ["HN"], date(2026, 3, 5), "es")
    assert (report["smes"], report["persons"]) == (7, 7), "who was forgotten still counts"
    assert [one["moved"] for one in report["workshops"]] == [[date(2026, 2, 10)]]
    assert report["dialogues"][0]["commitments"][0]["state"] == "kept"
    assert report["dialogues"][0]["agreements"] == ["Convenio"]
    assert report["annex_partners"]["workshops"][0]["government_international"] == ["Ministerio ficticio"]
    for _ in range(2):
        issue_csr_report(session, "0" * 64, report)
    assert len(session.scalars(select(IssuedCsrReport)).all()) == 1
    assert whole_activity(session, workshop, b"key")["marked_days"][1]["present"] == 7


def test_lists_go_on_where_their_page_ended(session: Session) -> None:
    for number in range(3):
        day = date(2026, 3, 1 + number)
        workshop = plan_activity(session, COORDINATOR, kind="workshop", unit="HN17", starts_on=day, **DESCRIBED)
        firm = FIRM | {"name": f"Empresa {number}"}
        register_by_team(session, COORDINATOR, workshop.id, sme=firm, name="Ana", **WHO)
        register_by_team(session, COORDINATOR, workshop.id, sme=firm, name="Berta", **WHO)
    for listed in (
        lambda after: list_activities(session, COORDINATOR, {"dialogues": False}, limit=2, after=after),
        lambda after: list_smes(session, COORDINATOR, {}, limit=2, after=after),
    ):
        first = listed(None)
        second = listed(first.next)
        assert (len(first.rows), len(second.rows), second.next) == (2, 1, None)
    first = list_participants(session, COORDINATOR, workshop.id, limit=1, after=None)
    assert [row["name"] for row in first.rows] == ["Ana"]
    second = list_participants(session, COORDINATOR, workshop.id, limit=1, after=first.next)
    assert ([row["name"] for row in second.rows], second.next) == (["Berta"], None)


class Run:
    """`csem training …` in this process."""

    def __init__(self, service: Service) -> None:
        self._house = SimpleNamespace(service=lambda _name: service)

    def __call__(self, *words: str, code: int = 0) -> str:
        done = CliRunner().invoke(group, words, obj=self._house, catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.output.strip()


def test_the_commands_do_what_the_api_does(service: Service, keys: dict[str, Keyring], tmp_path: Path) -> None:
    run, desk = Run(service), Desk(service, keys, person("coordinator", scope="HN"))
    workshop = run("workshop", "plan", "HN17", "Nacaome", "Taller ficticio", "--on", "2026-03-01", "--gender-module")
    assert desk.get(f"/csr-workshops/{workshop}").json["gender_module"] is True
    run("workshop", "move", workshop, "--to", "2026-03-03", "--because", "Sede ocupada")
    firm = run("sme", "write", "HN1709", "Panadería Ficticia", "--sector", "manufacturing", "--size", "micro")
    run("workshop", "register", workshop, firm, "Ana Inventada", "--sex", "woman")
    with pytest.raises(Refused, match=r"csr_participant\.registered_already"):
        run("workshop", "register", workshop, firm, "Ana Inventada", "--sex", "woman")
    assert "Panadería Ficticia" in run("sme", "list", "--sector", "manufacturing")
    assert run("sme", "list", "--unit", "GT") == ""
    run("csr-partner", "write", "HN", "Ministerio ficticio", "--kind", "government_international")
    assert "Ministerio ficticio" in run("csr-partner", "list")
    run("workshop", "hold", workshop)
    shown = run("workshop", "show", workshop)
    assert "2. 2026-03-03  Sede ocupada" in shown
    assert "1/1 -> 0/0" in shown
    assert "Ana" not in shown, "who came is told by the pages to who may know it"
    assert "held" in run("workshop", "list")
    assert run("csr-dialogue", "list") == ""
    other = run("workshop", "plan", "HN17", "Nacaome", "Otro", "--on", "2026-04-01", "--on-holiday")
    run("workshop", "cancel", other)
    assert "cancelled" in run("workshop", "list", "--unit", "HN17")
    with pytest.raises(Refused, match=r"csr_activity\.unknown"):
        run("workshop", "show", firm)


def test_the_report_of_the_command_is_that_of_the_api(
    service: Service, keys: dict[str, Keyring], tmp_path: Path
) -> None:
    run, desk = Run(service), Desk(service, keys, person("coordinator", scope="HN"))
    pdf, book = tmp_path / "informe.pdf", tmp_path / "informe.xlsx"
    told = ("--unit", "HN", "--as-of", "2026-03-05", "--language", "en")
    digest = run("csr-report", str(pdf), *told)
    assert run("csr-report", str(book), *told) == digest
    asked = {"unit": "HN", "as_of": "2026-03-05", "language": "en"}
    assert desk.get("/csr-report/document", **asked).get_data() == pdf.read_bytes()
    assert desk.get("/csr-report/document", format="xlsx", **asked).get_data() == book.read_bytes()
    first = openpyxl.load_workbook(book).worksheets[0]
    assert str(first.cell(first.max_row, 1).value).endswith(digest)
    run("csr-report", str(tmp_path / "informe.txt"), *told, code=2)
    with pytest.raises(Refused, match=r"csr_report\.day_to_come"):
        run("csr-report", str(pdf), "--unit", "HN", "--as-of", "2026-03-06")
