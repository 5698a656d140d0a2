"""What stands behind a credit: who and what may, how far it covers, how long it holds, and who is never named."""

import re
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from services.credit.directory import Directory, Owner
from services.credit.models import Application, Guarantee
from services.credit.queries.guarantees import of_application, of_loan
from services.credit.rules import regulations
from services.credit.rules.guarantees import KINDS, Guarantees, Offer, ProductRule
from services.credit.sealing import Outsider, open_person
from services.credit.use_cases.bind_guarantees import bind_guarantees, named_guarantors, nobody_known
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.disburse_loan import disburse_loan
from services.credit.use_cases.keep_guarantees import drop_guarantee, offer_guarantee, show_guarantee
from services.credit.use_cases.withdraw_application import withdraw_application
from shared import files, history
from shared.bus.tables import event_log
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7
from tests.credit.house import (
    CASHIER,
    CHAIR,
    OFFICER,
    PARAMETERS,
    TECHNICIAN,
    URL,
    House,
    lempiras,
    names,
)
from tests.credit.test_api_walk import money
from tests.credit.test_conditions import JPEG, PDF
from tests.credit.test_printed import text_of
from tests.credit.test_withdrawal import reported, withdraw

SECTION: dict[str, Any] = {
    "source": "art. 13",
    "times": 1,
    "counts": {"pledge": 60},
    "products": [
        {
            "product": "working-capital",
            "kinds": ["guarantor", "pledge", "joint_group"],
            "coverage": [[5_000_00, 50], [9_000_00, 100]],
        }
    ],
}
FIADOR = Outsider("Fiador Inventado Pérez", "0801-1970-55555")
WOMAN_ID = UUID("01890000-0000-7000-8000-00000000aaaa")


def people(_person: UUID) -> Owner:
    return Owner("Gloria Inventada Garantía", "DNI 0801-1985-99999")


def offer(house: House, application: Application, kind: str = "pledge", value: str = "10000.00", **facts: Any) -> Any:
    return offer_guarantee(
        house.session,
        facts.pop("by", OFFICER),
        application_id=application.id,
        kind=kind,
        value=lempiras(value),
        people=facts.pop("people", people),
        **facts,
    )


def pay(house: House, application: Application, **facts: Any) -> Any:
    return disburse_loan(
        house.session,
        OFFICER,
        application_id=application.id,
        disbursed_on=clock.today(),
        names=names,
        public_url=URL,
        **({"people": people} | facts),
    )


def approve(house: House, application: Application) -> Application:
    meeting = house.opened(application)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    return application


# Coverage, as the regulations count it


@given(
    st.lists(st.builds(Offer, st.sampled_from(KINDS), st.integers(0, 10**8)), max_size=6),
    st.integers(1, 10**8),
    st.integers(0, 200),
)
def test_what_is_missing_is_exactly_what_would_be_enough(offers: list[Offer], amount: int, needed: int):
    rules = Guarantees((ProductRule("x", ("pledge", "savings"), ((0, needed),)),), {"pledge": 50})
    found = rules.coverage("x", amount, offers)
    assert found.enough == (found.covered * 100 >= needed * amount)
    more = rules.coverage("x", amount, [*offers, Offer("savings", found.missing)])
    assert more.enough
    if found.missing:
        assert not rules.coverage("x", amount, [*offers, Offer("savings", found.missing - 1)]).enough
    assert rules.coverage("x", amount, [*offers, Offer("mortgage", 10**9)]).covered == found.covered


def test_a_larger_amount_needs_a_larger_part_and_a_product_without_a_rule_needs_none():
    rules = regulations.read(PARAMETERS | {"guarantees": SECTION}).guarantees
    rule = rules.of("working-capital")
    assert [rule.needed(amount) for amount in (4_999_99, 5_000_00, 8_999_99, 9_000_00)] == [0, 50, 50, 100]
    assert rules.coverage("another", 10**6, []).enough
    assert regulations.read(PARAMETERS).guarantees.coverage("working-capital", 10**6, []).enough


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": ""},
        {"times": 0},
        {"counts": {"pledge": 101}},
        {"counts": {"word": 1}},
        {"products": [{"product": "x", "kinds": ["word"]}]},
        {"products": [{"product": "x", "coverage": [[10, 1], [5, 2]]}]},
        {"products": [{"product": "x"}] * 2},
        {"products": [{"product": "", "kinds": ["pledge"]}]},
        {"other": 1},
    ],
)
def test_contradicting_rules_on_guarantees_are_refused(wrong):
    with pytest.raises(Invalid, match=r"regulations\.(contradictory|unreadable|field_unknown|field_missing)"):
        regulations.read(PARAMETERS | {"guarantees": SECTION | wrong})


