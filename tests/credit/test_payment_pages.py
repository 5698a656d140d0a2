"""The pages of money that comes in and does not, walked without JavaScript by the people whose work it is."""

import io
import re
from typing import Any

import pytest

from services.credit.jobs import handlers
from services.credit.models import Loan
from shared.job_runner import Runner
from tests.credit import test_pages
from tests.credit.closing import on
from tests.credit.house import House
from tests.credit.test_body_pages import built
from tests.credit.test_books_pages import fund_of
from tests.credit.test_pages import Town, hidden, last_path
from tests.credit.test_payment_files import csv
from tests.credit.test_printed import text_of as paper_text
from tests.portal.conftest import text_of

town = test_pages.town


def lent(town: Town, *amounts: str) -> tuple[House, list[Loan]]:
    def step(house: House) -> list[Loan]:
        enterprise = house.enterprise()
        return [house.disbursed(amount, enterprise_id=enterprise) for amount in amounts or ("1000.00",)]

    house, loans = built(town, step, eligibility=["active"])
    return house, loans


def take(town: Town, loan: Loan, amount: str, **more: str) -> str:
    """A cashier takes money at the counter; comes back with the address of the receipt."""
    cashier = town.signed_in(f"casilda{len(amount)}{loan.number[-1]}", "cashier")
    page = f"/credit/loans/{loan.id}/repay"
    cashier.get(page)
    typed = {"amount": amount, "paid_on": "2026-03-05", "channel": "cash"} | more
    checked = cashier.post(f"{page}/check", typed)
    assert checked.status_code == 200, text_of(checked)
    return last_path(cashier.post(page, typed | {"key": hidden(checked.text, "key")}))


