"""Every column in which people write is either emptied when a woman withdraws, or kept for a reason that stands here."""

from typing import Any

from sqlalchemy import JSON, Column, LargeBinary, String, Text, select, update
from sqlalchemy.orm import Session

import services.credit.app  # noqa: F401 - every table of the platform that the service has
from services.credit.directory import BusinessPlan
from services.credit.models import Appraisal, Base, CollectionAction, Loan, PaymentFile, PaymentLine
from services.credit.rules.appraisal import Debt, Figures
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.meet_conditions import ask_condition, meet_condition, show_evidence
from shared.database import platform
from shared.kernel import clock
from shared.web.idempotency import answers
from tests.credit.house import CHAIR, TECHNICIAN, House
from tests.credit.seeding import PDF, awarded, pay, seed_house, show, verify
from tests.credit.test_collection import note
from tests.credit.test_competence import LEVELS, ONE, TWO, says
from tests.credit.test_file import attach, link
from tests.credit.test_guarantees import FIADOR, SECTION, offer
from tests.credit.test_overpayments import overpaid, refund
from tests.credit.test_reversal import REVERSER, reverse
from tests.credit.test_withdrawal import withdraw

ERASED = {
    "application.project",
    "appraisal.figures",
    "appraisal.guarantees",
    "appraisal.remarks",
    "appraisal.score_reason",
    "assent.reason",
    "attachment.plan_label",
    "condition.note",
    "copy_enterprise.needs",
    "copy_enterprise.owner_ids",
    "guarantee.description",
    "guarantee.sealed",
    "collection_action.note",
    "overpayment_use.reason",
    "payment_line.payer",
    "payment_line.reference",
    "repayment.reason",
    "seed_milestone.note",
}
OWED = {
    "guarantee.description",
    "guarantee.sealed",
    "collection_action.note",
    "payment_line.payer",
    "payment_line.reference",
}
"""What of it stays as long as a loan is owed: the fund recovers it by that, or it binds who guarantees."""
_MINUTES = "it stands in the signed minutes, which are the committee's evidence and that of third parties"
_OFFICE = "it is about who holds an office, not about a borrower"
_FUND = "it is about the fund as a whole; a borrower's record leads to none of it"
_FIGURES = "figures, codes and days, no words: what was resolved rests on them"
_BANK = "the bank's or the operator's own record of the fund's account, kept with the books"
KEPT = {
    "agenda_item.conditions": _MINUTES,
    "appraisal.conditions": _MINUTES,
    "condition.text": _MINUTES,
    "correction.text": _MINUTES,
    "recusal.reason": _MINUTES,
    "resolution.conditions": _MINUTES,
    "vote.reason": _MINUTES,
    "agenda_item.exception_reason": _MINUTES,
    "agenda_item.exceptions": _MINUTES,
    "resolution.exception_reason": _MINUTES,
    "resolution.exceptions": _MINUTES,
    "committee_session.place": _MINUTES,
    "committee_session.short_notice": _MINUTES,
    "seed_milestone.text": "it stands in the signed agreement",
    "seed_milestone.evidence_wanted": "it stands in the signed agreement",
    "credit_group.name": "it is the name of the others too",
    "loan.owner_ids": "by their ids, without names, the contract tells who owes",
    "loan.allocation_order": _FIGURES,
    "loan.terms": _FIGURES,
    "loan_change.replaced": _FIGURES,
    "loan_change.terms": _FIGURES,
    "appraisal.assistance_needs": _FIGURES,
    "appraisal.change": _FIGURES,
    "appraisal.due_dates": _FIGURES,
    "appraisal.score": _FIGURES,
    "resolution.tally": _FIGURES,
    "daily_close.buckets": _FIGURES,
    "copy_plan.chains": "plans of municipalities",
    "copy_plan.purposes": "plans of municipalities",
    "copy_plan.title": "plans of municipalities",
    "committee.name": _OFFICE,
    "committee_key.sealed": _OFFICE,
    "notified.excuse": _OFFICE,
    "notified.name": _OFFICE,
    "session_observer.name": _OFFICE,
    "roll_seat.name": _OFFICE,
    "roll_seat.organization": _OFFICE,
    "seat.name": _OFFICE,
    "seat.organization": _OFFICE,
    "assent.name": _OFFICE,
    "agreement.parameters": _FUND,
    "agreement.parties": _FUND,
    "agreement.signatories": _FUND,
    "agreement.source": _FUND,
    "agreement.title": _FUND,
    "agreement.trustee": _FUND,
    "contribution.funder": _FUND,
    "drawer_count.reason": _FUND,
    "fund.centre": _FUND,
    "fund.host": _FUND,
    "fund.name": _FUND,
    "fund.trustee": _FUND,
    "fund.units": _FUND,
    "income_part.receiver": _FUND,
    "ledger_entry.memo": "on a borrower's loan it is the number of a receipt; else " + _FUND,
    "observation.answer": _FUND,
    "observation.text": _FUND,
    "regulations.parameters": _FUND,
    "regulations.signatories": _FUND,
    "regulations.source": _FUND,
    "regulations.title": _FUND,
    "suspension.reason": _FUND,
    "suspension.resumed_reason": _FUND,
    "withdrawal.reason": _FUND,
    "withdrawal.signatures": _FUND,
    **{f"taken_back_edition.{name}": _FUND for name in ("parameters", "reason", "signatories", "source", "title")},
    "payment_file.layout": _BANK,
    "payment_file.name": _BANK,
    "payment_layout.layout": _BANK,
    "payment_layout.titles": _BANK,
    "payment_line.reason": "why a line pays no loan of the fund: it leads to no borrower",
    "statement_line.description": _BANK,
    "trustee_statement.layout": _BANK,
    "trustee_statement.name": _BANK,
}


