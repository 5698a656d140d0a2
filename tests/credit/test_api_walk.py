"""The whole way of a credit through the API, each step by the role that does it."""

import pytest

from services.credit.rules.quorum import CONSTITUENCIES
from shared.database import Database
from shared.testing import person
from tests.credit.client import Client
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    LEDA,
    MEMBERS,
    OFFICER,
    PARAMETERS,
    SEATS,
    TECHNICIAN,
    House,
)

HNL = "HNL"


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": HNL}


FUND = {
    "code": "GOLFO",
    "name": "Fondo de Mujeres del Golfo",
    "centre": "CSEM Golfo de Fonseca",
    "host": "ADEL Valle",
    "trustee": "Banco Fiduciario de Prueba",
    "trustee_account": "000-111",
    "currency": HNL,
    "units": ["HN17"],
    "reserve": money("1000.00"),
}
APPRAISAL = {
    "visited_on": "2026-03-04",
    "monthly_income": money("9000.00"),
    "monthly_expense": money("6000.00"),
    "monthly_debts": money("500.00"),
    "recommendation": "approve",
    "amount": money("8000.00"),
    "instalments": 12,
    "assistance_needs": ["market"],
}


@pytest.fixture
def enterprise(database: Database) -> str:
    with database.transaction() as session:
        return str(House(session, None, None, {}).enterprise())  # type: ignore[arg-type]


def test_a_credit_walks_from_the_fund_to_the_receipt(client: Client, enterprise: str):
    fund = client.post(COORDINATOR, "/funds", FUND).body["id"]
    regulations = {
        "title": "Reglamento de Crédito",
        "source": "Acuerdo 1/2025",
        "valid_from": "2025-01-01",
        "signatories": [{"name": "Ana Firmante", "office": "ADEL"}],
        "parameters": PARAMETERS,
    }
    assert client.post(COORDINATOR, f"/funds/{fund}/regulations", regulations).body["edition"] == 1
    given = {
        "funder": "Cooperación",
        "source": "donor",
        "repayable": False,
        "amount": money("50000.00"),
        "received_on": "2026-01-02",
    }
    assert client.post(COORDINATOR, f"/funds/{fund}/contributions", given).status == 201
    committee = client.post(COORDINATOR, "/committees", {"fund_id": fund, "name": "Comité de Crédito"}).body["id"]
    for who, constituency, position, organization in SEATS:
        seat = {
            "constituency": constituency,
            "position": position,
            "subject": who.subject,
            "name": who.name,
            "organization": organization,
            "since": "2025-01-01",
        }
        assert client.post(COORDINATOR, f"/committees/{committee}/seats", seat).status == 201

    assert client.get(TECHNICIAN, f"/enterprises/{enterprise}/eligibility?fund={fund}").body["eligible"]
    quote = client.get(TECHNICIAN, f"/funds/{fund}/quote?product=working-capital&amount=8000.00&instalments=12")
    assert quote.body["items"][0]["payment"] == money("733.44")
    request = {
        "fund_id": fund,
        "enterprise_id": enterprise,
        "product": "working-capital",
        "amount": money("10000.00"),
        "instalments": 12,
        "purpose": "equipment",
        "project": "Un horno nuevo",
    }
    submitted = client.post(TECHNICIAN, "/applications", request)
    assert submitted.status == 201, submitted.content
    application = submitted.body["id"]
    changed = client.patch(
        TECHNICIAN,
        f"/applications/{application}",
        {k: request[k] for k in ("amount", "instalments", "purpose")} | {"project": "Un horno y una mesa"},
        submitted.body["version"],
    )
    assert changed.body["project"] == "Un horno y una mesa"
    appraised = client.post(OFFICER, f"/applications/{application}/appraisals", APPRAISAL).body
    assert appraised["appraisals"][0]["monthly_surplus"] == money("2500.00")
    assert appraised["appraisals"][0]["share_of_surplus"] == 30

    called = {"committee_id": committee, "held_on": "2026-03-05", "held_at": "10:00", "place": "San Lorenzo"}
    room = client.post(COORDINATOR, "/sessions", called).body
    session = room["id"]
    assert len(room["seats"]) == 4
    client.post(COORDINATOR, f"/sessions/{session}/agenda", {"application_id": application})
    opened = client.post(CHAIR, f"/sessions/{session}/opening", {"present": [seat["id"] for seat in room["seats"]]})
    assert {seat["constituency"] for seat in opened.body["roll"]} == set(CONSTITUENCIES)
    item = opened.body["agenda"][0]["id"]
    for who in MEMBERS:
        voted = client.post(who, f"/sessions/{session}/items/{item}/votes", {"choice": "approve"})
        assert voted.body["agenda"][0]["my_vote"] == "approve"
        assert voted.body["agenda"][0]["votes"] == [], "what others chose stays hidden until the item is decided"
    resolution = client.post(CHAIR, f"/sessions/{session}/items/{item}/closing").body
    assert (resolution["number"], resolution["outcome"]) == ("GOLFO-R-2026-0001", "approved")
    assert client.get(OFFICER, f"/funds/{fund}").body["available"] == money("41000.00")
    acta = client.post(CHAIR, f"/sessions/{session}/closing").body
    printed = client.get(LEDA, f"/sessions/{session}/acta")
    assert printed.content.startswith(b"%PDF")
    portal = person("service", subject="portal")
    verified = client.get(CHAIR, f"/documents/{acta['hash']}/verification")
    assert verified.status == 403
    del portal

    preview = client.get(OFFICER, f"/applications/{application}/schedule").body["items"]
    paid_out = client.post(OFFICER, f"/applications/{application}/disbursement", {"disbursed_on": "2026-03-05"})
    assert paid_out.status == 201, paid_out.content
    loan = paid_out.body
    assert [row["due"] for row in loan["instalments"]] == [row["due"] for row in preview]
    assert client.get(CASHIER, f"/loans/{loan['id']}/note").content.startswith(b"%PDF")
    paid = {"amount": money("733.44"), "paid_on": "2026-03-05", "channel": "cash"}
    receipt = client.post(CASHIER, f"/loans/{loan['id']}/repayments", paid).body
    assert (receipt["number"], receipt["interest"]) == ("GOLFO-RC-2026-0001", money("120.00"))
    assert client.get(CASHIER, f"/repayments/{receipt['id']}/receipt").content.startswith(b"%PDF")
    account = client.get(CASHIER, f"/loans/{loan['id']}").body
    assert account["instalments"][0]["state"] == "paid"
    assert account["totals"]["paid"] == money("733.44")
    deposit = {"amount": money("733.44"), "deposited_on": "2026-03-05"}
    told = client.post(CASHIER, f"/funds/{fund}/deposits", deposit).body
    assert told["cash_at_trustee"] == money("42733.44")
    journal = client.get(CASHIER, f"/funds/{fund}/journal").body["items"]
    assert [entry["kind"] for entry in journal] == ["deposit", "repayment", "disbursement", "contribution"]