def test_a_repayment_is_reversed_after_one_last_look(town: Town):
    _, [loan] = lent(town)
    receipt = take(town, loan, "100.00", slip="A-7")
    officer = town.signed_in("olga", "credit_officer")
    page = officer.get(receipt)
    assert f"{receipt}/reverse" in page.text
    assert "A-7" in text_of(page)
    form = f"{receipt}/reverse"
    officer.get(form)
    unfinished = officer.post(f"{form}/check", {"reason": "", "money": ""})
    assert unfinished.status_code == 422
    for words in ("escriba el motivo", "Diga dónde está el dinero"):
        assert words.lower() in text_of(unfinished).lower(), words
    typed = {"reason": "Cheque sin fondos", "money": "back"}
    checked = officer.post(f"{form}/check", typed)
    assert "Cheque sin fondos" in text_of(checked)
    sent = typed | {"key": hidden(checked.text, "key")}
    assert 'value="Cheque sin fondos"' in officer.post(form, sent | {"back": "yes"}, page=form).text
    answers = [officer.post(form, sent, page=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303], "sent twice, it is reversed once"
    assert "Pago anulado" in text_of(officer.get(last_path(answers[0])))
    reversed_ = text_of(officer.get(receipt))
    assert "Este pago se anuló el 05 de marzo de 2026" in reversed_, reversed_
    shown = text_of(officer.get(f"/credit/loans/{loan.id}"))
    for words in ("Anulado", "Anulación", "-L100.00"):
        assert words in shown, words
    assert town.signed_in("casta", "cashier").get(form).status_code == 403


def test_a_payment_moves_to_the_loan_it_was_for(town: Town):
    _, [wrong, right] = lent(town, "1000.00", "2000.00")
    receipt = take(town, wrong, "100.00")
    officer = town.signed_in("olga", "credit_officer")
    form = f"{receipt}/reverse"
    officer.get(form)
    typed = {"reason": "Otro préstamo", "money": "moved", "loan": "FON-P-2026-9999"}
    unknown = officer.post(f"{form}/check", typed)
    assert (unknown.status_code, "No hay ningún préstamo con ese número" in text_of(unknown)) == (422, True)
    typed["loan"] = right.number.lower()
    checked = officer.post(f"{form}/check", typed)
    done = officer.post(form, typed | {"key": hidden(checked.text, "key")}, page=form)
    assert last_path(done) == f"/credit/loans/{right.id}"
    assert f"El pago está ahora en el préstamo {right.number}" in text_of(officer.get(last_path(done)))


def test_what_is_paid_beyond_what_is_owed_is_held_given_back_and_pays_another_loan(town: Town):
    house, [loan, other] = lent(town, "1000.00", "2000.00")
    cashier = town.signed_in("celia", "cashier")
    page = f"/credit/loans/{loan.id}/repay"
    cashier.get(page)
    typed = {"amount": "1200.00", "paid_on": "2026-03-05", "channel": "cash"}
    checked = cashier.post(f"{page}/check", typed)
    refused = cashier.post(page, typed | {"key": hidden(checked.text, "key")})
    assert (refused.status_code, "deje el resto a favor de ella" in text_of(refused)) == (409, True)
    receipt = take(town, loan, "1200.00", hold_excess="yes")
    assert "A su favor" in text_of(cashier.get(receipt))
    assert loan.number in text_of(cashier.get(f"{fund_of(house)}/overpayments"))
    shown = cashier.get(f"/credit/loans/{loan.id}")
    assert f"/credit/loans/{loan.id}/closure" in shown.text
    assert "Constancia de cancelación" in paper_text(cashier.get(f"/credit/loans/{loan.id}/closure").data)
    for what, typed in (
        ("refund", {"amount": "50.00", "channel": "cash", "reason": "Pagó de más"}),
        ("apply", {"amount": "25.00", "loan": other.number}),
    ):
        form = f"/credit/loans/{loan.id}/{what}"
        cashier.get(form)
        empty = dict.fromkeys(typed, "")
        assert cashier.post(f"{form}/check", empty).status_code == 422
        checked = cashier.post(f"{form}/check", typed)
        assert checked.status_code == 200, text_of(checked)
        sent = typed | {"key": hidden(checked.text, "key")}
        assert cashier.post(form, sent | {"back": "yes"}, page=form).status_code == 200
        for _ in range(2):
            assert cashier.post(form, sent, page=form).status_code == 303
        assert cashier.post(form, sent | {"amount": "5000.00", "key": "x" * 12}, page=form).status_code == 409
    uses = cashier.get(f"/credit/loans/{loan.id}/overpayments")
    for words in ("Devuelto", "L50.00", "Pagó un préstamo", "L25.00"):
        assert words in text_of(uses), words
    paper = re.search(r"/credit/refunds/[0-9a-f-]{36}/pdf", uses.text)
    assert paper is not None
    assert "Devolución" in paper_text(cashier.get(paper[0]).data)


def test_a_file_of_payments_is_looked_at_and_posted_and_what_waits_is_assigned(town: Town):
    house, [loan] = lent(town)
    here = f"{fund_of(house)}/payments"
    cashier = town.signed_in("celia", "cashier")
    assert here in cashier.get(f"{fund_of(house)}/drawer").text
    cashier.get(here)
    assert cashier.post(here, {"source": ""}).status_code == 422
    content = csv(
        f"05/03/2026;TX-1;{loan.number};Ana <b>Inventada</b>;100.00;",
        "05/03/2026;TX-2;9876-5432;Berta;50.00;",
        "05/03/2026;TX-3;???;Carla;20.00;",
    )

    def sends(name: str = "pagos.csv") -> Any:
        return cashier.post(here, {"source": "bank", "file": (io.BytesIO(content), name)})

    file = last_path(sends())
    page = cashier.get(file)
    choice = {
        name: match[1]
        for name in ("date", "amount", "reference", "transaction", "payer", "charge")
        if (match := re.search(rf'name="{name}".*?value="(\d+)" selected', page.text))
    }
    assert len(choice) == 6
    assert "ya se trajo" in text_of(sends("otra-vez.csv"))
    cashier.get(file)
    read = {"begins": "1", "day_first": "yes"}
    missing = cashier.post(f"{file}/columns", read | choice | {"transaction": ""})
    assert (missing.status_code, "sin ella no se pueden leer" in text_of(missing)) == (422, True)
    assert cashier.post(f"{file}/columns", read | choice).status_code == 303
    page = cashier.get(file)
    for words in ("Asentar 1 pago", "Se asentará", "Sin préstamo conocido"):
        assert words in text_of(page), words
    assert "Ana &lt;b&gt;Inventada" in page.text
    key = {"key": hidden(page.text, "key")}
    for _ in range(2):
        assert cashier.post(f"{file}/post", key, page=file).status_code == 303
    assert Runner(town.database, handlers()).run_due() == 1
    assert "FON-RC-2026-0001" in text_of(cashier.get(file))
    waiting = re.findall(r"/payment-lines/([0-9a-f-]{36})", cashier.get(here).text)
    first, second = (f"{fund_of(house)}/payment-lines/{one}" for one in waiting)
    assert cashier.post(f"{first}/assign/check", {"loan": "nada"}, page=first).status_code == 422
    check = cashier.post(f"{first}/assign/check", {"loan": loan.number}, page=first)
    for words in (loan.number, "van solos a este préstamo", "Vence hoy"):
        assert words in text_of(check), words
    typed = {"loan": loan.number, "key": hidden(check.text, "key")}
    assert "Pago en espera" in text_of(cashier.post(f"{first}/assign", typed | {"back": "yes"}, page=first))
    assigned = cashier.post(f"{first}/assign", typed, page=first)
    assert "FON-RC-2026-0002" in text_of(cashier.get(last_path(assigned)))
    cashier.get(second)
    assert cashier.post(f"{second}/dismiss", {"reason": ""}).status_code == 422
    assert cashier.post(f"{second}/dismiss", {"reason": "De otra institución"}).status_code == 303
    assert "no espera más" in text_of(cashier.post(f"{second}/dismiss", {"reason": "Otra vez"}, page=here))
    assert "Este pago ya no espera" in text_of(cashier.get(second))
    assert cashier.post(f"{file}/take-back", {}, page=file).status_code == 409
    assert "De otra institución" in text_of(cashier.get(file))
    auditor = town.signed_in("aurora", "auditor")
    assert "Asignar o descartar" not in text_of(auditor.get(file))
    assert auditor.post(f"{file}/post", key, page=file).status_code == 403
    assert town.signed_in("tecla", "technician").get(here).status_code == 403


def test_a_file_brought_in_by_mistake_is_taken_back(town: Town):
    house, _ = lent(town)
    here = f"{fund_of(house)}/payments"
    cashier = town.signed_in("celia", "cashier")
    cashier.get(here)
    assert "Todavía no se ha traído ningún archivo" in text_of(cashier.get(here))
    content = csv("05/03/2026;TX-1;x;Ana;100.00;")
    file = last_path(cashier.post(here, {"source": "mobile", "file": (io.BytesIO(content), "p.csv")}))
    assert cashier.post(f"{file}/take-back", {}, page=file).status_code == 303
    assert "p.csv" not in text_of(cashier.get(here))
    not_read = cashier.post(here, {"source": "mobile", "file": (io.BytesIO(b"%PDF"), "p.pdf")})
    assert "no es una tabla" in text_of(not_read)


def test_the_agenda_leads_to_what_was_done_and_to_the_letter(town: Town):
    _, [loan] = lent(town)
    with on(40) as day:
        officer = town.signed_in("tecla", "technician")
        assert "/credit/collection" in officer.get("/credit/loans").text
        page = officer.get("/credit/collection")
        for words in ("Sin gestión todavía", loan.number, "Panadería La Espiga"):
            assert words in text_of(page), words
        assert "No hay a quién cobrar" in text_of(officer.get("/credit/collection?todo=broken_promise"))
        assert officer.get("/credit/collection?todo=whatever").status_code == 422
        here = f"/credit/loans/{loan.id}/collection"
        assert "Todavía no hay ninguna gestión" in text_of(officer.get(here))
        typed = {"kind": "", "result": "reached", "note": "Vende <b>el sábado</b>", "done_on": day.isoformat()}
        wrong = officer.post(here, typed)
        assert wrong.status_code == 422
        assert "Vende &lt;b&gt;el sábado" in wrong.text, "nothing typed is lost"
        assert "para qué día y cuánto" in text_of(officer.post(here, typed | {"kind": "promise"}))
        promised = {"kind": "promise", "promised_on": day.isoformat(), "promised_amount": "80"}
        assert officer.post(here, typed | promised).status_code == 303
        shown = text_of(officer.get(here))
        for words in ("Promesa pendiente", "L80.00", "Tecla"):
            assert words in shown, words
        assert "Prometido para hoy" in text_of(officer.get("/credit/collection"))
        assert "Recordatorio de pago" in paper_text(officer.get(f"/credit/loans/{loan.id}/reminder").data)
        assert here in officer.get(f"/credit/loans/{loan.id}").text
        assert town.signed_in("celia", "cashier").get("/credit/collection").status_code == 403
    with on(42):
        officer = town.signed_in("olga", "credit_officer")
        assert "1 promesa de pago incumplida" in text_of(officer.get("/"))
        assert "Promesa incumplida" in text_of(officer.get("/credit/collection"))


def test_one_day_is_one_day(town: Town):
    _, [loan] = lent(town)
    officer = town.signed_in("olga", "credit_officer")
    assert "1 días" not in text_of(officer.get("/credit/portfolio"))
    with on((loan.instalments[0].due).fromordinal(loan.instalments[0].due.toordinal() + 1)):
        officer = town.signed_in("oda", "credit_officer")
        for page in (f"/credit/loans/{loan.id}", "/credit/loans", f"/credit/loans/{loan.id}/collection"):
            assert "1 día de atraso" in text_of(officer.get(page)), page


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_stands_in_both_languages(town: Town, language: str):
    house, [loan] = lent(town)
    receipt = take(town, loan, "100.00")
    officer = town.signed_in("olga", "credit_officer")
    officer.client.set_cookie("language", language)
    pages = {
        f"{receipt}/reverse": ("Anular un pago", "Reverse a repayment"),
        f"{fund_of(house)}/overpayments": ("Pagos de más", "Overpayments"),
        f"{fund_of(house)}/payments": ("Archivos de pagos", "Files of payments"),
        "/credit/collection": ("Agenda de cobro", "Collection agenda"),
        f"/credit/loans/{loan.id}/collection": ("Cobro del préstamo", "Collection of loan"),
        f"/credit/loans/{loan.id}/refund": ("Devolver un pago de más", "Give an overpayment back"),
        f"/credit/loans/{loan.id}/apply": ("Pagar un préstamo", "Pay a loan with"),
        f"/credit/loans/{loan.id}/overpayments": ("Pagos de más", "Overpayments"),
    }
    for page, words in pages.items():
        shown = officer.get(page)
        assert shown.status_code == 200, page
        assert words[language == "en"] in text_of(shown), page