def test_what_is_not_covered_does_not_reach_the_committee_and_is_told_what_is_missing(house: House):
    house.adopt(guarantees=SECTION)
    application = house.appraised()
    offer(house, application, value="10000.00")
    with pytest.raises(Refused, match=r"guarantee\.not_covered") as refused:
        house.convened(application)
    assert refused.value.facts == {
        "number": application.number,
        "percent": 60,
        "needed": 100,
        "missing": lempiras("4000.00"),
    }
    offer(house, application, "guarantor", "4000.00", outsider=FIADOR)
    assert house.convened(application).agenda[0].application_id == application.id


def test_editions_without_the_section_ask_for_nothing(house: House):
    assert house.convened(house.appraised()).agenda


# Who may guarantee


def test_an_owner_does_not_guarantee_her_own_credit(house: House):
    application = house.appraised()
    owner = house.owners[application.enterprise_id]
    with pytest.raises(Invalid, match=r"guarantee\.of_herself"):
        offer(house, application, "guarantor", guarantor_id=owner)


@pytest.mark.parametrize("who", [{"guarantor_id": WOMAN_ID}, {"outsider": FIADOR}])
def test_nobody_guarantees_more_credits_than_the_regulations_allow(house: House, who):
    house.adopt(guarantees=SECTION)
    first, second = house.appraised("1000.00"), house.appraised("1000.00")
    offer(house, first, "guarantor", **who)
    with pytest.raises(Invalid, match=r"guarantee\.twice"):
        offer(house, first, "guarantor", **who)
    with pytest.raises(Invalid, match=r"guarantee\.too_many") as refused:
        offer(house, second, "guarantor", **who)
    assert refused.value.facts == {"times": 1, "allowed": 1}
    withdraw_application(house.session, OFFICER, application_id=first.id)
    assert offer(house, second, "guarantor", **who).stands


def test_the_same_document_is_the_same_person_however_it_is_written(house: House):
    application = house.appraised()
    offer(house, application, "guarantor", outsider=FIADOR)
    with pytest.raises(Invalid, match=r"guarantee\.twice"):
        offer(house, application, "guarantor", outsider=Outsider("F. I. Pérez", "0801 1970 55555"))


def test_who_guaranteed_a_loan_that_is_paid_back_is_free_again(house: House):
    house.adopt(guarantees=SECTION)
    application = house.appraised("1000.00")
    offer(house, application, "guarantor", guarantor_id=WOMAN_ID)
    loan = pay(house, approve(house, application))
    other = house.appraised("1000.00")
    with pytest.raises(Invalid, match=r"guarantee\.too_many"):
        offer(house, other, "guarantor", guarantor_id=WOMAN_ID)
    house.repay(loan, str(house.fund.money(loan.outstanding)))
    assert offer(house, other, "guarantor", guarantor_id=WOMAN_ID).stands


@pytest.mark.parametrize(
    ("kind", "facts", "code"),
    [
        ("guarantor", {}, "guarantee.guarantor_unsaid"),
        ("guarantor", {"guarantor_id": WOMAN_ID, "outsider": FIADOR}, "guarantee.guarantor_unsaid"),
        ("pledge", {"guarantor_id": WOMAN_ID}, "guarantee.guarantor_unsaid"),
        ("pledge", {"guarantor_id": WOMAN_ID, "outsider": FIADOR}, "guarantee.guarantor_unsaid"),
        ("guarantor", {"guarantor_id": WOMAN_ID, "people": lambda _one: None}, "guarantee.guarantor_unknown"),
        ("mortgage", {}, "guarantee.kind_not_taken"),
    ],
)
def test_what_the_regulations_do_not_take_is_refused(house: House, kind, facts, code):
    house.adopt(guarantees=SECTION)
    with pytest.raises(Invalid, match=re.escape(code)):
        offer(house, house.appraised(), kind, **facts)


def test_guarantees_do_not_change_before_the_committee_and_one_more_may_come_after_it(house: House):
    application = house.appraised()
    given_ = offer(house, application)
    meeting = house.opened(application)
    for step in (
        lambda: offer(house, application),
        lambda: drop_guarantee(house.session, OFFICER, application_id=application.id, guarantee_id=given_.id),
    ):
        with pytest.raises(Refused, match=r"application\.is_on_agenda"):
            step()
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    late = offer(house, application, value="100.00")
    assert keep(house, application, late, PDF).file_id is not None
    with pytest.raises(Refused, match=r"application\.is_approved"):
        drop_guarantee(house.session, OFFICER, application_id=application.id, guarantee_id=given_.id)


def test_a_guarantee_of_another_application_is_not_known_here(house: House):
    one, other = house.appraised(), house.appraised()
    given_ = offer(house, one)
    with pytest.raises(NotFound, match=r"guarantee\.unknown"):
        drop_guarantee(house.session, OFFICER, application_id=other.id, guarantee_id=given_.id)


