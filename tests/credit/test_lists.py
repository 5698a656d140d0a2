"""Lists show the caller's territory and nothing else, page by page, with totals of exactly what is listed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from services.credit.models import Loan
from services.credit.queries import loans as queries
from services.credit.rules.allocation import Part
from services.credit.use_cases.cast_vote import declare_conflict
from services.credit.use_cases.close_item import close_item
from shared.kernel import clock
from shared.testing import person
from tests.credit.closing import RULES, close, on
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    LEDA,
    OFFICER,
    SECRETARY,
    TECHNICIAN,
    TODAY,
    WOMAN,
    House,
    product,
)

VALLE = person("credit_officer", scope="HN1709", subject="valle")
NOBODY_HERE = person("credit_officer", "coordinator", scope="SV", subject="salvador")


def several(house: House) -> None:
    for _ in range(3):
        house.submitted()
    house.approved("4000.00")
    house.disbursed("1000.00")
    house.convened(house.appraised())


def test_applications_are_paged_filtered_and_counted(build_house, client):
    build_house(several)
    first = client.get(TECHNICIAN, "/applications?limit=4")
    after = first.headers["Link"].partition("after=")[2].partition(">")[0]
    second = client.get(TECHNICIAN, f"/applications?limit=4&after={after}")
    numbers = [row["number"] for answer in (first, second) for row in answer.body["items"]]
    assert numbers == [f"FON-S-2026-{number:04d}" for number in range(6, 0, -1)]
    waiting = client.get(TECHNICIAN, "/applications?state=submitted,approved").body["items"]
    assert {row["state"] for row in waiting} == {"submitted", "approved"}
    stages = {row["state"]: row["count"] for row in client.get(TECHNICIAN, "/applications/stages").body["items"]}
    assert stages == {"submitted": 3, "approved": 1, "disbursed": 1, "on_agenda": 1}
    assert client.get(TECHNICIAN, "/applications?number=0004").body["items"][0]["number"] == "FON-S-2026-0004"


def test_a_list_ends_at_the_border_of_the_callers_territory(build_house, client):
    def step(house: House) -> None:
        house.submitted()
        house.submitted(enterprise_id=house.enterprise("HN1701"))

    build_house(step)
    rows = client.get(VALLE, "/applications").body["items"]
    assert [row["municipality"] for row in rows] == ["HN1709"]
    for path in ("/applications", "/loans", "/sessions", "/funds", "/committees"):
        assert client.get(NOBODY_HERE, path).body["items"] == []


def test_only_the_instalments_of_the_loans_on_the_page_are_looked_at(build_house, client, database):
    build_house(lambda house: [house.disbursed("1000.00") for _ in range(3)])
    sent: list[str] = []
    with clock.frozen(TODAY + timedelta(days=40)), database.reading() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *given: sent.append(given[2]))
        page = queries.listed(session, OFFICER, {"overdue": True}, limit=2, after=None)
        assert [row["days_overdue"] for row in page.rows] == [9, 9]
    of_instalments = [statement for statement in sent if "sum(" in statement]
    assert len(of_instalments) == 1
    assert "loan.id IN" in of_instalments[0]


def test_a_loan_that_owes_nothing_but_a_late_charge_is_overdue(build_house, client, database):
    _, loan = build_house(lambda house: house.disbursed("1000.00"), **RULES)
    with on(loan.instalments[0].due + timedelta(days=9)):
        with database.transaction() as session:
            close(session, loan.fund_id)
            first = session.get_one(Loan, loan.id).instalments[0]
            charge = session.get_one(Loan, loan.id).late_charges[1]
            first.pay(Part(1, penalty=charge - 7, interest=first.interest, principal=first.principal))
            session.get_one(Loan, loan.id)._recount()
        [row] = client.get(OFFICER, "/loans?overdue=true").body["items"]
        assert (row["overdue"]["amount"], row["days_overdue"]) == ("0.07", 9)
        [totals] = client.get(OFFICER, "/loans/totals?overdue=true").body["items"]
        assert totals["overdue"]["amount"] == "0.07"
        assert client.get(NOBODY_HERE, "/loans/totals").body["items"] == []


def test_overdue_loans_and_their_totals(build_house, client):
    build_house(lambda house: (house.disbursed("1000.00"), house.disbursed("2000.00")))
    assert client.get(OFFICER, "/loans?overdue=true").body["items"] == []
    with clock.frozen(TODAY + timedelta(days=40)):
        rows = client.get(OFFICER, "/loans?overdue=true").body["items"]
        assert [row["days_overdue"] for row in rows] == [9, 9]
        totals = client.get(OFFICER, "/loans/totals?overdue=true").body["items"]
        assert totals[0]["count"] == 2
        assert totals[0]["principal"]["amount"] == "3000.00"
        summed = sum(float(row["overdue"]["amount"]) for row in rows)
        assert float(totals[0]["overdue"]["amount"]) == summed
        loan = client.get(CASHIER, f"/loans/{rows[0]['id']}").body
        assert loan["instalments"][0]["state"] == "overdue"
        assert loan["overdue"] == rows[0]["overdue"] == loan["due_now"]


def test_sessions_say_how_many_items_they_have(build_house, client):
    build_house(several)
    rows = client.get(CHAIR, "/sessions").body["items"]
    assert [(row["state"], row["items"]) for row in rows] == [("convened", 1), ("open", 1), ("open", 1)]
    assert len(client.get(CHAIR, "/sessions?state=convened").body["items"]) == 1


def test_the_room_tells_a_member_why_she_may_not_vote(build_house, client):
    stranger = person("technician", scope="HN17", subject="stranger")
    _, meeting = build_house(lambda house: house.opened(house.appraised()))

    def item(caller: Any) -> Any:
        return client.get(caller, f"/sessions/{meeting.id}").body["agenda"][0]

    assert item(CHAIR)["why_not"] is None
    assert item(stranger)["why_not"] == "committee.not_a_member"
    assert item(COORDINATOR)["quorum"] == {"present": 4, "needed": 3, "missing": [], "reached": True}


def decided_with_a_recusal(house: House) -> Any:
    """Two items from two municipalities: the first is decided, with a recusal and a vote against."""
    here = house.appraised(enterprise_id=house.enterprise("HN1709"))
    there = house.appraised(enterprise_id=house.enterprise("HN1701"))
    meeting = house.opened(here, there)
    item = meeting.agenda[0].id
    declare_conflict(house.session, WOMAN, session_id=meeting.id, item_id=item, reason="Es mi prima")
    house.vote(meeting, by=(CHAIR, SECRETARY))
    house.vote(meeting, choice="refuse", by=(LEDA,))
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=item)
    return meeting


def test_who_does_not_read_minutes_sees_neither_votes_nor_reasons(build_house, client):
    _, meeting = build_house(decided_with_a_recusal)

    def seen(caller: Any) -> tuple[list[str], list[str | None]]:
        item = client.get(caller, f"/sessions/{meeting.id}").body["agenda"][0]
        return [vote["choice"] for vote in item["votes"]], [recusal["reason"] for recusal in item["recusals"]]

    assert seen(CHAIR) == (["approve", "approve", "refuse"], ["Es mi prima"])
    assert seen(TECHNICIAN) == ([], [None])
    room = client.get(TECHNICIAN, f"/sessions/{meeting.id}").content.decode()
    assert "No hay capacidad" not in room
    assert "Es mi prima" not in room


@pytest.mark.parametrize("role", ["technician", "credit_officer", "auditor"])
def test_an_application_from_elsewhere_is_an_item_without_a_face(build_house, client, role):
    _, meeting = build_house(decided_with_a_recusal)
    valle = person(role, scope="HN1709", subject="valle")
    mine, other = client.get(valle, f"/sessions/{meeting.id}").body["agenda"]
    assert mine["application"]["project"] == "Un horno nuevo"
    assert other["state"] == "pending"
    hidden = ("application", "amount", "conditions", "recommendation", "appraised_by_name")
    assert [other[name] for name in hidden] == [None] * len(hidden)


def test_why_an_application_from_elsewhere_was_refused_stays_there(build_house, client):
    _, meeting = build_house(decided_with_a_recusal)
    gulf = person("credit_officer", scope="HN1701", subject="gulf")
    decided = client.get(gulf, f"/sessions/{meeting.id}").body["agenda"][0]
    assert (decided["outcome"], decided["votes"]) == ("approved", [])
    assert [recusal["reason"] for recusal in decided["recusals"]] == [None]
    assert client.get(gulf, f"/sessions/{meeting.id}/notice").status == 403
    assert client.get(OFFICER, f"/sessions/{meeting.id}/notice").status == 200


def test_who_decides_sees_what_she_decides_on_wherever_it_comes_from(build_house, client):
    _, meeting = build_house(decided_with_a_recusal)
    narrow = person("committee_member", scope="HN1709", subject=LEDA.subject)
    assert [
        item["application"]["municipality"] for item in client.get(narrow, f"/sessions/{meeting.id}").body["agenda"]
    ] == ["HN1709", "HN1701"]
    stranger = person("technician", scope="HN1709", subject="stranger")
    assert client.get(stranger, f"/sessions/{meeting.id}").body["agenda"][1]["application"] is None


def test_the_approval_is_all_that_who_pays_out_sees(build_house, client):
    _, application = build_house(lambda house: house.approved())
    told = client.get(CASHIER, f"/applications/{application.id}/approval").body
    assert (told["resolution"], told["amount"]["amount"]) == ("FON-R-2026-0001", "10000.00")
    assert "monthly_income" not in str(told)


@pytest.mark.parametrize("role", ["technician", "committee_member", "trust_fund_member", "auditor", "leda_viewer"])
def test_only_who_keeps_the_contract_holds_the_number_of_her_document(build_house, client, role):
    _, loan = build_house(lambda house: house.disbursed())
    answer = client.get(person(role, scope="HN17"), f"/loans/{loan.id}/note")
    assert (answer.status, answer.code) == (403, "permission.role_missing")
    assert client.get(CASHIER, f"/loans/{loan.id}/note").content.startswith(b"%PDF")


def test_an_edition_of_the_regulations_rules_from_its_day(build_house, client):
    tomorrow = TODAY + timedelta(days=1)
    house, _ = build_house(lambda house: house.adopt(tomorrow.date(), products=product(maximum=5_000_00)))

    def told() -> tuple[list[tuple[int, bool]], str]:
        rows = client.get(COORDINATOR, f"/funds/{house.fund.id}/regulations").body["items"]
        products = client.get(COORDINATOR, f"/funds/{house.fund.id}/products").body["items"]
        return [(row["edition"], row["in_force"]) for row in rows], products[0]["maximum"]["amount"]

    assert told() == ([(2, False), (1, True)], "20000.00")
    with clock.frozen(tomorrow):
        assert told() == ([(2, True), (1, False)], "5000.00")