def writes(column: Column[Any]) -> bool:
    """Whether people, or a stranger's file, may have put words into it; codes, numbers, hashes and accounts are none."""
    kind = column.type
    if isinstance(kind, String) and not isinstance(kind, Text):
        return (kind.length or 0) >= 200 and not column.name.endswith("_name")
    return isinstance(kind, Text | JSON | LargeBinary)


def free_text() -> dict[str, Column[Any]]:
    found = [column for table in Base.metadata.sorted_tables for column in table.columns if writes(column)]
    return {f"{column.table.name}.{column.name}": column for column in found}


def test_each_column_in_which_people_write_is_erased_or_kept_for_a_reason():
    """A new column is put into one of the two lists; what leads to a woman and no law keeps, into the first."""
    known = free_text()
    assert sorted(known) == sorted({*ERASED, *KEPT})
    assert ERASED.isdisjoint(KEPT)
    assert all(KEPT.values())
    assert OWED < ERASED


def mark(session: Session) -> set[str]:
    """Put the name of each column into it, in every row there is; comes back with the columns that hold theirs."""
    session.flush()
    marked = set()
    for name, column in free_text().items():
        table: Any = column.table
        if isinstance(column.type, JSON) or not session.execute(select(table.c[column.name]).limit(1)).first():
            continue
        marker = f"<{name}>".encode() if isinstance(column.type, LargeBinary) else f"<{name}>"
        session.execute(update(table).values({column.name: marker}))
        marked.add(name)
    session.expire_all()
    return marked


def everything(session: Session) -> str:
    """All that any table of the service holds, those of the platform among them."""
    tables = [*Base.metadata.sorted_tables, *platform.sorted_tables]
    return "\n".join(str([*row]) for table in tables for row in session.execute(select(table)))


def left(session: Session, marked: set[str]) -> set[str]:
    session.flush()
    held = everything(session)
    return {name for name in marked if f"<{name}>" in held}


LIFE: dict[str, Any] = {"guarantees": SECTION} | LEVELS


def borrower(house: House) -> Loan:
    """A woman who stands in every table that a loan and an award fill."""
    application = house.submitted("10000.00", project="Un horno")
    attach(house, application)
    link(house, application, BusinessPlan(application.enterprise_id, "Plan de María"))
    offer(house, application, kind="guarantor", outsider=FIADOR, description="Su compadre")
    offer(house, application, description="Una vaca")
    house.appraise(application)
    meeting = house.opened(application)
    item = meeting.agenda[0]
    asked = ask_condition(
        house.session, CHAIR, session_id=meeting.id, item_id=item.id, text="Factura", verifier="technician"
    )
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=item.id)
    facts = {"application_id": application.id, "condition_id": asked.id}
    show_evidence(house.session, TECHNICIAN, name="f.pdf", content=PDF, **facts)
    meet_condition(house.session, TECHNICIAN, note="La trajo su hija", **facts)
    for who in (ONE, TWO):
        says(house, application, who, reason="La conozco")
    loan = house.disburse(application)
    reverse(house, house.repay(loan, "100.00"), reason="Pagó su vecina")
    note(house, loan)
    told_by_a_file(house, loan)
    return loan


