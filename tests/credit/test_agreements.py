"""The Agreement Letter: dated versions, what they fix, who keeps the money, and that decisions and papers cite them."""

import unicodedata
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select

from services.credit.models import Contribution, Resolution, agreement_in_force
from services.credit.queries import instruments
from services.credit.queries.compliance import report
from services.credit.queries.documents import verification
from services.credit.queries.funds import told
from services.credit.rules.agreement import read_clauses
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.keep_fund import change_reserve
from services.credit.use_cases.keep_instruments import adopt_agreement, keep_agreement_file
from services.credit.use_cases.share_income import share_income
from services.credit.use_cases.withdraw_contribution import withdraw_contribution
from shared import files
from shared.kernel import Invalid, NotFound, Refused, clock
from tests.credit.house import CASHIER, CHAIR, COORDINATOR, OFFICER, TODAY, URL, House, lempiras, names
from tests.credit.test_adopting import PDF
from tests.credit.test_funding import bank
from tests.credit.test_printed import text_of

NEEDED = {"agreement": {"required": True, "source": "art. 3"}}
PARTIES = [{"name": "ADEL Valle", "role": "host"}, {"name": "Banco Nuevo", "role": "trustee"}]


def letter(house: House, **changes: Any) -> Any:
    said = {
        "title": "Carta Convenio",
        "source": "Firmada en San Lorenzo",
        "valid_from": clock.today(),
        "trustee": "Banco Nuevo",
        "trustee_account": "222-333",
        "parties": PARTIES,
        "signatories": [{"name": "Ana Firmante", "office": "ADEL"}, {"name": "Beto Banco", "office": "Fiduciario"}],
        "parameters": {},
    }
    return adopt_agreement(house.session, COORDINATOR, fund_id=house.fund.id, **(said | changes))


@pytest.fixture
def strict(session: Any) -> House:
    """A fund whose regulations ask for a letter."""
    return House.build(session, **NEEDED)


def checks(house: House, day: date | None = None) -> dict[str, list[str]]:
    found = report(house.session, house.fund, day or clock.today())["checks"]
    return {one["rule"]: [finding["what"] for finding in one["findings"]] for one in found if one["findings"]}


def test_a_new_letter_names_the_trustee_and_the_account_from_its_day_on(house: House):
    letter(house, valid_from=clock.today() + timedelta(days=10))
    assert (house.fund.trustee, house.fund.trustee_account) == ("Banco Fiduciario de Prueba", "000-111")
    with clock.frozen(TODAY + timedelta(days=10)):
        assert (house.fund.trustee, house.fund.trustee_account) == ("Banco Nuevo", "222-333")
        assert told(house.session, house.fund)["trustee_account"] == "222-333"


def test_a_letter_that_ended_is_in_force_no_more_but_the_money_stays_where_it_is(house: House):
    first = letter(house, valid_until=clock.today() + timedelta(days=30))
    assert agreement_in_force(house.fund, clock.today() + timedelta(days=30)) is first
    assert agreement_in_force(house.fund, clock.today() + timedelta(days=31)) is None
    with clock.frozen(TODAY + timedelta(days=60)):
        assert house.fund.trustee == "Banco Nuevo"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"valid_from": date(2026, 3, 5)}, "agreement.not_newer"),
        ({"valid_from": date(2026, 3, 4)}, "agreement.not_newer"),
        ({"valid_from": date(2026, 4, 1), "valid_until": date(2026, 4, 1)}, "agreement.term_empty"),
        ({"valid_from": date(2026, 4, 1), "parameters": {"colour": 1}}, "agreement.clause_unknown"),
        ({"valid_from": date(2026, 4, 1), "parameters": []}, "agreement.unreadable"),
    ],
)
def test_a_letter_that_cannot_be_is_refused(house: House, changes: dict[str, Any], code: str):
    letter(house)
    with pytest.raises(Invalid) as refused:
        letter(house, **changes)
    assert refused.value.code == code


def test_a_second_letter_never_begins_before_the_day_it_is_adopted(house: House):
    letter(house, valid_from=date(2026, 1, 1))
    with pytest.raises(Invalid, match=r"agreement\.retroactive"):
        letter(house, valid_from=date(2026, 3, 4))


