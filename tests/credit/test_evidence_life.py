"""From the evidence file alone the life of a loan can be told and its balance found, and so can that of an award."""

import csv
import io
import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from services.credit.directory import NOBODY
from services.credit.models import Application, CommitteeSession, Loan, SeedAward
from services.credit.queries.overpayments import held_for
from services.credit.rules.ledger import LOANS
from services.credit.use_cases.bind_guarantees import nobody_known
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.follow_award import close_award, report_award
from services.credit.use_cases.gather_evidence import gather_award_evidence
from services.credit.use_cases.print_paper import print_addendum
from shared import files
from shared.kernel import Forbidden, NotFound, uuid7
from shared.testing import person, settings_of
from tests.credit import test_evidence, test_pages
from tests.credit.changing import appraised, asked, carry_out, tranche
from tests.credit.closing import RULES, close, on
from tests.credit.house import CHAIR, COORDINATOR, OFFICER, TECHNICIAN, URL, House, names
from tests.credit.seeding import PDF, awarded, pay, seed_house, show, verify
from tests.credit.test_collection import note
from tests.credit.test_competence import LEVELS, ONE, TWO, says
from tests.credit.test_evidence import AUDITOR, TRUST, gathered, manifest_of, opened, problems
from tests.credit.test_file import attach
from tests.credit.test_groups import GROUPS, decided, formed
from tests.credit.test_guarantees import FIADOR, SECTION, offer
from tests.credit.test_overpayments import overpaid, refund
from tests.credit.test_pages import Town, housed
from tests.credit.test_printed import text_of
from tests.credit.test_reversal import reverse
from tests.credit.test_tranches import PARTS, disbursed_in_part

town = test_pages.town
run = test_evidence.run


def resolved(house: House, application: Application) -> Application:
    """Before the committee, approved, and the minutes signed."""
    meeting = house.opened(application)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    return application


def sign(house: House) -> None:
    """Close the only session there is."""
    meeting = house.session.scalars(select(CommitteeSession)).one()
    close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)


def changed(house: House, loan: Loan, kind: str) -> Application:
    application = resolved(house, appraised(house, asked(house, loan, kind)))
    carry_out(house, application)
    return application


def told(content: bytes) -> dict[str, Any]:
    return {name: json.loads(part) for name, part in opened(content).items() if name.endswith(".json")}


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(opened(content)["movements.csv"].decode())))


def cents(row: dict[str, str], name: str) -> int:
    return int(row[name].replace(".", ""))


def agrees(house: House, loan: Loan) -> dict[str, Any]:
    """The file of a loan, from whose movements alone, as JSON and as a table, comes what the books have of it."""
    house.session.flush()
    house.session.expire_all()
    content = gathered(house, loan)
    assert problems(content) == []
    parts = told(content)
    sums: Counter[str] = Counter()
    for entry in parts["ledger.json"]:
        sums.update({line["account"]: line["amount"] for line in entry["lines"]})
        assert sum(line["amount"] for line in entry["lines"]) == 0
    assert sums[LOANS] == loan.outstanding_principal
    rows = table(content)
    assert (
        sum(cents(row, "principal") for row in rows) == loan.outstanding_principal == cents(rows[-1], "principal_after")
    )
    assert -sum(cents(row, "held") for row in rows) == held_for(house.session, loan.id)
    paid = sum(one["principal"] for one in parts["repayments.json"] if not one["recovery"])
    moved = sum(one["principal"] for one in parts["changes.json"])
    first = parts["loan.json"]["principal"] - sum(
        one["principal"] for one in parts["changes.json"] if one["kind"] == "tranche"
    )
    assert first + moved - paid == loan.outstanding_principal, "its own register says the same"
    received = sum(one["amount"] for one in parts["repayments.json"])
    refunded = sum(one["amount"] for one in parts["overpayments.json"] if one["kind"] == "refund")
    lent = parts["loan.json"]["principal"]
    assert sum(cents(row, "cash") for row in rows) == received - refunded - lent
    return parts


