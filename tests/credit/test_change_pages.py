"""Changes of running loans through the API, the pages and the command line, and what is refused on the way."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

from services.credit.use_cases.close_session import close_session
from shared.kernel import clock
from shared.testing import person
from tests.credit import test_cli, test_pages, test_refusals
from tests.credit.changing import appraised, approved, asked, carry_out, rescheduled, tranche, written_off
from tests.credit.closing import on
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    OFFICER,
    SECRETARY,
    TECHNICIAN,
    URL,
    House,
    names,
    product,
)
from tests.credit.test_body_pages import built
from tests.credit.test_pages import Town, hidden, housed, last_path
from tests.credit.test_printed import code_of
from tests.credit.test_printed import text_of as paper_text
from tests.credit.test_tranches import disbursed_in_part
from tests.portal.conftest import text_of

town = test_pages.town
refused = test_refusals.refused
run = test_cli.run

APPRAISAL = {
    "visited_on": "2026-03-05",
    "monthly_income": {"amount": "5000.00", "currency": "HNL"},
    "monthly_expense": {"amount": "4000.00", "currency": "HNL"},
    "monthly_debts": {"amount": "0.00", "currency": "HNL"},
    "recommendation": "approve",
    "remarks": "Perdió la cosecha",
    "instalments": 10,
}


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "HNL"}


def test_a_loan_is_rescheduled_through_the_api(build_house, client, database):
    house, loan = build_house(lambda house: house.disbursed())
    wanted = {"kind": "reschedule", "reason": "Perdió la cosecha", "instalments": 10}
    file = client.post(TECHNICIAN, f"/loans/{loan.id}/changes", wanted).body
    assert (file["kind"], file["loan"]["number"], file["failed_rules"]) == ("reschedule", loan.number, [])
    path = f"/applications/{file['id']}"
    file = client.post(OFFICER, f"{path}/change-appraisals", APPRAISAL).body
    change = file["appraisals"][-1]["change"]
    assert (change["was"]["instalments"], change["becomes"]["instalments"]) == (12, 10)
    assert change["principal"] == money("10000.00")
    shown = client.get(OFFICER, f"/loans/{loan.id}").body
    assert shown["waiting_change"]["number"] == file["number"]
    with database.transaction() as session:
        inside = House(session, house.fund, house.committee_id, house.seats)
        from services.credit.models import Application
        from services.credit.use_cases.close_item import close_item

        meeting = inside.opened(session.get_one(Application, file_id(file)))
        inside.vote(meeting)
        close_item(session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    item = client.get(SECRETARY, f"/sessions/{meeting.id}").body["agenda"][0]
    assert (item["kind"], item["change"]["becomes"]["instalments"]) == ("reschedule", 10)
    assert client.get(OFFICER, f"{path}/approval").body["kind"] == "reschedule"
    done = client.post(COORDINATOR, f"{path}/execution").body
    assert [change["kind"] for change in done["changes"]] == ["reschedule"]
    assert len(done["changes"][0]["replaced"]) == 12
    assert [row["number"] for row in done["instalments"]] == list(range(1, 11))
    [row] = client.get(OFFICER, "/changes?kind=reschedule").body["items"]
    assert (row["loan"], row["kind"]) == (loan.number, "reschedule")
    assert client.get(OFFICER, "/changes?kind=write_off").body["items"] == []
    [listed] = client.get(OFFICER, "/applications?kind=reschedule").body["items"]
    assert listed["state"] == "carried_out"


def file_id(file: dict[str, Any]) -> Any:
    from uuid import UUID

    return UUID(file["id"])


def test_the_same_key_carries_out_once(build_house, client):
    _, application = build_house(lambda house: approved(house, house.disbursed(), "write_off"))
    key = uuid4().hex
    answers = [client.post(OFFICER, f"/applications/{application.id}/execution", key=key) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content


def test_tranches_through_the_api(build_house, client):
    _, loan = build_house(disbursed_in_part, products=product(tranches=3))
    path = f"/loans/{loan.id}"
    assert client.get(OFFICER, path).body["rest"] == money("6000.00")
    done = client.post(OFFICER, f"{path}/tranches", {"amount": money("1000.00"), "disbursed_on": "2026-03-05"}).body
    assert (done["principal"], done["rest"]) == (money("5000.00"), money("5000.00"))
    [change] = done["changes"]
    paper = client.get(OFFICER, f"{path}/tranches/{change['id']}/receipt", language="en")
    assert "Another part of the loan" in paper_text(paper.content)
    portal = person("service", subject="portal")
    verified = client.get(portal, f"/documents/{code_of(paper_text(paper.content))}/verification").body
    assert (verified["kind"], verified["title"]) == ("tranche", "Entrega de otra parte de un préstamo")
    assert client.post(COORDINATOR, f"{path}/rest-release").body["rest"] == money("0.00")


def test_changes_that_cannot_be_are_refused_in_both_languages(build_house, refused):
    def step(house: House) -> Any:
        limited = house.disbursed()
        change = asked(house, limited)
        credit = house.submitted()
        return limited, change, credit, house.disbursed(), written_off(house, house.disbursed())

    _, (loan, change, credit, other, lost) = build_house(step)
    wanted = {"kind": "reschedule", "reason": "No puede", "instalments": 10}
    changes = f"/loans/{other.id}/changes"
    for status, code, path, body in (
        (409, "application.one_open_already", f"/loans/{loan.id}/changes", wanted),
        (409, "loan.is_written_off", f"/loans/{lost.id}/changes", wanted),
        (422, "change.instalments_needed", changes, {"kind": "reschedule", "reason": "No puede"}),
        (422, "change.amount_needed", changes, wanted | {"kind": "refinance"}),
        (422, "change.less_than_owed", changes, wanted | {"kind": "refinance", "amount": money("500.00")}),
        (422, "application.instalments_out_of_range", changes, wanted | {"instalments": 25}),
        (422, "field.not_a_choice", changes, wanted | {"kind": "forgive"}),
        (409, "application.other_kind", f"/applications/{credit.id}/change-appraisals", APPRAISAL),
        (
            422,
            "application.first_due_out_of_range",
            f"/applications/{change.id}/change-appraisals",
            APPRAISAL | {"first_due": "2026-03-05"},
        ),
    ):
        refused(status, code, "POST", OFFICER, path, body)
    refused(409, "application.is_submitted", "POST", COORDINATOR, f"/applications/{change.id}/execution", {})
    version = {"If-Match": f'"{change.version}"'}
    correction = {"amount": money("900.00"), "instalments": 5, "purpose": "inputs", "project": "x"}
    refused(409, "application.asks_for_change", "PATCH", OFFICER, f"/applications/{change.id}", correction, **version)


def test_what_the_regulations_do_not_allow_is_told_in_both_languages(build_house, refused):
    rule = {"most": 1, "paid_before": "5"}
    _, (loan, changed) = build_house(
        lambda house: (house.disbursed(), _changed(house)), restructuring=rule, products=product(tranches=2)
    )
    wanted = {"kind": "reschedule", "reason": "No puede", "instalments": 10}
    refused(409, "restructuring.too_little_paid", "POST", OFFICER, f"/loans/{loan.id}/changes", wanted)
    refused(409, "restructuring.too_often", "POST", OFFICER, f"/loans/{changed.id}/changes", wanted)
    refused(409, "tranche.nothing_left", "POST", COORDINATOR, f"/loans/{loan.id}/rest-release", {})


def _changed(house: House) -> Any:
    loan = house.disbursed()
    house.repay(loan, "1000.00")
    return rescheduled(house, loan)


def test_carrying_out_is_refused_in_both_languages(build_house, refused):
    both = person("credit_officer", "committee_member", scope="HN17", subject=CHAIR.subject, name=CHAIR.name)

    def step(house: House) -> Any:
        settled = house.disbursed()
        late = approved(house, settled)
        house.repay(settled, str(house.fund.money(settled.left)))
        part = disbursed_in_part(house)
        debt = approved(house, part, "write_off")
        tranche(house, part, "1000.00")
        done = approved(house, house.disbursed())
        carry_out(house, done)
        return late, debt, done, approved(house, house.disbursed(), "write_off"), part, house.approved()

    _, (late, debt, done, waiting, part, credit) = build_house(step, products=product(tranches=3))
    execution = "/applications/{}/execution"
    refused(409, "loan.is_settled", "POST", COORDINATOR, execution.format(late.id), {})
    refused(409, "change.other_debt", "POST", COORDINATOR, execution.format(debt.id), {})
    refused(409, "application.is_carried_out", "POST", COORDINATOR, execution.format(done.id), {})
    refused(409, "segregation.voter_carries_out", "POST", both, execution.format(waiting.id), {})
    tranches = f"/loans/{part.id}/tranches"
    body = {"amount": money("6000.01"), "disbursed_on": "2026-03-05"}
    refused(404, "tranche.unknown", "GET", OFFICER, f"{tranches}/{uuid4()}/receipt")
    refused(409, "tranche.above_rest", "POST", OFFICER, tranches, body)
    path = f"/applications/{credit.id}/disbursement"
    above = {"disbursed_on": "2026-03-05", "amount": money("10000.01")}
    refused(422, "tranche.above_approval", "POST", CASHIER, path, above)


def test_the_other_refusals_of_tranches_are_told_in_both_languages(build_house, refused):
    _, (loan, credit) = build_house(
        lambda house: (disbursed_in_part(house), house.approved()), products=product(tranches=2)
    )
    assert credit
    with on(45) as day:
        body = {"amount": money("100.00"), "disbursed_on": day.isoformat()}
        refused(409, "tranche.loan_overdue", "POST", OFFICER, f"/loans/{loan.id}/tranches", body)


def test_what_is_handed_out_at_once_is_told_in_both_languages(build_house, refused):
    _, credit = build_house(lambda house: house.approved())
    body = {"disbursed_on": "2026-03-05", "amount": money("100.00")}
    refused(422, "tranche.all_at_once", "POST", CASHIER, f"/applications/{credit.id}/disbursement", body)


def test_the_command_lists_what_was_changed(build_house, run):
    build_house(lambda house: written_off(house, house.disbursed()))
    assert "FON-P-2026-0001  write_off  2026-03-05  -10000.00" in run("changes", "--kind", "write_off")
    assert "FON-P" not in run("changes", "--kind", "tranche", "--fund", "FON")


def test_the_minutes_say_from_what_to_what(session):
    house = House.build(session)
    loan = house.disbursed()
    with on(40):
        meeting = house.opened(appraised(house, asked(house, loan, instalments=10)))
        house.vote(meeting)
        from services.credit.use_cases.close_item import close_item
        from shared import files

        close_item(session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
        acta = close_session(session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
        told = " ".join(paper_text(files.read(session, acta.file_id)).split())
        assert f"reprogramar el préstamo {loan.number}" in told
        assert "Perdió la cosecha" in told
        assert "Plan vigente" in told
        assert "Plan nuevo" in told
        assert "10 cuotas" in told


def test_a_loan_is_rescheduled_through_the_pages(town: Town):
    house, loan = built(town, lambda house: house.disbursed())
    officer = town.signed_in("ofelia", "credit_officer")
    page = f"/credit/loans/{loan.id}"
    shown = officer.get(page)
    assert "Ella no puede pagar como se acordó" in text_of(shown)
    form = f"{page}/change?kind=reschedule"
    assert "Reprogramar el préstamo" in text_of(officer.get(form))
    assert officer.get(f"{page}/change?kind=forgive").status_code == 404
    typed = {"kind": "reschedule", "instalments": "10", "grace": "1", "reason": "Perdió la cosecha"}
    wrong = officer.post(f"{page}/change", typed | {"instalments": "90"}, page=form)
    assert (wrong.status_code, "Perdió la cosecha" in wrong.text) == (422, True), "nothing typed is lost"
    file = last_path(officer.post(f"{page}/change", typed, page=form))
    assert "Reprogramar el préstamo" in text_of(officer.get(file))
    assert "Reprogramar el préstamo" in text_of(officer.get("/credit"))
    appraise = f"{file}/appraise-change"
    assert 'value="10"' in officer.get(appraise).text
    found = {
        "visited_on": clock.today().isoformat(),
        "monthly_income": "5000.00",
        "monthly_expense": "4000.00",
        "monthly_debts": "0.00",
        "remarks": "Vende la mitad",
        "recommendation": "approve",
        "instalments": "10",
        "grace": "1",
    }
    assert officer.post(appraise, found | {"remarks": ""}).status_code == 422
    assert officer.post(appraise, found).status_code == 303
    told = text_of(officer.get(file))
    assert "Pasa a ser" in told
    assert "10 cuotas, 1 de gracia" in told
    application = file.rpartition("/")[2]
    with town.database.transaction() as session:
        from uuid import UUID

        from services.credit.models import Application
        from services.credit.use_cases.close_item import close_item

        inside = House(session, house.fund, house.committee_id, house.seats)
        meeting = inside.opened(session.get_one(Application, UUID(application)))
        inside.vote(meeting)
        item = meeting.agenda[0].id
    carla = town.signed_in("carla", "coordinator")
    room = text_of(carla.get(f"/credit/sessions/{meeting.id}?item={item}"))
    assert "Reprogramar el préstamo" in room
    assert "10 cuotas, 1 de gracia" in room
    with town.database.transaction() as session:
        close_item(session, CHAIR, session_id=meeting.id, item_id=item)
    execution = f"{file}/carry-out"
    assert "Llevar a cabo" in text_of(carla.get(file))
    key = hidden(carla.get(execution).text, "key")
    assert carla.post(execution, {"key": key}).status_code == 422
    assert last_path(carla.post(execution, {"key": key, "sure": "yes"})) == page
    told = text_of(carla.get(page))
    assert "Reprogramado" in told
    assert "El plan de pagos anterior" in told
    assert "no hay nada que llevar a cabo" in text_of(carla.get(execution))
    assert loan.number in text_of(carla.get("/credit/changes?kind=reschedule"))
    assert "No se cambió ningún préstamo" in text_of(carla.get("/credit/changes?kind=write_off"))


def test_a_write_off_and_a_refinancing_are_shown_on_their_pages(town: Town):
    def step(house: House) -> Any:
        lost = written_off(house, house.disbursed("3000.00"))
        old = house.disbursed("4000.00")
        new = approved(house, old, "refinance", amount=house.fund.money(9000_00))
        waiting = approved(house, house.disbursed("2000.00"), "write_off")
        return lost, old, new, waiting

    _, (lost, old, new, waiting) = built(town, step)
    carla, cashier = town.signed_in("carla", "coordinator"), town.signed_in("casilda", "cashier")
    told = text_of(carla.get(f"/credit/loans/{lost.id}"))
    assert "lo que pague es recuperación" in told
    assert "Castigado" in told
    assert (
        "Registrar un pago" in text_of(cashier.get(f"/credit/loans/{lost.id}"))
        or "/repay" in cashier.get(f"/credit/loans/{lost.id}").text
    )
    pay = f"/credit/applications/{new.id}/disburse"
    shown = cashier.get(pay)
    assert "Cancela" in text_of(shown)
    typed = {"disbursed_on": clock.today().isoformat(), "handed_over": "yes", "key": hidden(shown.text, "key")}
    loan = last_path(cashier.post(pay, typed))
    assert "todo él cuenta como en riesgo" in text_of(cashier.get(loan))
    assert "Cancelado con otro préstamo" in text_of(carla.get(f"/credit/loans/{old.id}"))
    told = text_of(carla.get(f"/credit/applications/{waiting.id}"))
    assert "Sale de los libros" in told
    assert "L2,000.00" in told
    assert "Monto recomendado" not in told
    assert f"/credit/applications/{waiting.id}/disburse" not in cashier.get("/credit?state=approved").text


def test_parts_are_handed_out_on_their_page(town: Town):
    _, application = built(town, lambda house: house.approved(), products=product(tranches=3))
    cashier, officer = town.signed_in("casilda", "cashier"), town.signed_in("ofelia", "credit_officer")
    pay = f"/credit/applications/{application.id}/disburse"
    shown = cashier.get(pay)
    assert "Puede desembolsarse en hasta 3 partes" in text_of(shown)
    typed = {
        "disbursed_on": clock.today().isoformat(),
        "handed_over": "yes",
        "amount": "4000.00",
        "key": hidden(shown.text, "key"),
    }
    loan = last_path(cashier.post(pay, typed))
    assert "por desembolsar en partes" in text_of(cashier.get(loan))
    form = f"{loan}/tranche"
    key = hidden(cashier.get(form).text, "key")
    part = {"amount": "1000.00", "disbursed_on": clock.today().isoformat(), "key": key}
    assert cashier.post(form, part).status_code == 422
    assert cashier.post(form, part | {"amount": "9000.00", "handed_over": "yes"}).status_code == 409
    assert cashier.post(form, part | {"handed_over": "yes"}).status_code == 303
    shown = cashier.get(loan)
    assert "Otra parte desembolsada" in text_of(shown)
    receipt = re.search(r'href="(/credit/loans/[0-9a-f-]+/tranches/[0-9a-f-]+)"', shown.text)
    assert receipt
    paper = paper_text(cashier.get(receipt[1]).data)
    assert "1,000.00" in paper
    assert "según la resolución FON-R-2026-0001" in " ".join(paper.split())
    officer.get(loan)
    assert officer.post(f"{loan}/rest-release", {}).status_code == 303
    assert "vuelve a estar libre" in text_of(officer.get(loan))
    officer.post(f"{loan}/rest-release", {})
    assert "no queda nada por desembolsar" in text_of(officer.get(loan))
    assert "No queda nada por desembolsar" in text_of(officer.get(form))


def test_a_tomorrow_that_was_promised_is_not_carried_out_yesterday(build_house, client):
    """Carrying out has no day to choose: it is done today."""
    _, application = build_house(lambda house: approved(house, house.disbursed()))
    with on(2) as day:
        done = client.post(OFFICER, f"/applications/{application.id}/execution").body
        assert done["changes"][0]["done_on"] == day.isoformat()
        assert done["rescheduled_on"] == day.isoformat()
        assert done["instalments"][-1]["due"] > (day + timedelta(days=300)).isoformat()


def test_a_loan_leads_to_no_file_that_lies_before_no_committee_of_hers(town: Town):
    def step(house: House) -> Any:
        loan = house.disbursed()
        asked(house, loan)
        return loan

    page = f"/credit/loans/{housed(town, step).id}"
    assert "/credit/applications/" in town.signed_in("ofelia", "credit_officer").get(page).text
    shown = town.signed_in("petrona", "committee_member").get(page)
    assert (shown.status_code, "/credit/applications/" in shown.text) == (200, False)