# Paid out and paid back


def test_the_note_names_who_and_what_stands_behind_the_loan(house: House):
    application = house.appraised()
    offer(house, application, "guarantor", "4000.00", outsider=FIADOR)
    offer(house, application, "guarantor", "3000.00", guarantor_id=WOMAN_ID)
    offer(house, application, "pledge", "2000.00", description="Máquina de coser 123")
    loan = pay(house, approve(house, application))
    said = text_of(files.read(house.session, loan.note_file_id))
    for words in (
        "Garantías",
        "Fiador Inventado Pérez (documento 0801-1970-55555)",
        "Gloria Inventada Garantía (documento DNI 0801-1985-99999)",
        "Máquina de coser 123",
        "L 2,000.00",
        "responden solidariamente",
    ):
        assert words in said


def test_a_guarantor_whom_the_registry_does_not_name_stops_the_payment(house: House):
    application = house.appraised()
    offer(house, application, "guarantor", guarantor_id=WOMAN_ID)
    approve(house, application)
    with pytest.raises(Refused, match=r"guarantee\.guarantor_gone"):
        pay(house, application, people=lambda _one: None)
    with pytest.raises(Refused, match=r"registry\.away"):
        pay(house, application, people=nobody_known)


def test_guarantees_that_change_while_the_registry_answers_stop_the_payment(house: House):
    application = house.appraised()
    offer(house, application, "guarantor", outsider=FIADOR)
    approve(house, application)

    known = named_guarantors(house.session, application, names, people)
    offer(house, application, "guarantor", guarantor_id=WOMAN_ID)
    with pytest.raises(Refused, match=r"guarantee\.changed"):
        bind_guarantees(house.session, OFFICER, application, known)


def test_a_guarantee_is_released_on_the_day_the_loan_is_settled(house: House):
    application = house.appraised()
    offer(house, application)
    assert of_application(house.session, application)["guarantees"][0]["state"] == "offered"
    loan = pay(house, approve(house, application))
    assert [(one["state"], one["released_on"]) for one in of_loan(house.session, loan)] == [("in_force", None)]
    house.repay(loan, str(house.fund.money(loan.outstanding)))
    assert [(one["state"], one["released_on"]) for one in of_loan(house.session, loan)] == [("released", clock.today())]


# Nobody is named where it is not needed


def test_who_guarantees_rests_sealed_and_is_in_no_event_and_no_history(house: House):
    application = house.appraised()
    given_ = offer(house, application, "guarantor", outsider=FIADOR)
    pay(house, approve(house, application))
    sealed = house.session.scalar(select(Guarantee.sealed).where(Guarantee.id == given_.id))
    assert b"Inventado" not in sealed
    assert open_person(house.session, given_.id, sealed) == FIADOR
    with pytest.raises(ValueError, match="does not open"):
        open_person(house.session, uuid7(), sealed)
    said = [row.data for row in house.session.execute(select(event_log.c.data))]
    told = history.of(house.session, application.id)
    for words in ("Inventado", "55555", "01890000-0000-7000-8000-00000000aaaa"):
        assert words not in str(said)
        assert words not in str(told)


def test_the_paper_of_a_guarantee_is_kept_and_the_one_before_it_erased(house: House):
    application = house.appraised()
    given_ = offer(house, application)
    first = keep(house, application, given_, PDF).file_id
    assert first is not None
    second = keep(house, application, given_, JPEG)
    with pytest.raises(NotFound):
        files.read(house.session, first)
    with pytest.raises(Invalid, match=r"file\.neither_pdf_nor_picture"):
        keep(house, application, given_, b"MZ")
    drop_guarantee(house.session, OFFICER, application_id=application.id, guarantee_id=second.id)
    assert house.session.scalars(select(Guarantee)).all() == []


def keep(house: House, application: Application, row: Guarantee, content: bytes) -> Guarantee:
    return show_guarantee(
        house.session, TECHNICIAN, application_id=application.id, guarantee_id=row.id, name="x.pdf", content=content
    )


def test_who_would_have_guaranteed_is_forgotten_when_the_application_is_taken_back(house: House):
    application = house.appraised()
    given_ = offer(house, application, "guarantor", outsider=FIADOR, description="Vive enfrente")
    paper = keep(house, application, given_, PDF).file_id
    withdraw_application(house.session, OFFICER, application_id=application.id)
    assert (given_.sealed, given_.fingerprint, given_.description, given_.personal) == (None, None, "", False)
    with pytest.raises(NotFound):
        files.read(house.session, paper)
    assert of_application(house.session, application)["guarantees"][0]["state"] == "ended"