def told_by_a_file(house: House, loan: Loan) -> None:
    """A payment of hers stood in a file of the bank."""
    by = {"uploaded_by": "x", "uploaded_by_name": "x"}
    file = PaymentFile(
        fund_id=house.fund.id, source="bank", sha256="0" * 64, name="f.csv", layout={}, uploaded_at=clock.now(), **by
    )
    file.lines.append(
        PaymentLine(
            fund_id=house.fund.id,
            source="bank",
            position=1,
            row=1,
            day=clock.today(),
            amount=1,
            charge=0,
            currency="HNL",
            reference="Pago",
            payer="Su nombre",
            transaction="1",
            state="posted",
            loan_id=loan.id,
        )
    )
    house.session.add(file)


def hers(names_: set[str]) -> set[str]:
    """What may be left: all that is kept for its reason, of what was marked."""
    return names_ & set(KEPT)


def test_of_a_loan_that_is_paid_back_no_word_about_her_is_left(session: Session):
    house = House.build(session, **LIFE)
    loan = borrower(house)
    refund(house, overpaid(house, loan, beyond=120_00), "20.00")
    marked = mark(session)
    assert not {name for name in ERASED - marked if not name.startswith(("seed_", "copy_", "appraisal.figures"))}
    withdraw(house, loan.enterprise_id)
    assert left(session, marked) == hers(marked)


def test_while_it_is_owed_only_what_it_is_recovered_by_is_left_and_goes_when_it_is_paid(session: Session):
    house = House.build(session, **LIFE)
    loan = borrower(house)
    marked = mark(session)
    withdraw(house, loan.enterprise_id)
    assert left(session, marked) == hers(marked) | OWED
    reverse(house, house.repay(loan, "100.00"), reason="<repayment.reason>")
    house.repay(loan, "", money=house.fund.money(loan.left))
    assert loan.state == "settled"
    assert left(session, marked) == hers(marked)


def test_of_an_award_no_word_about_her_is_left_but_the_agreement(session: Session):
    house = seed_house(session)
    found = awarded(house)
    pay(house, found)
    show(house, found)
    verify(house, found)
    marked = mark(session)
    assert "seed_milestone.note" in marked
    withdraw(house, found.enterprise_id)
    assert left(session, marked) == hers(marked)


def test_of_an_application_that_no_committee_saw_nothing_typed_is_left(session: Session):
    house = House.build(session, **LIFE)
    application = house.appraised()
    attach(house, application)
    offer(house, application, description="Una vaca")
    marked = mark(session)
    withdraw(house, application.enterprise_id)
    found = left(session, marked)
    assert found <= hers(marked)
    assert "appraisal.conditions" not in found


def test_figures_that_name_somebody_do_so_no_more(session: Session):
    house = House.build(session)
    application = house.appraised()
    house.opened(application)
    named = Figures((), (Debt("<appraisal.figures>", 800_00, 100_00),))
    session.execute(update(Appraisal).values(figures=named.written()))
    session.expire_all()
    assert left(session, {"appraisal.figures"})
    withdraw(house, application.enterprise_id)
    assert not left(session, {"appraisal.figures"})
    assert application.appraisal.figures


def test_neither_answers_nor_jobs_nor_log_lines_keep_a_word_about_her(build_house, client, database, capfd):
    """What was typed goes through the API, is refused and answered, and then she withdraws."""
    secret = "Su vecina lo pagó"

    def step(house: House) -> tuple[Loan, Any]:
        loan = house.disbursed("1000.00")
        return loan, house.repay(loan, "100.00").id

    house, (loan, paid) = build_house(step)
    body = {"reason": secret}
    assert client.post(REVERSER, f"/repayments/{paid}/reversal", body).status == 201
    assert client.post(REVERSER, f"/repayments/{paid}/reversal", body).status == 409
    assert client.post(REVERSER, f"/repayments/{paid}/reversal", {"reason": {"a": secret}}).status == 422
    acted = {"kind": "visit", "result": "reached", "note": secret, "done_on": "2026-03-05"}
    assert client.post(TECHNICIAN, f"/loans/{loan.id}/collection", acted).status == 201
    assert client.get(TECHNICIAN, "/loans?number=María Inventada").status in {200, 422}
    with database.reading() as session:
        assert secret in str(session.execute(select(answers)).all()), "the answers were stored"
    with database.transaction() as session:
        withdraw(House(session, house.fund, house.committee_id, house.seats, house.owners), loan.enterprise_id)
        for action in session.scalars(select(CollectionAction)):
            action.forget()  # it is owed, and stays until it is not
    with database.reading() as session:
        held = everything(session)
    told = capfd.readouterr()
    for words in (secret, "María", "Inventada", "0801-1990"):
        assert words not in held, words
        assert words not in told.out + told.err, words