def test_its_balance_is_found_from_the_file_alone_through_all_that_changes_a_loan(session):
    house = House.build(session, **RULES, products=PARTS)
    loan = disbursed_in_part(house)
    sign(house)
    agrees(house, loan)
    with on(5):
        tranche(house, loan, "2000.00")
        agrees(house, loan)
    with on(31):
        taken = house.repay(loan, "500.00")
        reverse(house, taken)
        house.repay(loan, "400.00")
        assert [one["reverses_id"] for one in agrees(house, loan)["repayments.json"]] == [None, str(taken.id), None]
    with on(45):
        close(session, house.fund.id)
    with on(46):
        note(house, loan)
        replanned = changed(house, loan, "reschedule")
        parts = agrees(house, loan)
        assert parts["standing.json"]["last_close"]["days_overdue"] > 0
    with on(50):
        gone = changed(house, loan, "write_off")
        assert agrees(house, loan)["loan.json"]["state"] == "written_off"
        assert loan.outstanding_principal == 0
    with on(60):
        recovered = house.repay(loan, "300.00")
        parts = agrees(house, loan)
        assert sum(cents(row, "recovered") for row in table(gathered(house, loan))) == -300_00
    assert [one["kind"] for one in parts["changes.json"]] == ["tranche", "reschedule", "write_off"]
    assert [one["kind"] for one in parts["ledger.json"]][:4] == [
        "disbursement",
        "disbursement",
        "repayment",
        "reversal",
    ]
    assert parts["ledger.json"][-1]["id"] == str(recovered.entry_id)
    assert [one["note"] for one in parts["collection.json"]] == ["Habló con su hermana"]
    for application in (replanned, gone):
        folder = f"changes/{application.number}"
        case = parts[f"{folder}/application.json"]
        assert case["application"]["project"] == "Perdió la cosecha"
        assert [one["outcome"] for one in case["resolutions"]] == ["approved"]
        assert [vote["choice"] for vote in parts[f"{folder}/sessions.json"][0]["items"][0]["votes"]] == ["approve"] * 4
    with on(60):
        names_ = list(opened(gathered(house, loan)))
    assert [name for name in names_ if name.startswith("actas/")] == [f"actas/FON-A-000{n}.pdf" for n in (1, 2, 3)]
    assert "tranches/02.pdf" in names_


def test_the_addendum_is_there_for_who_may_hold_the_note_while_it_is_known_who_signs_it(session):
    house = House.build(session)
    loan = house.disbursed()
    sign(house)
    with on(5):
        changed(house, loan, "reschedule")
        issued = {"public_url": URL, "language": "es", "people": nobody_known}
        print_addendum(session, OFFICER, loan_id=loan.id, change_id=loan.changes[0].id, names=names, **issued)
        session.flush()
        content, path = gathered(house, loan), f"addenda/{loan.number}-2.pdf"
        assert problems(content) == []
        assert "María Inventada López" in text_of(opened(content)[path])
        assert [one["kind"] for one in told(content)["issued.json"]] == ["addendum"]
        assert {"what": path, "why": "withheld"} in manifest_of(gathered(house, loan, AUDITOR))["absent"]
        withdrawn = gathered(house, loan, names_=lambda _id: NOBODY)
        assert manifest_of(withdrawn)["absent"] == [{"what": path, "why": "unnamed"}]
        assert "ya no nombra" in " ".join(text_of(opened(withdrawn)["index.pdf"]).split())


def test_a_settled_loan_has_its_certificate_and_what_became_of_what_was_too_much(session):
    house = House.build(session)
    loan = house.disbursed("1000.00")
    sign(house)
    overpaid(house, loan, beyond=120_00)
    back = refund(house, loan, "50.00")
    parts = agrees(house, loan)
    assert [(one["kind"], one["amount"]) for one in parts["overpayments.json"]] == [("refund", 50_00)]
    papers = opened(gathered(house, loan))
    assert "María Inventada López" in text_of(papers["closure.pdf"])
    assert back.number in text_of(papers[f"refunds/{back.number}.pdf"])
    for who, withheld in ((TRUST, True), (AUDITOR, True), (COORDINATOR, False)):
        content = gathered(house, loan, who)
        assert ({"what": "closure.pdf", "why": "withheld"} in manifest_of(content)["absent"]) is withheld
        assert ("closure.pdf" in opened(content)) is not withheld


