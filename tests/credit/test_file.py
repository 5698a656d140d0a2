"""The file of an application: which papers it must hold, who puts them in and takes them out, and who forgets them."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from flask import Flask, jsonify
from hypothesis import given
from hypothesis import strategies as st

from services.credit.cli import group
from services.credit.directory import BusinessPlan, Directory
from services.credit.models import Application, Attachment
from services.credit.queries.applications import detail
from services.credit.queries.files import held
from services.credit.rules import regulations
from services.credit.rules.completeness import KINDS, FileRules, Piece
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.convene_session import place_on_agenda, take_off_agenda
from services.credit.use_cases.keep_file import attach_paper, attach_plan, detach_paper
from shared import files, history
from shared.events.registry import EnterpriseMerged
from shared.kernel import Forbidden, Invalid, NotFound, Refused, clock, uuid7
from shared.testing import headers, person, settings_of
from shared.web import Peers
from tests.credit.house import CASHIER, CHAIR, COORDINATOR, OFFICER, PARAMETERS, TECHNICIAN, House
from tests.credit.test_conditions import JPEG, PDF
from tests.credit.test_eligibility import tell
from tests.credit.test_withdrawal import reported, withdraw

FILE = {
    "source": "art. 9",
    "items": [
        {"kind": "identity", "name": "Identidad de la solicitante"},
        {"kind": "quotation", "name": "Cotizaciones", "at_least": 2, "from_amount": 5_000_00},
        {"kind": "guarantor_document", "name": "Documento del aval", "products": ["working-capital"], "from_amount": 15_000_00},
    ],
}  # fmt: skip


@pytest.fixture
def strict(session: Any) -> House:
    """A fund whose regulations want papers in the file."""
    return House.build(session, file=FILE)


def attach(house: House, application: Application, kind: str = "quotation", **facts: Any) -> Attachment:
    sent = {"name": "papel.pdf", "content": PDF} | facts
    by = sent.pop("by", TECHNICIAN)
    return attach_paper(house.session, by, application_id=application.id, kind=kind, **sent)


def detach(house: House, application: Application, attachment: Attachment) -> None:
    detach_paper(house.session, TECHNICIAN, application_id=application.id, attachment_id=attachment.id)


def link(house: House, application: Application, plan: BusinessPlan | None, plan_id: UUID | None = None) -> Attachment:
    return attach_plan(
        house.session, TECHNICIAN, application_id=application.id, plan_id=plan_id or uuid7(), plans=lambda _id: plan
    )


def missing(house: House, application: Application) -> list[str]:
    return [
        f"{piece['name']} {piece['held']}/{piece['needed']}" for piece in held(house.session, application)["lacking"]
    ]


def test_what_is_missing_is_named_as_the_regulations_call_it(strict: House):
    small, middle, large = (strict.submitted(amount) for amount in ("4000.00", "5000.00", "15000.00"))
    assert missing(strict, small) == ["Identidad de la solicitante 0/1"]
    assert missing(strict, middle) == ["Identidad de la solicitante 0/1", "Cotizaciones 0/2"]
    assert missing(strict, large)[-1] == "Documento del aval 0/1"
    attach(strict, middle, "quotation")
    assert missing(strict, middle)[1] == "Cotizaciones 1/2"


def test_an_incomplete_application_is_appraised_but_not_dealt_with(strict: House):
    application = strict.appraised()
    meeting = strict.convened()
    with pytest.raises(Refused, match=r"application\.incomplete") as refused:
        place_on_agenda(strict.session, COORDINATOR, session_id=meeting.id, application_id=application.id)
    assert refused.value.facts["missing"] == "Identidad de la solicitante (0/1); Cotizaciones (0/2)"
    for kind in ("identity", "quotation", "quotation"):
        attach(strict, application, kind)
    assert detail(strict.session, application)["complete"]
    place_on_agenda(strict.session, COORDINATOR, session_id=meeting.id, application_id=application.id)
    assert application.state == "on_agenda"


def test_a_larger_recommendation_asks_for_the_papers_of_the_larger_amount(strict: House):
    application = strict.submitted("4000.00")
    strict.appraise(application, "6000.00")
    assert missing(strict, application) == ["Identidad de la solicitante 0/1", "Cotizaciones 0/2"]


def test_a_newer_edition_asks_nothing_more_of_what_was_measured_before(house: House):
    application = house.appraised()
    house.adopt(file=FILE)
    house.convened(application)
    assert application.state == "on_agenda"


def test_a_picture_is_kept_without_what_the_camera_wrote_beside_it(house: House):
    application = house.submitted()
    photo = attach(house, application, "photo", name="foto.jpg", content=JPEG)
    assert photo.file_id is not None
    assert b"GPS" not in files.read(house.session, photo.file_id)
    row = held(house.session, application)["attachments"][0]
    assert (row["name"], row["media_type"], row["added_by_name"]) == ("foto.jpg", "image/jpeg", TECHNICIAN.name)
    with pytest.raises(Invalid, match=r"file\.neither_pdf_nor_picture"):
        attach(house, application, content=b"MZ")


def test_a_paper_is_taken_out_until_it_has_been_on_an_agenda(house: House):
    application = house.appraised()
    wrong, right = attach(house, application), attach(house, application)
    detach(house, application, wrong)
    assert wrong.file_id is not None
    with pytest.raises(NotFound, match=r"file\.erased"):
        files.find(house.session, wrong.file_id)
    meeting = house.convened(application)
    for step in (lambda: detach(house, application, right), lambda: attach(house, application)):
        with pytest.raises(Refused, match=r"application\.is_on_agenda"):
            step()
    take_off_agenda(house.session, COORDINATOR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    with pytest.raises(Refused, match=r"attachment\.seen_by_committee"):
        detach(house, application, right)
    later = attach(house, application)
    detach(house, application, later)
    with pytest.raises(NotFound, match=r"attachment\.unknown"):
        detach(house, application, later)
    actions = [entry["action"] for entry in history.of(house.session, application.id)]
    assert (actions.count("attach"), actions.count("detach")) == (3, 2)


@pytest.mark.parametrize("state", ["approved", "disbursed", "withdrawn"])
def test_the_file_of_what_was_decided_is_closed(house: House, state: str):
    application = house.approved()
    if state == "disbursed":
        house.disburse(application)
    if state == "withdrawn":
        application.withdraw()
    with pytest.raises(Refused, match=rf"application\.is_{state}"):
        attach(house, application)


def test_an_approval_that_expired_takes_papers_again(session: Any):
    house = House.build(session, approvals={"days": 30, "source": "art. 16"})
    application = house.approved()
    with clock.frozen(clock.now().replace(month=6)):
        attach(house, application)
        assert application.state == "lapsed"


def test_nobody_puts_a_paper_into_a_file_of_another_territory(house: House):
    application = house.submitted()
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        attach(house, application, by=person("technician", scope="GT01"))


def test_a_business_plan_of_the_registry_counts_as_one(session: Any):
    house = House.build(session, file={"source": "art. 9", "items": [{"kind": "business_plan", "name": "Plan"}]})
    application = house.submitted()
    plan_id = uuid7()
    plan = BusinessPlan(application.enterprise_id, "PN-0007 v2")
    linked = link(house, application, plan, plan_id)
    row = held(house.session, application)["attachments"][0]
    assert (row["kind"], row["name"], row["plan_id"], row["size"]) == ("business_plan", "PN-0007 v2", plan_id, None)
    assert application.lacking() == ()
    with pytest.raises(Invalid, match=r"attachment\.there_already"):
        link(house, application, plan, plan_id)
    detach(house, application, linked)
    assert len(application.lacking()) == 1


def test_only_a_plan_of_this_very_enterprise_is_linked(house: House):
    one, other = house.enterprise(), house.enterprise()
    application = house.submitted(enterprise_id=one)
    with pytest.raises(NotFound, match=r"attachment\.plan_unknown"):
        link(house, application, None)
    plan = BusinessPlan(other, "PN-0001")
    with pytest.raises(Invalid, match=r"attachment\.plan_of_another"):
        link(house, application, plan)
    tell(house, EnterpriseMerged(survivor_id=one, absorbed_id=other), other)
    assert link(house, application, plan).plan_label == "PN-0001"


def test_the_registry_is_asked_whose_a_plan_is(keys: Any, tmp_path: Path):
    """Only the registry is a toy: what it shows to a service, and what it does not."""
    app, enterprise = Flask("registry"), uuid4()
    plans = {"ready": "ready", "draft": "draft"}

    @app.get("/api/registry/v1/business-plans/<plan_id>")
    def one(plan_id: str) -> Any:
        if UUID(plan_id).int > len(plans):
            return jsonify({"code": "plan.unknown"}), 404 if UUID(plan_id).int == 9 else 500
        state = list(plans)[UUID(plan_id).int - 1]
        return jsonify({"enterprise_id": str(enterprise), "state": state, "label": "PN-0001"})

    settings = settings_of("credit", tmp_path)
    directory = Directory(Peers(settings, keys["credit"], {"registry": app}))
    assert directory.business_plan(UUID(int=1)) == BusinessPlan(enterprise, "PN-0001")
    assert directory.business_plan(UUID(int=2)) is None
    assert directory.business_plan(UUID(int=9)) is None
    with pytest.raises(Refused, match=r"registry\.away"):
        directory.business_plan(UUID(int=8))


def test_her_papers_are_erased_when_she_withdraws_but_for_those_of_a_loan(house: House):
    waiting, lent = house.submitted(), house.appraised("1000.00")
    papers = {application.id: attach(house, application) for application in (waiting, lent)}
    link(house, waiting, BusinessPlan(waiting.enterprise_id, "PN-0007"))
    meeting = house.opened(lent)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    house.disburse(lent)
    files_of = {key: paper.file_id for key, paper in papers.items()}
    withdraw(house, waiting.enterprise_id)
    told = reported(house)
    assert told["erased"]["papers"] == 2
    assert "files_of_loans" not in told["kept"]
    assert held(house.session, waiting)["attachments"] == []
    with pytest.raises(NotFound, match=r"file\.erased"):
        files.find(house.session, files_of[waiting.id])  # type: ignore[arg-type]
    assert files.find(house.session, files_of[lent.id])  # type: ignore[arg-type]


def test_the_papers_of_a_loan_are_kept_and_that_is_said(house: House):
    application = house.appraised()
    attach(house, application, "identity")
    house.convened(application)
    application.decide("approved", 1_000_00)
    application.disburse()
    house.session.flush()
    withdraw(house, application.enterprise_id)
    assert "files_of_loans" in reported(house)["kept"]
    assert len(application.attachments) == 1


PIECES = st.builds(
    Piece, st.sampled_from(KINDS), st.just("Papel"), st.integers(1, 3), st.sampled_from([(), ("a",)]), st.integers(0, 9)
)


@given(st.lists(PIECES, max_size=6), st.dictionaries(st.sampled_from(KINDS), st.integers(0, 3)), st.integers(0, 9))
def test_a_file_lacks_nothing_once_what_it_lacks_is_put_in(pieces: list[Piece], there: dict[str, int], amount: int):
    rules = FileRules(tuple(pieces), "x")
    lacking = rules.lacking("a", amount, there)
    for piece in lacking:
        there[piece.kind] = max(there.get(piece.kind, 0), piece.needed)
    assert rules.lacking("a", amount, there) == ()
    assert len(rules.lacking("b", amount, {})) <= len(rules.lacking("a", amount, {}))


@pytest.mark.parametrize(
    ("items", "pointer"),
    [
        ([{"kind": "poem", "name": "x"}], "/parameters/file/items/0/kind"),
        ([{"kind": "photo", "name": " "}], "/parameters/file/items/0/name"),
        ([{"kind": "photo", "name": "x", "at_least": 0}], "/parameters/file/items/0/at_least"),
        ([{"kind": "photo", "name": "x", "from_amount": 1.5}], "/parameters/file/items/0/from_amount"),
        ([{"kind": "photo", "name": "x", "products": [1]}], "/parameters/file/items/0/products"),
        ([{"kind": "photo", "name": "x", "products": ["unknown"]}], "/parameters/file/items"),
        ([{"kind": "photo"}], "/parameters/file"),
    ],
)
def test_a_section_that_is_not_understood_is_refused_at_its_place(items: Any, pointer: str):
    with pytest.raises(Invalid) as refused:
        regulations.read(PARAMETERS | {"file": {"source": "x", "items": items}})
    assert refused.value.pointer == pointer


def test_a_section_names_its_source():
    with pytest.raises(Invalid) as refused:
        regulations.read(PARAMETERS | {"file": {"source": " ", "items": []}})
    assert refused.value.pointer == "/parameters/file/source"


def test_the_file_through_the_api_by_the_people_whose_work_it_is(build_house: Any, client: Any, service: Any, keys: Any, monkeypatch: Any):  # fmt: skip
    _, application = build_house(lambda house: house.submitted(), file=FILE)
    http = service.web.test_client()
    here = f"/applications/{application.id}"

    def upload(caller: Any, **form: Any) -> Any:
        body = {"file": (io.BytesIO(form.pop("content", PDF)), "cotizacion.pdf"), "kind": "quotation"} | form
        path = f"/api/credit/v1{here}/attachments"
        return http.post(path, data=body, headers=headers(keys, caller), content_type="multipart/form-data")

    assert upload(CASHIER).status_code == 403
    assert upload(TECHNICIAN, kind="poem").status_code == 422
    assert upload(TECHNICIAN, content=b"GIF89a").status_code == 422
    paper = upload(TECHNICIAN).json
    assert (paper["kind"], paper["name"], paper["seen"]) == ("quotation", "cotizacion.pdf", False)
    told = client.get(OFFICER, here).body
    assert (told["complete"], [one["name"] for one in told["lacking"]]) == (
        False,
        ["Identidad de la solicitante", "Cotizaciones"],
    )
    assert client.get(OFFICER, f"{here}/attachments").body["attachments"] == told["attachments"]
    assert client.get(OFFICER, f"{here}/attachments/{paper['id']}").content == PDF
    assert client.get(CASHIER, f"{here}/attachments/{paper['id']}").status == 403
    assert client.get(OFFICER, f"{here}/attachments/{uuid4()}").code == "attachment.unknown"
    plan = BusinessPlan(application.enterprise_id, "PN-0001")
    monkeypatch.setattr(Directory, "business_plan", lambda _self, _plan_id: plan)
    linked = client.post(TECHNICIAN, f"{here}/business-plans", {"plan_id": str(uuid4())})
    assert (linked.status, linked.body["name"]) == (201, "PN-0001")
    assert client.get(OFFICER, f"{here}/attachments/{linked.body['id']}").code == "attachment.unknown"
    gone = client.post(TECHNICIAN, f"{here}/attachments/{paper['id']}/removal")
    assert [one["name"] for one in gone.body["attachments"]] == ["PN-0001"]


def test_every_refusal_of_a_file_is_a_sentence_in_both_languages(build_house: Any, client: Any, monkeypatch: Any):
    def step(house: House) -> Any:
        application = house.appraised()
        attach(house, application, "identity")
        attach(house, application)
        attach(house, application)
        meeting = house.convened(application)
        seen = application.attachments[0].id
        take_off_agenda(house.session, COORDINATOR, session_id=meeting.id, item_id=meeting.agenda[0].id)
        return application, seen, meeting.id, house.appraised("6000.00", enterprise_id=house.enterprise())

    _, (application, seen, meeting, bare) = build_house(step, file=FILE)
    here, plan_id = f"/applications/{application.id}", str(uuid4())
    plans: dict[str, BusinessPlan | None] = {"found": None}
    monkeypatch.setattr(Directory, "business_plan", lambda _self, _plan_id: plans["found"])

    def refused(path: str, body: Any, status: int, code: str, caller: Any = TECHNICIAN) -> None:
        told = {language: client.send("POST", caller, path, body, language=language) for language in ("es", "en")}
        for answer in told.values():
            assert (answer.status, answer.code) == (status, code), answer.content
            assert code not in answer.detail, "the catalogue lacks a sentence"
        assert told["es"].detail != told["en"].detail

    refused(f"{here}/attachments/{seen}/removal", {}, 409, "attachment.seen_by_committee")
    refused(f"{here}/attachments/{uuid4()}/removal", {}, 404, "attachment.unknown")
    refused(f"{here}/business-plans", {"plan_id": plan_id}, 404, "attachment.plan_unknown")
    plans["found"] = BusinessPlan(uuid4(), "PN-0009")
    refused(f"{here}/business-plans", {"plan_id": plan_id}, 422, "attachment.plan_of_another")
    plans["found"] = BusinessPlan(application.enterprise_id, "PN-0001")
    assert client.post(TECHNICIAN, f"{here}/business-plans", {"plan_id": plan_id}).status == 201
    refused(f"{here}/business-plans", {"plan_id": plan_id}, 422, "attachment.there_already")
    agenda = {"application_id": str(bare.id)}
    refused(f"/sessions/{meeting}/agenda", agenda, 409, "application.incomplete", COORDINATOR)


def test_the_command_puts_papers_in_and_says_what_is_missing(build_house: Any, database: Any, tmp_path: Path):
    build_house(lambda house: house.submitted("6000.00"), file=FILE)
    url = database.engine.url.render_as_string(hide_password=False)
    place = SimpleNamespace(settings=lambda name: settings_of(name, tmp_path, CSEM_DATABASE_URL=url))
    paper = tmp_path / "cotizacion.pdf"
    paper.write_bytes(PDF)

    def run(*words: str) -> str:
        return CliRunner().invoke(group, words, obj=place).output

    assert "still missing: Identidad de la solicitante (0/1); Cotizaciones (1/2)" in run(
        "attach", "FON-S-2026-0001", "quotation", str(paper)
    )
    run("attach", "FON-S-2026-0001", "quotation", str(paper))
    assert run("attach", "FON-S-2026-0001", "identity", str(paper)).strip() == "complete"
    told = run("file", "FON-S-2026-0001")
    assert told.count("cotizacion.pdf") == 3
    assert told.endswith("complete\n")
    assert "There is no application X" in run("file", "X")
    paper.write_bytes(b"MZ")
    assert "file.neither_pdf_nor_picture" in run("attach", "FON-S-2026-0001", "other", str(paper))
