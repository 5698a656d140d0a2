"""A loan is paid out: the centre stands beside the project, visits it, and writes down what it saw."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.registry.models import CopyLoan
from services.registry.subscriptions import SUBSCRIPTIONS
from shared.bus.envelope import Envelope
from shared.bus.replay import canonical
from shared.events import Event
from shared.events.credit import LoanDisbursed, LoanSettled, RepaymentPosted, RepaymentReversed, TrancheDisbursed
from shared.events.territory import BoundariesReplaced
from shared.kernel import Money, clock, uuid7
from shared.testing import person
from tests.registry.house import COORDINATOR, TECHNICIAN, House

LOAN = UUID("01890000-0000-7000-8000-000000000001")
FONSECA = person("technician", scope="HN17", subject="fonseca", name="Técnica del Golfo")


def disbursed(enterprise_id: str, **changes: Any) -> LoanDisbursed:
    facts: dict[str, Any] = {
        "loan_id": LOAN,
        "application_id": uuid7(),
        "enterprise_id": UUID(enterprise_id),
        "owner_ids": [],
        "municipality": "HN1709",
        "chain": "dairy",
        "amount": Money(1_500_000, "HNL"),
        "term_months": 12,
        "disbursed_on": clock.today(),
        "assistance_needs": ["quality", "market"],
    }
    return LoanDisbursed(**facts | changes)


def hear(house: House, event: Event, *, event_id: UUID | None = None, replaying: bool = False) -> None:
    envelope = Envelope(
        source=event.type.split(".")[2],
        log_id=uuid7(),
        position=1,
        id=event_id or uuid7(),
        type=event.type,
        subject=uuid7(),
        time=clock.now(),
        data=event.payload(),
    )
    with house.database.transaction() as session:
        SUBSCRIPTIONS.handle(session, envelope, replaying=replaying)


def plan_of(house: House, caller: Any = COORDINATOR) -> dict[str, Any]:
    row = house.call("GET", "/accompaniments", caller).json["items"][0]
    shown: dict[str, Any] = house.call("GET", f"/accompaniments/{row['id']}", caller).json
    return shown


def test_a_loan_paid_out_opens_an_accompaniment_with_dated_visits(house: House) -> None:
    enterprise = house.register()
    hear(house, disbursed(enterprise["id"]))
    plan = plan_of(house)
    assert (plan["loan_id"], plan["needs"], plan["technician"]) == (str(LOAN), ["quality", "market"], None)
    assert plan["loan_amount"] == {"amount": "15000.00", "currency": "HNL"}
    purposes = [purpose for visit in plan["visits"] for purpose in visit["purposes"]]
    assert {"check_investment", "quality_diagnosis", "market_contacts", "closing"} <= set(purposes)
    assert "formalization_steps" not in purposes
    days = [visit["due_on"] for visit in plan["visits"]]
    assert days == sorted(days)
    assert days[0] > clock.today().isoformat()
    name, data = house.events()[-1]
    assert (name, data["accompaniment_id"], data["municipality"]) == ("accompaniment-opened", plan["id"], "HN1709")
    assert house.call("GET", f"/enterprises/{enterprise['id']}").json["loans"][0]["outstanding"]["amount"] == "15000.00"


def test_the_same_loan_opens_one_accompaniment_however_often_it_is_told(house: House) -> None:
    event = disbursed(house.register()["id"])
    told = uuid7()
    hear(house, event, event_id=told)
    hear(house, event, event_id=told)
    hear(house, event)
    hear(house, event, replaying=True)
    assert len(house.call("GET", "/accompaniments?state=all").json["items"]) == 1


def test_a_loan_without_needs_of_its_own_answers_those_of_the_profile(house: House) -> None:
    hear(house, disbursed(house.register(needs=["formalization"])["id"], assistance_needs=[]))
    assert plan_of(house)["needs"] == ["formalization"]


@pytest.mark.parametrize(
    ("role", "loans"),
    [
        ("technician", True),
        ("network_coordinator", True),
        ("auditor", True),
        ("credit_officer", True),
        ("committee_member", True),
        ("cashier", True),
        ("trainer", False),
        ("leda_viewer", False),
    ],
)
def test_what_she_owes_is_told_to_those_whose_task_it_is(sqlite_house: House, role: str, *, loans: bool) -> None:
    shown = sqlite_house.register()
    hear(sqlite_house, disbursed(shown["id"]))
    seen = sqlite_house.call("GET", f"/enterprises/{shown['id']}", person(role)).json
    assert bool(seen["loans"]) is loans


def test_a_plan_tells_the_credit_officer_only_of_who_agreed_to_it_and_the_auditor_no_telephone(house: House) -> None:
    shown = house.register()
    hear(house, disbursed(shown["id"]))
    officer, auditor = person("credit_officer"), person("auditor")
    assert plan_of(house, officer)["owners"][0]["phone"] == "+50498765432"
    assert plan_of(house, auditor)["owners"][0]["phone"] is None
    plan = plan_of(house)
    no = {"purpose": "credit", "granted": False, "given_on": "2026-03-02", "channel": "office"}
    house.call("POST", f"/entrepreneurs/{shown['owners'][0]['id']}/consents", json=no)
    assert house.call("GET", "/accompaniments", officer).json["items"] == []
    answer = house.call("GET", f"/accompaniments/{plan['id']}", officer)
    assert (answer.status_code, answer.json["code"]) == (404, "accompaniment.unknown")
    assert plan_of(house, auditor)["id"] == plan["id"]


def test_a_short_loan_has_no_visit_after_its_end(house: House) -> None:
    hear(house, disbursed(house.register()["id"], term_months=1))
    last = plan_of(house)["visits"][-1]["due_on"]
    assert last <= (clock.today() + timedelta(days=32)).isoformat()


def test_a_loan_of_an_unknown_enterprise_is_a_fault_and_of_a_withdrawn_one_is_not(house: House) -> None:
    from shared.kernel import NotFound

    with pytest.raises(NotFound):
        hear(house, disbursed(str(uuid7())))
    enterprise = house.register()
    woman = enterprise["owners"][0]
    house.call("DELETE", f"/entrepreneurs/{woman['id']}", version=woman["version"])
    hear(house, disbursed(enterprise["id"]))
    assert house.call("GET", "/accompaniments?state=all").json["items"] == []


def test_copies_of_loans_come_out_the_same_in_any_order_between_loans_and_repayments(house: House) -> None:
    enterprise = UUID(house.register()["id"])
    common = {"loan_id": LOAN, "enterprise_id": enterprise, "municipality": "HN1709"}
    repaid = RepaymentPosted(
        **common,
        repayment_id=uuid7(),
        amount=Money(100_000, "HNL"),
        outstanding=Money(1_400_000, "HNL"),
        posted_on=clock.today(),
    )
    hear(house, repaid)
    hear(house, disbursed(str(enterprise)), replaying=True)
    loan = house.call("GET", f"/enterprises/{enterprise}").json["loans"][0]
    assert (loan["amount"]["amount"], loan["outstanding"]["amount"]) == ("15000.00", "14000.00")
    more = {"amount": Money(500_000, "HNL"), "lent": Money(2_000_000, "HNL"), "outstanding": Money(1_900_000, "HNL")}
    hear(house, TrancheDisbursed(**common, **more, disbursed_on=clock.today()))
    loan = house.call("GET", f"/enterprises/{enterprise}").json["loans"][0]
    assert (loan["amount"]["amount"], loan["outstanding"]["amount"]) == ("20000.00", "19000.00")
    hear(house, LoanSettled(**common, settled_on=clock.today()))
    loan = house.call("GET", f"/enterprises/{enterprise}").json["loans"][0]
    assert (loan["outstanding"]["amount"], loan["settled_on"]) == ("0.00", clock.today().isoformat())
    with house.database.reading() as session:
        assert canonical(session, [CopyLoan.__table__]).count("copy_loan") == 1


def test_a_loan_whose_repayment_is_reversed_is_owed_and_open_again(house: House) -> None:
    enterprise = UUID(house.register()["id"])
    common = {"loan_id": LOAN, "enterprise_id": enterprise, "municipality": "HN1709"}
    hear(house, disbursed(str(enterprise)), replaying=True)
    hear(house, LoanSettled(**common, settled_on=clock.today()))
    reversal = RepaymentReversed(
        **common,
        repayment_id=uuid7(),
        amount=Money(1_500_000, "HNL"),
        outstanding=Money(1_500_000, "HNL"),
        settled=False,
        reversed_on=clock.today(),
    )
    hear(house, reversal)
    loan = house.call("GET", f"/enterprises/{enterprise}").json["loans"][0]
    assert (loan["outstanding"]["amount"], loan["settled_on"]) == ("15000.00", None)


def test_other_boundaries_ask_for_every_point_of_their_country_anew(house: House) -> None:
    from sqlalchemy import select

    from shared.jobs import job_table

    replaced = BoundariesReplaced(country="HN", kind="official", source="x", valid_from=clock.today())
    hear(house, replaced)
    with house.database.reading() as session:
        assert session.execute(select(job_table.c.kind, job_table.c.payload)).all() == [
            ("settle-places", {"country": "HN"})
        ]


def test_a_visit_is_written_down_once_with_when_to_come_again(house: House) -> None:
    hear(house, disbursed(house.register()["id"], disbursed_on=clock.today() - timedelta(days=20)))
    plan = plan_of(house)
    first = plan["visits"][0]
    assert first["overdue"] is True
    visit = {
        "visit_id": first["id"],
        "made_on": clock.today().isoformat(),
        "minutes": 75,
        "notes": "Compró la prensa.",
        "agreements": "Llevar cuentas.",
        "next_visit": {"due_on": (clock.today() + timedelta(days=9)).isoformat(), "purpose": "accounts_review"},
    }
    path = f"/accompaniments/{plan['id']}/visits"
    done = house.call("POST", path, FONSECA, json=visit)
    assert done.status_code == 201
    made = next(item for item in done.json["visits"] if item["id"] == first["id"])
    assert (made["notes"], made["minutes"], made["made_by_name"]) == ("Compró la prensa.", 75, "Técnica del Golfo")
    assert len(done.json["visits"]) == len(plan["visits"]) + 1
    again = house.call("POST", path, FONSECA, json=visit)
    assert (again.status_code, again.json["code"]) == (409, "visit.recorded_already")
    row = house.call("GET", "/accompaniments").json["items"][0]
    assert row["visits_made"] == 1


REFUSED = [
    ({"made_on": (clock.today() + timedelta(days=2)).isoformat()}, 422, "visit.in_the_future"),
    ({"made_on": "2020-01-01"}, 422, "visit.before_opening"),
    ({"visit_id": str(LOAN)}, 409, "visit.of_another_plan"),
    ({"minutes": 0}, 422, "body.invalid_fields"),
    ({"minutes": "60"}, 422, "body.invalid_fields"),
    ({"notes": "x" * 5000}, 422, "body.invalid_fields"),
    ({"next_visit": {"due_on": "mañana"}}, 422, "body.invalid_fields"),
]


@pytest.mark.parametrize(("changes", "status", "code"), REFUSED)
def test_a_visit_that_cannot_be_is_refused(
    sqlite_house: House, changes: dict[str, Any], status: int, code: str
) -> None:
    hear(sqlite_house, disbursed(sqlite_house.register()["id"]))
    plan = plan_of(sqlite_house)
    body = {"made_on": clock.today().isoformat()} | changes
    answer = sqlite_house.call("POST", f"/accompaniments/{plan['id']}/visits", json=body)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert plan_of(sqlite_house)["visits"] == plan["visits"]


def test_a_technician_takes_a_plan_over_and_only_a_coordinator_gives_it_to_another(house: House) -> None:
    hear(house, disbursed(house.register()["id"]))
    plan = plan_of(house)
    path = f"/accompaniments/{plan['id']}"
    to_another = {"technician": "otra", "technician_name": "Otra técnica"}
    refused = house.call("PATCH", path, FONSECA, version=plan["version"], json=to_another)
    assert (refused.status_code, refused.json["code"]) == (409, "accompaniment.assigned_by_coordinator")
    hers = {"technician": FONSECA.subject, "technician_name": FONSECA.name}
    taken = house.call("PATCH", path, FONSECA, version=plan["version"], json=hers).json
    assert taken["technician_name"] == "Técnica del Golfo"
    assert len(house.call("GET", "/accompaniments?technician=me", FONSECA).json["items"]) == 1
    assert house.call("GET", "/accompaniments?technician=nobody").json["items"] == []
    stale = house.call("PATCH", path, COORDINATOR, version=plan["version"], json=to_another)
    assert stale.status_code == 412
    assert (
        house.call("PATCH", path, COORDINATOR, version=taken["version"], json=to_another).json["technician"] == "otra"
    )


def test_a_closed_accompaniment_is_left_alone(house: House) -> None:
    hear(house, disbursed(house.register()["id"]))
    plan = plan_of(house)
    path = f"/accompaniments/{plan['id']}"
    today = clock.today().isoformat()
    for body, code in (
        ({"closed_on": "2020-01-01"}, "accompaniment.closed_before_opened"),
        ({"closed_on": "2199-01-01"}, "accompaniment.closed_in_the_future"),
        ({"closed_on": today, "technician": "x", "technician_name": "x"}, "accompaniment.assign_or_close"),
        ({"technician": "x"}, "accompaniment.assign_or_close"),
    ):
        answer = house.call("PATCH", path, version=plan["version"], json=body)
        assert (answer.status_code, answer.json["code"]) == (422, code)
    closed = house.call("PATCH", path, version=plan["version"], json={"closed_on": today}).json
    assert (closed["closed_on"], closed["phase"]) == (today, "consolidation")
    visit = house.call("POST", f"{path}/visits", json={"made_on": today})
    assert (visit.status_code, visit.json["code"]) == (409, "accompaniment.closed")
    assert house.call("GET", "/accompaniments").json["items"] == []
    assert len(house.call("GET", "/accompaniments?state=closed").json["items"]) == 1


def test_a_plan_of_another_territory_is_neither_seen_nor_changed(house: House) -> None:
    hear(house, disbursed(house.register()["id"]))
    plan = plan_of(house)
    elsewhere = person("technician", scope="SV", subject="sv")
    assert house.call("GET", "/accompaniments", elsewhere).json["items"] == []
    assert house.call("GET", f"/accompaniments/{plan['id']}", elsewhere).status_code == 403
    body = {"made_on": clock.today().isoformat()}
    assert house.call("POST", f"/accompaniments/{plan['id']}/visits", elsewhere, json=body).status_code == 403


def test_a_project_without_a_loan_is_accompanied_too(house: House) -> None:
    enterprise = house.register()
    body = {
        "enterprise_id": enterprise["id"],
        "needs": ["training"],
        "begins_on": clock.today().isoformat(),
        "months": 3,
    }
    opened = house.call("POST", "/accompaniments", TECHNICIAN, json=body)
    assert (opened.status_code, opened.json["loan_id"]) == (201, None)
    more = {"due_on": (clock.today() + timedelta(days=3)).isoformat(), "purpose": "fair_preparation"}
    planned = house.call("POST", f"/accompaniments/{opened.json['id']}/plan", TECHNICIAN, json=more).json
    assert planned["visits"][0]["purposes"] == ["fair_preparation"]
    soon = house.call("GET", "/accompaniments?due=soon").json["items"]
    assert [row["overdue"] for row in soon] == [False]
    assert house.call("GET", "/accompaniments?due=late").json["items"] == []


def test_a_case_and_its_plan_belong_to_those_where_the_enterprise_is_today(house: House) -> None:
    enterprise = house.register()
    hear(house, disbursed(enterprise["id"]))
    case = plan_of(house)
    begun = house.call("POST", "/business-plans", COORDINATOR, json={"accompaniment_id": case["id"]}).json
    moved = {"municipality": "HN0801", "point": None}
    answer = house.call("PATCH", f"/enterprises/{enterprise['id']}", version=enterprise["version"], json=moved)
    assert answer.status_code == 200, answer.json
    body = {"made_on": clock.today().isoformat(), "minutes": 60}
    change = {"sections": {"summary": "Lo que se propone"}}
    shown, plan = f"/accompaniments/{case['id']}", f"/business-plans/{begun['id']}"
    for caller, mine in ((FONSECA, False), (person("technician", scope="HN08", subject="capital"), True)):
        answers = (
            house.call("GET", f"/enterprises/{enterprise['id']}", caller),
            house.call("GET", shown, caller),
            house.call("GET", plan, caller),
            house.call("POST", f"{shown}/visits", caller, json=body),
            house.call("PATCH", plan, caller, version=begun["version"], json=change),
        )
        assert [answer.status_code for answer in answers] == ([200, 200, 200, 201, 200] if mine else [403] * 5)
        for path in ("/accompaniments", "/business-plans", "/accompaniments/agenda"):
            assert bool(house.call("GET", path, caller).json["items"]) == mine
        hours = f"/accompaniments/hours?since={body['made_on']}&until={body['made_on']}&by=need"
        assert house.call("GET", hours, caller).json["visits"] == int(mine)
        assert house.call("GET", "/dashboard", caller).json["visits_made"] == int(mine)
    assert house.call("GET", shown).json["municipality"] == "HN0801"