def test_what_stood_behind_the_decision_is_there(session):
    rules = {"guarantees": SECTION, "groups": GROUPS} | LEVELS
    house = House.build(session, **rules)
    application = house.submitted("10000.00")
    attach(house, application, content=PDF)
    offer(house, application, kind="guarantor", outsider=FIADOR)
    offer(house, application)
    other = house.appraised("1000.00")
    house.appraise(application)
    decided(house, formed(house, application, other))
    sign(house)
    for who in (ONE, TWO):
        says(house, application, who)
    loan = house.disburse(application)
    house.session.flush()
    content = gathered(house, loan)
    assert problems(content) == []
    parts = told(content)
    case = parts["application.json"]
    assert case["eligibility"]["failed_rules"] == []
    assert {"rule", "met"} <= set(case["eligibility"]["coherence"])
    assert [one["number"] for one in case["group"]["members"]] == [application.number, other.number]
    assert str(other.id) not in str(parts["sessions.json"])
    assert [(one["name"], one["gives"]) for one in case["assents"]] == [(ONE.name, True), (TWO.name, True)]
    assert [(one["kind"], one["outsider"]) for one in parts["guarantees.json"]] == [
        ("guarantor", True),
        ("pledge", False),
        ("joint_group", False),
    ]
    assert [one["kind"] for one in parts["papers.json"]] == ["quotation"]
    assert opened(content)["papers/01.pdf"] == PDF
    assert {one["kind"] for one in parts["history.json"]} == {"application", "session", "item", "group", "loan"}
    plain = b"".join(part for name, part in opened(content).items() if name.endswith(".json"))
    for secret in (FIADOR.name, FIADOR.document, "Inventada", "0801-1990"):
        assert secret.encode() not in plain, secret


def followed(house: House) -> SeedAward:
    """An award to its end, its minutes signed."""
    award = awarded(house)
    sign(house)
    for number in range(1, len(award.milestones) + 1):
        pay(house, award, number)
        show(house, award, number)
        verify(house, award, number)
    report_award(house.session, TECHNICIAN, award_id=award.id, name="informe.pdf", content=PDF)
    close_award(house.session, COORDINATOR, award_id=award.id, if_match=award.version)
    house.session.flush()
    return award


def test_an_award_has_its_file_too(session):
    house = seed_house(session)
    award = followed(house)

    def taken(by: Any) -> bytes:
        found = gather_award_evidence(session, by, award_id=award.id, names=names, language="es")
        with found:
            return found.read()

    content = taken(OFFICER)
    assert problems(content) == []
    assert manifest_of(content)["award"] == award.number
    parts = told(content)
    assert parts["award.json"]["state"] == "closed"
    assert [one["state"] for one in parts["award.json"]["milestones"]] == ["verified"] * len(award.milestones)
    assert len(parts["plans.json"]) == 1
    there = set(opened(content))
    assert {f"agreement/{award.number}.pdf", "milestones/01.pdf", "report.pdf", "actas/SEM-A-0001.pdf"} <= there
    given = sum(line["amount"] for one in parts["ledger.json"] for line in one["lines"] if line["amount"] > 0)
    assert given == award.paid == sum(cents(row, "granted") for row in table(content))
    assert "Expediente de evidencia" in text_of(opened(content)["index.pdf"])
    assert f"agreement/{award.number}.pdf" not in opened(taken(AUDITOR))
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        taken(person("auditor", scope="GT01", subject="far"))
    with pytest.raises(NotFound, match=r"seed\.unknown"):
        gather_award_evidence(session, OFFICER, award_id=uuid7(), names=names, language="es")


def test_the_page_of_an_award_leads_to_its_file_those_who_may_take_it(town: Town):
    def step(house: House) -> SeedAward:
        seeds = seed_house(house.session)
        award = followed(seeds)
        house.owners.update(seeds.owners)
        return award

    award = housed(town, step)
    browser = town.signed_in("aurora", "auditor")
    assert f"/credit/seed/{award.id}/evidence" in browser.get(f"/credit/seed/{award.id}").text
    taken = browser.get(f"/credit/seed/{award.id}/evidence")
    assert problems(taken.data) == []
    cashier = town.signed_in("casilda", "cashier")
    assert "/evidence" not in cashier.get(f"/credit/seed/{award.id}").text
    assert cashier.get(f"/credit/seed/{award.id}/evidence").status_code == 403


def test_the_command_writes_the_file_of_an_award(database, run, tmp_path):
    with database.transaction() as opened_:
        files.keep_in(database, settings_of("credit", tmp_path).files)
        number = followed(seed_house(opened_)).number
    done = run("evidence", number)
    assert done.exit_code == 0, done.output
    checked = run("verify-evidence", str(tmp_path / f"{number}.zip"))
    assert (checked.exit_code, number in checked.output) == (0, True)