def test_an_outsider_who_would_have_guaranteed_what_is_refused_is_forgotten_and_the_pledge_is_not(house: House):
    application = house.appraised()
    person_, pledge = offer(house, application, "guarantor", outsider=FIADOR), offer(house, application)
    paper = keep(house, application, pledge, PDF).file_id
    meeting = house.opened(application)
    house.vote(meeting, choice="refuse")
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    assert (person_.personal, pledge.file_id) == (False, paper)


def test_when_a_borrower_withdraws_the_guarantors_of_her_loan_stay_and_those_of_nothing_go(house: House):
    lent = house.appraised("1000.00")
    kept = offer(house, lent, "guarantor", outsider=FIADOR)
    pay(house, approve(house, lent))
    withdraw(house, lent.enterprise_id)
    assert kept.personal
    assert reported(house)["erased"]["guarantees"] == 0


def test_when_a_borrower_withdraws_before_she_was_paid_her_guarantors_are_forgotten(house: House):
    application = house.appraised()
    given_ = offer(house, application, "guarantor", outsider=FIADOR)
    withdraw(house, application.enterprise_id)
    assert not given_.personal
    assert reported(house)["erased"]["guarantees"] == 1


def test_a_guarantor_who_withdraws_is_forgotten_unless_she_guarantees_a_loan_that_is_owed(house: House):
    house.adopt(guarantees=SECTION | {"times": 3})
    mine = house.enterprise()
    owed, waiting = house.appraised("1000.00"), house.appraised("9000.00")
    guarantor = house.owners[mine]
    first = offer(house, owed, "guarantor", guarantor_id=guarantor)
    second = offer(house, waiting, "guarantor", guarantor_id=guarantor)
    pay(house, approve(house, owed))
    approve(house, waiting)
    withdraw(house, mine)
    assert (first.guarantor_id, second.guarantor_id) == (guarantor, None)
    told = reported(house)
    assert told["erased"]["guarantees"] == 1
    assert told["kept"] == ["guarantees_of_loans"]
    with pytest.raises(Refused, match=r"guarantee\.not_covered"):
        pay(house, waiting)
    offer(house, waiting, "guarantor", "9000.00", outsider=FIADOR)
    assert pay(house, waiting).principal == 9_000_00


# Through the API


def test_guarantees_go_through_the_api_and_only_the_end_of_a_document_is_shown(build_house, client, monkeypatch):
    monkeypatch.setattr(Directory, "person", lambda _self, person_id: people(person_id))
    _, application = build_house(lambda house: house.appraised(), guarantees=SECTION)
    path = f"/applications/{application.id}/guarantees"
    person = {"name": FIADOR.name, "document": FIADOR.document}
    body = {"kind": "guarantor", "value": money("4000.00"), "person": person}
    assert client.post(CASHIER, path, body).status == 403
    done = client.post(TECHNICIAN, path, body)
    assert done.status == 201, done.body
    assert (done.body["name"], done.body["document"]) == (FIADOR.name, "••••••••••••555")
    registered = {"kind": "guarantor", "value": money("6000.00"), "guarantor_id": str(WOMAN_ID)}
    assert client.post(OFFICER, path, registered).body["guarantor_id"] == str(WOMAN_ID)
    assert client.get(CHAIR, path).code == "application.not_before_you"
    shown = client.get(OFFICER, path).body
    assert shown["coverage"] == {
        "amount": money("10000.00"),
        "covered": money("10000.00"),
        "percent": 100,
        "needed": 100,
        "missing": money("0.00"),
        "enough": True,
    }
    assert shown["kinds"] == ["guarantor", "pledge"]
    told = client.post(TECHNICIAN, path, body)
    assert (told.status, told.code) == (422, "guarantee.twice")
    assert "Inventado" not in told.content.decode()
    row = done.body["id"]
    assert client.post(TECHNICIAN, f"{path}/{row}/removal").body["coverage"]["missing"] == money("4000.00")
    assert client.get(OFFICER, f"{path}/{row}/paper").status == 404


def test_a_loan_lists_its_guarantees_without_naming_anybody(build_house, client):
    def step(house: House) -> Any:
        application = house.appraised()
        offer(house, application, "guarantor", outsider=FIADOR)
        return pay(house, approve(house, application))

    _, loan = build_house(step)
    told = client.get(CASHIER, f"/loans/{loan.id}")
    assert [(one["kind"], one["state"]) for one in told.body["guarantees"]] == [("guarantor", "in_force")]
    assert "Inventado" not in told.content.decode()


def test_neither_table_nor_log_holds_a_guarantor_in_the_clear(build_house, database):
    def step(house: House) -> Any:
        return offer(house, house.appraised(), "guarantor", outsider=FIADOR)

    build_house(step)
    with database.reading() as session:
        rows = session.execute(text("SELECT * FROM guarantee")).mappings().all()
        assert "Inventado" not in str([dict(row) for row in rows])