@pytest.mark.parametrize(
    ("clauses", "pointer"),
    [
        ({"trustee_fee": 0}, "/parameters/trustee_fee"),
        ({"maximum_disbursement": "5"}, "/parameters/maximum_disbursement"),
        ({"reserve_floor": -1}, "/parameters/reserve_floor"),
        ({"statement_due_day": 29}, "/parameters/statement_due_day"),
        ({"trustee_income_share": "100.5"}, "/parameters/trustee_income_share"),
        ({"trustee_income_share": 1.5}, "/parameters/trustee_income_share"),
        ({"withdrawal_signatures": [""]}, "/parameters/withdrawal_signatures"),
        ({"trustee_income_share": "much"}, "/parameters/trustee_income_share"),
        ({"trustee_income_share": "２"}, "/parameters/trustee_income_share"),
        ({"trustee_fee": 10**30}, "/parameters/trustee_fee"),
        ({"maximum_disbursement": 10**30}, "/parameters/maximum_disbursement"),
        ({"reserve_floor": 10**30}, "/parameters/reserve_floor"),
        ({"sources": ["x"]}, "/parameters/sources"),
        ({"sources": None}, "/parameters/sources"),
        ({"sources": {"colour": "art. 1"}}, "/parameters/sources"),
        ({"withdrawal_signatures": "Contabilidad"}, "/parameters/withdrawal_signatures"),
        ({"withdrawal_signatures": ["A", "Á."]}, "/parameters/withdrawal_signatures"),
        ({"withdrawal_signatures": ["A", "  "]}, "/parameters/withdrawal_signatures"),
        ({"withdrawal_signatures": ["A", 5]}, "/parameters/withdrawal_signatures"),
    ],
)
def test_a_clause_that_cannot_be_is_refused_at_its_field(clauses: dict[str, Any], pointer: str):
    with pytest.raises(Invalid) as refused:
        read_clauses(clauses)
    assert refused.value.pointer == pointer


