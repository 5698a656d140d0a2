"""Going after what is not paid: what was done, whether a promise was kept, and who comes first today."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.credit.models import CollectionAction, Loan
from services.credit.queries import collection as queries
from services.credit.queries.documents import verification
from services.credit.rules.ledger import ACCOUNTS
from services.credit.use_cases.note_collection import note_collection
from services.credit.use_cases.print_paper import print_closure, print_reminder
from services.credit.use_cases.reverse_repayment import reverse_repayment
from services.credit.use_cases.use_overpayment import refund_overpayment
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock
from shared.testing import person
from tests.credit.changing import written_off
from tests.credit.closing import close, on
from tests.credit.house import CASHIER, COORDINATOR, TECHNICIAN, URL, House, lempiras, names
from tests.credit.test_cli import run  # noqa: F401 - a fixture
from tests.credit.test_pages import Town, housed, town
from tests.credit.test_payment_files import brought, post
from tests.credit.test_printed import code_of, text_of
from tests.credit.test_withdrawal import reported, withdraw
from tests.portal.conftest import text_of as page_text

__all__ = ["town"]


def note(house: House, loan: Loan, kind: str = "visit", by: Caller = TECHNICIAN, **facts: Any) -> CollectionAction:
    known = {"result": "reached", "note": "Habló con su hermana", "done_on": clock.today()}
    return note_collection(house.session, by, loan_id=loan.id, kind=kind, **(known | facts))


def promise(house: House, loan: Loan, days: int, amount: str = "100.00", **facts: Any) -> CollectionAction:
    day = clock.today() + timedelta(days=days)
    return note(house, loan, "promise", promised_on=day, promised_amount=lempiras(amount), **facts)


def agenda(house: House, by: Caller = TECHNICIAN, **filters: Any) -> dict[str, Any]:
    return queries.agenda(house.session, by, filters)


def told(house: House, **filters: Any) -> list[tuple[str, str]]:
    return [(row["number"], row["todo"]) for row in agenda(house, **filters)["rows"]]


def state(house: House, loan: Loan) -> str:
    return next(row["promise"] for row in queries.actions_of(house.session, loan) if row["promise"])


def test_the_agenda_has_who_is_overdue_the_most_urgent_first(house: House):
    loans = [house.disbursed(amount) for amount in ("1000.00", "4000.00", "2000.00", "3000.00", "500.00")]
    quiet, large, broken, waits, settled = loans
    with on(40):
        house.repay(settled, "", money=house.fund.money(settled.left))
        promise(house, broken, 2)
        note(house, waits, next_on=clock.today() + timedelta(days=9))
    with on(43) as today:
        assert told(house) == [
            (broken.number, "broken_promise"),
            (large.number, "untouched"),
            (quiet.number, "untouched"),
            (waits.number, "waits"),
        ]
        found = agenda(house)
        assert (found["day"], found["count"]) == (today, 4)
        late = [loan.instalments[0].outstanding for loan in loans[:4]]
        assert [money.minor for money in found["overdue"]] == [sum(late)]
        assert found["by_todo"] == [
            {"todo": "broken_promise", "count": 1},
            {"todo": "untouched", "count": 2},
            {"todo": "waits", "count": 1},
        ]
        [row] = agenda(house, todo="broken_promise")["rows"]
        assert (row["promise"], row["promised_amount"], row["last_kind"]) == ("broken", lempiras("100.00"), "promise")
        assert row["days_overdue"] == (today - broken.instalments[0].due).days


def test_older_arrears_come_before_younger_ones(house: House):
    younger = None
    older = house.disbursed("1000.00")
    with on(10):
        younger = house.disbursed("9000.00")
    with on(60):
        assert [number for number, _ in told(house)] == [older.number, younger.number]


def test_an_agenda_is_of_one_territory_officer_and_fund(house: House):
    here = house.disbursed("1000.00")
    there = house.disbursed("1000.00", enterprise_id=house.enterprise("HN1701"))
    with on(40):
        assert {number for number, _ in told(house)} == {here.number, there.number}
        assert [number for number, _ in told(house, municipality="HN1701")] == [there.number]
        assert told(house, officer="nobody") == []
        assert len(told(house, officer=here.officer, fund=house.fund.id)) == 2
        part = person("technician", scope="HN1701", subject="part")
        assert [row["number"] for row in agenda(house, part)["rows"]] == [there.number]
        assert queries.officers(house.session, part) == [{"id": there.officer, "name": there.officer_name}]


def test_what_was_written_off_is_still_gone_after_with_what_is_owed(house: House):
    lost, late = house.disbursed("1000.00"), house.disbursed("2000.00")
    with on(40) as day:
        close(house.session, house.fund.id, day - timedelta(days=1))
        written_off(house, lost)
        found = agenda(house)
        assert [(row["number"], row["state"]) for row in found["rows"]] == [
            (late.number, "active"),
            (lost.number, "written_off"),
        ]
        row = found["rows"][1]
        assert (row["owed"].minor, row["principal"].minor) == (lost.left, 0)
        assert row["days_overdue"] == (day - lost.instalments[0].due).days
        assert [money.minor for money in found["written_off"]] == [lost.left]
        assert [money.minor for money in found["overdue"]] == [late.owed(day)[0].total], "what is in the books alone"
        assert told(house, state="written_off") == [(lost.number, "untouched")]
        promise(house, lost, 2)
    with on(41):
        paid = house.repay(lost, "100.00")
        assert (paid.recovery, state(house, lost)) == (True, "kept")
        assert house.fund.balances(house.session)[ACCOUNTS["recoveries"]] == -100_00
        house.repay(lost, "", money=house.fund.money(lost.left))
        assert lost.state == "settled"
        assert [number for number, _ in told(house)] == [late.number]


def test_what_was_written_off_before_it_was_late_is_gone_after_too(house: House):
    loan = house.disbursed("1000.00")
    written_off(house, loan)
    [row] = agenda(house)["rows"]
    assert (row["oldest_due"], row["overdue"].minor, row["owed"].minor) == (None, 0, loan.left)


def test_the_pages_mark_what_was_written_off(town: Town):
    def step(house: House) -> Loan:
        loan = house.disbursed("1000.00")
        with on(40):
            return written_off(house, loan)

    loan = housed(town, step)
    with on(41):
        technician = town.signed_in("tecla", "technician")
        page = page_text(technician.get("/credit/collection"))
        assert loan.number in page
        assert "Castigado" in page
        one = page_text(technician.get(f"/credit/loans/{loan.id}/collection"))
        assert "Salió de los libros" in one
        assert "Anotar una gestión" in one


def test_the_api_and_the_command_tell_what_was_written_off_apart(client, build_house, run):  # noqa: F811
    _, loan = build_house(lambda house: written_off(house, house.disbursed("1000.00")))
    with on(41):
        found = client.get(TECHNICIAN, "/collection/agenda?state=written_off").body
        assert [(row["number"], row["state"]) for row in found["rows"]] == [(loan.number, "written_off")]
        assert found["rows"][0]["owed"] == found["written_off"][0]
        assert client.get(TECHNICIAN, "/collection/agenda?state=active").body["count"] == 0
        assert "0 loans" in run("agenda", "--state", "active")
        assert "of what was written off still owed" in run("agenda")


def test_a_promise_is_kept_by_what_is_paid_after_it_and_until_its_day(house: House):
    loan = house.disbursed("1000.00")
    with on(40):
        house.repay(loan, "30.00")
        promise(house, loan, 5, "80.00")
        assert state(house, loan) == "open", "what was paid before the promise is not counted"
    with on(42):
        house.repay(loan, "50.00")
        assert state(house, loan) == "open"
    with on(45):
        assert told(house) == [(loan.number, "promise_today")]
        last = house.repay(loan, "30.00")
        assert state(house, loan) == "kept"
    with on(46):
        assert state(house, loan) == "kept"
        reverse_repayment(house.session, COORDINATOR, repayment_id=last.id, reason="Sin fondos")
        assert state(house, loan) == "broken", "what was reversed was not paid"
        house.repay(loan, "30.00")
        assert state(house, loan) == "broken", "it came too late"


def test_a_payment_of_the_day_of_the_promise_counts_when_it_came_after_it(house: House):
    loan = house.disbursed("1000.00")
    with on(40):
        promise(house, loan, 5, "80.00")
    with clock.frozen(clock.now() + timedelta(days=40, hours=3)):
        house.repay(loan, "80.00")
        assert state(house, loan) == "kept"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"done_on": date(2026, 3, 6)}, "collection.day_out_of_range"),
        ({"done_on": date(2026, 3, 4)}, "collection.day_out_of_range"),
        ({"next_on": date(2026, 3, 4)}, "collection.next_day_over"),
        ({"kind": "promise"}, "collection.promise_incomplete"),
        ({"kind": "promise", "promised_on": date(2026, 3, 9)}, "collection.promise_incomplete"),
        (
            {"kind": "promise", "promised_on": date(2026, 3, 4), "promised_amount": lempiras("1.00")},
            "collection.promise_over",
        ),
        ({"promised_on": date(2026, 3, 9)}, "collection.no_promise"),
    ],
)
def test_what_cannot_be_noted_says_why(house: House, facts: dict[str, Any], code: str):
    with pytest.raises(Invalid) as refused:
        note(house, house.disbursed(), **facts)
    assert refused.value.code == code


def test_a_promise_is_made_in_the_currency_of_the_loan(house: House):
    with pytest.raises(Invalid) as refused:
        note(
            house,
            house.disbursed(),
            "promise",
            promised_on=date(2026, 3, 9),
            promised_amount=type(lempiras("1.00")).parse("1.00", "USD"),
        )
    assert refused.value.code == "fund.other_currency"


def test_nobody_is_gone_after_who_owes_nothing(house: House):
    loan = house.disbursed("500.00")
    house.repay(loan, "", money=house.fund.money(loan.left))
    with pytest.raises(Refused) as refused:
        note(house, loan)
    assert refused.value.code == "collection.nothing_owed"


def reminder(house: House, loan: Loan) -> bytes:
    return print_reminder(house.session, TECHNICIAN, loan_id=loan.id, names=names, public_url=URL)


def test_the_letter_of_reminder_names_what_is_overdue(house: House):
    loan = house.disbursed("1000.00")
    with pytest.raises(Refused) as early:
        reminder(house, loan)
    assert early.value.code == "collection.nothing_overdue"
    with on(70):
        printed = reminder(house, loan)
        words = text_of(printed)
        for said in ("Recordatorio de pago", loan.number, "María Inventada López", "000-111", TECHNICIAN.name):
            assert said in words, said
        late = sum(item.outstanding for item in loan.instalments if item.due < clock.today())
        assert str(house.fund.money(late)) in words
        shown = verification(house.session, code_of(words))
        assert shown is not None
        assert (shown["kind"], shown["number"], shown["revoked"]) == ("reminder", loan.number, False)


def certificate(house: House, loan: Loan, language: str = "es") -> bytes:
    return print_closure(house.session, CASHIER, loan_id=loan.id, names=names, language=language, public_url=URL)


def test_the_certificate_of_closure_is_printed_once_nothing_is_owed(house: House):
    loan = house.disbursed("1000.00")
    with pytest.raises(Refused) as refused:
        certificate(house, loan)
    assert refused.value.code == "loan.not_settled"
    house.repay(loan, "", money=house.fund.money(loan.left))
    printed = certificate(house, loan)
    words = text_of(printed)
    for said in ("Constancia de cancelación", loan.number, "María Inventada López", "paz y salvo", "mil lempiras"):
        assert said in words, said
    assert "A su favor" not in words
    assert "Certificate of closure" in text_of(certificate(house, loan, "en"))
    shown = verification(house.session, code_of(words))
    assert shown is not None
    assert (shown["kind"], shown["revoked"]) == ("closure", False)


def test_the_certificate_names_what_is_still_held_for_her(house: House):
    loan = house.disbursed("1000.00")
    house.repay(loan, "", money=house.fund.money(loan.left + 45_50), hold_excess=True)
    assert "45.50" in text_of(certificate(house, loan))
    refund_overpayment(house.session, COORDINATOR, loan_id=loan.id, amount=lempiras("45.50"), channel="cash")
    assert "A su favor" not in text_of(certificate(house, loan))


def test_a_certificate_of_a_loan_that_is_owed_again_is_told_to_be_void(house: House):
    loan = house.disbursed("1000.00")
    last = house.repay(loan, "", money=house.fund.money(loan.left))
    code = code_of(text_of(certificate(house, loan)))
    reverse_repayment(house.session, COORDINATOR, repayment_id=last.id, reason="Sin fondos")
    shown = verification(house.session, code)
    assert shown is not None
    assert shown["revoked"]


def test_what_was_written_is_erased_when_she_withdraws_and_owes_nothing(house: House):
    loan = house.disbursed("1000.00")
    with on(40):
        action = note(house, loan)
        row = brought(house, f"05/03/2026;TX-1;{loan.number};Ana Inventada;10.00;")
        assert post(house, row) == 1
        house.repay(loan, "", money=house.fund.money(loan.left))
        withdraw(house, loan.enterprise_id)
    assert action.note == ""
    assert (row.lines[0].payer, row.lines[0].reference) == ("", "")
    assert row.lines[0].claimed == "TX-1", "that it was posted stays known"
    report = reported(house)
    assert report["erased"]["collection"] == 2
    assert "collection_of_what_is_owed" not in report["kept"]


def test_what_a_loan_is_recovered_by_stays_while_it_is_owed(house: House):
    loan = house.disbursed("1000.00")
    with on(40):
        action = note(house, loan)
        withdraw(house, loan.enterprise_id)
        assert action.note == "Habló con su hermana"
        report = reported(house)
        assert (report["erased"]["collection"], report["kept"][-1]) == (0, "collection_of_what_is_owed")
        house.repay(loan, "", money=house.fund.money(loan.left))
        assert action.note == "", "once she has paid it goes too"


def test_actions_are_noted_and_the_agenda_is_read_through_the_api(client, build_house):
    _, loan = build_house(lambda house: house.disbursed("1000.00"))
    with on(40) as day:
        path = f"/loans/{loan.id}/collection"
        body = {
            "kind": "promise",
            "result": "reached",
            "note": "Paga el viernes",
            "done_on": day.isoformat(),
            "promised_on": day.isoformat(),
            "promised_amount": {"amount": "50.00", "currency": "HNL"},
        }
        assert client.post(CASHIER, path, body, key=None).status == 403
        noted = client.post(TECHNICIAN, path, body, key=None)
        assert (noted.status, noted.body["promise"]) == (201, "open")
        [action] = client.get(COORDINATOR, path).body["items"]
        assert action["note"] == "Paga el viernes"
        found = client.get(TECHNICIAN, "/collection/agenda?municipality=HN17").body
        assert [(row["number"], row["todo"]) for row in found["rows"]] == [(loan.number, "promise_today")]
        assert client.get(CASHIER, "/collection/agenda").status == 403
        assert client.get(TECHNICIAN, "/collection/officers").body["items"][0]["name"] == "Ofelia Oficial"
        assert client.get(TECHNICIAN, f"/loans/{loan.id}/reminder").content.startswith(b"%PDF")
        assert client.get(CASHIER, f"/loans/{loan.id}/closure").code == "loan.not_settled"


def test_the_commands_tell_the_agenda_and_write_the_certificate(build_house, run, tmp_path):  # noqa: F811
    def step(house: House) -> Any:
        paid = house.disbursed("1000.00")
        house.repay(paid, "", money=house.fund.money(paid.left + 5_00), hold_excess=True)
        return paid, house.disbursed("2000.00")

    _, (paid, owed) = build_house(step)
    with on(40):
        shown = run("agenda", "--municipality", "HN17", "--fund", "FON")
        assert owed.number in shown
        assert "untouched" in shown
        assert "1 loans on" in shown
        assert "0 loans on" in run("agenda", "--todo", "broken_promise")
        assert "5.00" in run("overpayments", "FON")
        target = tmp_path / "constancia.pdf"
        run("closure", paid.number, str(target))
        assert "María Inventada" in text_of(target.read_bytes())