def test_without_a_letter_nothing_is_lent_where_the_regulations_ask_for_one(strict: House):
    application = strict.appraised()
    meeting = strict.opened(application)
    strict.vote(meeting)
    with pytest.raises(Refused, match=r"agreement\.none_in_force"):
        close_item(strict.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    letter(strict, valid_until=clock.today() + timedelta(days=1))
    close_item(strict.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    with clock.frozen(TODAY + timedelta(days=2)), pytest.raises(Refused, match=r"agreement\.none_in_force"):
        strict.disburse(application)
    assert strict.disburse(application).principal == 10_000_00


def test_where_the_regulations_ask_for_none_it_is_lent_without_one(house: House):
    loan = house.disbursed()
    assert loan.agreement_id is None
    assert house.session.scalars(select(Resolution.agreement_id)).all() == [None]


def test_resolution_minutes_and_promissory_note_cite_the_letter_of_their_day(house: House):
    first = letter(house)
    application = house.appraised()
    meeting = house.opened(application)
    house.vote(meeting)
    resolution = close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    acta = close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    minutes = text_of(files.read(house.session, acta.file_id))
    assert "Carta Convenio" in minutes
    assert "Banco Nuevo" in minutes
    with clock.frozen(TODAY + timedelta(days=5)):
        second = letter(house, title="Carta Convenio renovada")
        loan = house.disburse(application)
    assert (resolution.agreement_id, loan.agreement_id) == (first.id, second.id)
    assert "Carta Convenio renovada, edición 2" in text_of(files.read(house.session, loan.note_file_id))


def test_no_loan_takes_more_than_the_letter_lets_it(house: House):
    letter(house, parameters={"maximum_disbursement": 5_000_00})
    application = house.approved("5000.01")
    with pytest.raises(Refused, match=r"agreement\.above_ceiling"):
        house.disburse(application)
    assert house.disbursed("5000.00").principal == 5_000_00


def test_the_letters_reserve_is_never_lent(house: House):
    letter(house, parameters={"reserve_floor": 40_000_00})
    assert house.fund.available(house.session) == 60_000_00
    shown = told(house.session, house.fund)
    assert (shown["reserve"], shown["available"]) == (lempiras("40000.00"), lempiras("60000.00"))
    with pytest.raises(Invalid, match=r"fund\.reserve_under_floor"):
        change_reserve(
            house.session,
            COORDINATOR,
            fund_id=house.fund.id,
            if_match=house.fund.version,
            reserve=lempiras("39999.99"),
        )
    change_reserve(
        house.session, COORDINATOR, fund_id=house.fund.id, if_match=house.fund.version, reserve=lempiras("50000.00")
    )
    assert house.fund.available(house.session) == 50_000_00


def test_the_report_finds_what_was_lent_without_the_letter(house: House):
    house.disbursed()
    assert "agreement" not in checks(house)
    house.adopt(**NEEDED)
    assert checks(house)["agreement"] == ["no_agreement", "no_agreement"]


def test_the_report_finds_a_loan_beyond_the_letter_and_a_statement_that_did_not_come(house: House):
    house.disbursed("9000.00")
    letter(house, parameters={"maximum_disbursement": 5_000_00, "statement_due_day": 10, "reserve_floor": 95_000_00})
    assert checks(house)["trustee"] == ["above_ceiling", "under_floor", "letter_unsigned"]
    with clock.frozen(TODAY + timedelta(days=10)):
        assert "statement_late" in checks(house)["trustee"]


def test_the_report_finds_a_letter_without_its_signed_file_and_a_fee_beyond_it(house: House):
    row = letter(house, parameters={"trustee_fee": 100_00})
    entries = [bank(house, "bank_charge", amount, clock.today()) for amount in ("60.00", "40.00", "0.01")]
    assert checks(house)["trustee"] == ["letter_unsigned", "fee_above_letter"]
    found = {one["rule"]: one["findings"] for one in report(house.session, house.fund, clock.today())["checks"]}
    records = [one["record"] for one in found["trustee"]]
    assert records == ["Carta Convenio, 1", str(entries[-1].number)], "the charge that went beyond it"
    signed = {"agreement_id": row.id, "name": "carta.pdf", "content": PDF}
    keep_agreement_file(house.session, COORDINATOR, fund_id=house.fund.id, **signed)
    assert checks(house)["trustee"] == ["fee_above_letter"]


def test_the_trustee_gets_its_share_of_the_income_before_the_others(house: House):
    """Of 1,000.01 the trustee gets a tenth, 100.00; of the 900.01 that are left ADEL gets 30 per cent, 270.00."""
    shares = {"period": "month", "shares": [{"to": "ADEL Valle", "percent": "30"}]}
    house.adopt(income_shares=shares)
    letter(house, parameters={"trustee_income_share": "10"})
    bank(house, "bank_interest", "1000.01", clock.today())
    with clock.frozen(TODAY + timedelta(days=30)):
        share = share_income(house.session, COORDINATOR, fund_id=house.fund.id, ends_on=date(2026, 3, 31))
        parts = [(part.receiver, part.percent, part.amount) for part in share.parts]
        assert parts == [("Banco Nuevo", "10", 100_00), ("ADEL Valle", "30", 270_00)]
        assert share.carried == 630_01
        assert "income" not in checks(house)
        share.parts[0].amount += 1
        house.session.flush()
        assert checks(house)["income"] == ["other_share", "other_result"]


def test_a_contribution_goes_back_with_the_signatures_that_the_letter_asks_for(house: House):
    letter(house, parameters={"withdrawal_signatures": ["Presidencia", "Tesorería"]})
    one = {"name": "Ana Firmante", "office": "presidencia "}
    other = {"name": "Beto Banco", "office": "Tesorería"}
    with pytest.raises(Refused) as found:
        give_back(house, [one])
    assert (found.value.code, found.value.facts) == ("withdrawal.not_signed", {"missing": "Tesorería"})
    with pytest.raises(Refused) as found:
        give_back(house, [one, other | {"name": "ana  firmante"}])
    assert found.value.code == "withdrawal.signed_twice"
    done = give_back(house, [one, other])
    assert done.signatures == [one, other]
    assert "not_signed" not in checks(house)["trustee"]
    done.signatures = [one]
    house.session.flush()
    assert "not_signed" in checks(house)["trustee"]


def test_one_person_signs_for_one_office_however_her_name_is_written(house: House):
    letter(house, parameters={"withdrawal_signatures": [" Presidencia", "Tesorería"]})
    one = {"name": "Ana López", "office": "Presidencia"}
    decomposed = unicodedata.normalize("NFD", "Ana López")
    for name in (decomposed, "Ana Lopez", "Ana López.", "ANA-LÓPEZ", "Ana\u200b López"):
        with pytest.raises(Refused, match=r"withdrawal\.signed_twice"):
            give_back(house, [one, {"name": name, "office": "Tesorería"}])
    with pytest.raises(Refused, match=r"withdrawal\.not_signed"):
        give_back(house, [one, {"name": ".", "office": "Tesorería"}])
    office = unicodedata.normalize("NFD", "tesorería")
    assert give_back(house, [one, {"name": "Beto López", "office": office}])


def give_back(house: House, signatures: list[dict[str, str]]) -> Any:
    given = house.session.scalars(select(Contribution)).one()
    return withdraw_contribution(
        house.session,
        COORDINATOR,
        fund_id=house.fund.id,
        contribution_id=given.id,
        amount=lempiras("100.00"),
        interest=lempiras("0.00"),
        paid_on=clock.today(),
        reason="Convenio",
        signatures=signatures,
    )


def test_the_signed_letter_is_kept_and_can_be_verified(house: House):
    row = letter(house)
    keep_agreement_file(
        house.session, COORDINATOR, fund_id=house.fund.id, agreement_id=row.id, name="carta.pdf", content=PDF
    )
    file = instruments.letter(house.session, house.fund, row)["file"]
    found = verification(house.session, file["sha256"])
    assert found is not None
    assert (found["kind"], found["number"]) == ("agreement", "Carta Convenio, 1")
    with pytest.raises(NotFound, match=r"agreement_letter\.unknown"):
        keep_agreement_file(
            house.session, COORDINATOR, fund_id=house.fund.id, agreement_id=house.fund.id, name="c.pdf", content=PDF
        )


def test_the_letter_goes_through_the_api(build_house, client):
    house, _ = build_house()
    path = f"/funds/{house.fund.id}/agreements"
    said = {
        "title": "Carta Convenio",
        "source": "Firmada",
        "valid_from": "2026-03-05",
        "trustee": "Banco Nuevo",
        "trustee_account": "222-333",
        "parties": PARTIES,
        "signatories": [{"name": "Ana Firmante", "office": "ADEL"}],
        "parameters": {"reserve_floor": 1_000_00},
    }
    assert client.post(OFFICER, path, said).status == 403
    made = client.post(COORDINATOR, path, said)
    assert (made.status, made.body["edition"], made.body["in_force"]) == (201, 1, True)
    assert client.get(CASHIER, f"/funds/{house.fund.id}").body["trustee"] == "Banco Nuevo"
    [row] = client.get(CASHIER, path).body["items"]
    assert (row["trustee_account"], row["file"]) == ("222-333", None)
    assert client.get(CASHIER, f"{path}/{row['id']}/file").code == "instrument.no_file"
    assert client.post(COORDINATOR, path, said | {"valid_from": "2026-04-01", "parameters": [1]}).code == (
        "regulations.not_an_object"
    )


def test_what_was_decided_before_stays_when_the_tables_are_taken_down_and_put_up_again(build_house, database):
    build_house(lambda house: house.disbursed("1000.00"))
    step = import_module("services.credit.migrations.versions.0014_instruments")
    with (
        database.engine.connect().execution_options(csem_write=True) as connection,
        connection.begin(),
        Operations.context(MigrationContext.configure(connection)),
    ):
        step.downgrade()
        step.upgrade()
    with database.reading() as session:
        [resolution] = session.scalars(select(Resolution)).all()
        assert (resolution.agreement_id, resolution.level, resolution.assents_needed) == (None, "", 0)
