"""What the service keeps of one loan or award, from its application to its last payment, as rows of its own tables.

Amounts are cents. A table of another room that belongs to a loan or an application is one line here.
"""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session, selectinload

from services.credit.models import (
    AgendaItem,
    AgreementLetter,
    Application,
    Assent,
    Base,
    Closing,
    CollectionAction,
    CommitteeSession,
    Condition,
    CreditGroup,
    CreditRegulations,
    Guarantee,
    IssuedDocument,
    LedgerEntry,
    LedgerLine,
    Loan,
    LoanStanding,
    OverpaymentUse,
    PaymentLine,
    Repayment,
    Resolution,
    RollSeat,
    SeedAward,
    SeedPlan,
    TrustFund,
)
from services.credit.queries.eligibility import of_application
from services.credit.rules.ledger import ACCOUNTS, CASH_AT_TRUSTEE, CASH_IN_HAND, LOANS
from services.credit.rules.words import shown
from shared import history

Row = dict[str, Any]
_SEALED = {"sealed", "fingerprint"}
_COLUMNS = {
    "cash": {CASH_AT_TRUSTEE, CASH_IN_HAND},
    "principal": {LOANS},
    "held": {ACCOUNTS["overpayments"]},
    "recovered": {ACCOUNTS["recoveries"]},
    "contributed": {ACCOUNTS["seed_contributions"]},
    "granted": {ACCOUNTS["seed_grants"]},
}


def application(session: Session, found: Application, fund: TrustFund) -> Row:
    """What was asked for and what was resolved, with the instruments that were applied, what the Trust Fund Committee
    said, and how the enterprise stands to the rules today; what was known on its day stands in the history.
    """
    resolutions = session.scalars(
        select(Resolution).where(Resolution.application_id == found.id).order_by(Resolution.id)
    ).all()
    cited = {found.regulations_id}
    cited |= {edition for one in resolutions for edition in (one.regulations_id, one.lent_under_id)}
    cited |= {one.regulations_id for one in found.appraisals}
    editions = select(CreditRegulations).where(CreditRegulations.id.in_(cited)).order_by(CreditRegulations.edition)
    letters = select(AgreementLetter).where(AgreementLetter.id.in_({one.agreement_id for one in resolutions}))
    assents = select(Assent).where(Assent.application_id == found.id).order_by(Assent.id)
    return {
        "application": _row(found),
        "fund": _row(fund),
        "eligibility": of_application(session, fund, found),
        "group": _group(CreditGroup.of(session, found.id)),
        "resolutions": _rows(resolutions),
        "assents": _rows(session.scalars(assents)),
        "regulations": _rows(session.scalars(editions)),
        "agreements": _rows(session.scalars(letters.order_by(AgreementLetter.edition))),
    }


def _group(found: CreditGroup | None) -> Row | None:
    """The group and the numbers under which its members applied; who they are is in their own files."""
    if found is None:
        return None
    members = [{"number": one.application.number, "joined_on": one.joined_on} for one in found.members]
    return {**_row(found), "members": members}


def appraisals(found: Application) -> list[Row]:
    """What was found on site, each time."""
    return _rows(found.appraisals)


def guarantees(session: Session, found: Application, loan: Loan | None) -> list[tuple[Guarantee, Row]]:
    """What stands behind it, each as a row that names nobody outside the registry: whom it binds says the contract."""
    return [
        (one, _row(one, _SEALED) | {"outsider": one.sealed is not None, "state": one.standing(found, loan)})
        for one in Guarantee.of(session, found.id)
    ]


def changing(session: Session, found: Loan) -> list[Application]:
    """What was asked of the committee about a running loan, in its order, granted or not."""
    return list(session.scalars(select(Application).where(Application.loan_id == found.id).order_by(Application.id)))


def plans(session: Session, found: Application) -> list[Row]:
    """The parts in which seed capital was proposed to be paid, by appraisal."""
    query = select(SeedPlan).where(SeedPlan.application_id == found.id).order_by(SeedPlan.appraisal)
    return [{**_row(one), "milestones": _rows(one.milestones)} for one in session.scalars(query)]


def award(found: SeedAward) -> Row:
    """The award, its parts with what came of them, and what came back."""
    return {**_row(found), "milestones": _rows(found.milestones), "returns": _rows(found.returns)}


def meetings(session: Session, found: Application) -> list[CommitteeSession]:
    """The sessions that had the application on their agenda, in their order."""
    query = select(CommitteeSession).join(AgendaItem).where(AgendaItem.application_id == found.id)
    return list(session.scalars(query.order_by(CommitteeSession.id)))


def sessions(found: Application, meetings: Iterable[CommitteeSession]) -> list[Row]:
    """Each session with its notice, its roll and who came and went, and of its agenda the item of this application;
    nothing of the others.
    """
    return [
        {
            **_row(meeting),
            "notified": _rows(meeting.notified),
            "roll": [_seat(seat) for seat in meeting.roll],
            "items": [_item(item) for item in meeting.agenda if item.application_id == found.id],
        }
        for meeting in meetings
    ]


def _seat(seat: RollSeat) -> Row:
    return {**_row(seat), "movements": _rows(seat.movements)}


def _item(item: AgendaItem) -> Row:
    return {**_row(item), "recusals": _rows(item.recusals), "votes": _rows(item.votes)}


def conditions(session: Session, found: Application) -> list[Condition]:
    """Every condition that a motion on the application carried."""
    query = select(Condition).where(Condition.application_id == found.id)
    return list(session.scalars(query.order_by(Condition.item_id, Condition.position)))


def rows(found: Iterable[Base]) -> list[Row]:
    """The columns of each."""
    return _rows(found)


def loan(found: Loan) -> Row:
    """The loan on its terms, with its schedule."""
    return {**_row(found), "schedule": _rows(found.instalments)}


def standing(session: Session, found: Loan) -> Row:
    """Where it stood in the portfolio day by day, and what the last close of its fund found: lateness, interest earned,
    allowance, and what each instalment costs for being late.
    """
    close = session.get(Closing, found.fund_id)
    at = session.get(LoanStanding, (found.id, close.slot)) if close else None
    return {
        "positions": _rows(found.positions),
        "closed_day": close.day if close else None,
        "last_close": _row(at) if at else None,
        "late_charges": [{"instalment": number, "amount": cents} for number, cents in found.late_charges.items()],
    }


def entries(session: Session, reference: UUID, others: Collection[UUID] = ()) -> list[Row]:
    """The movements of the journal that are about one loan or award, or are one of `others`, each with its lines."""
    query = (
        select(LedgerEntry, LedgerLine)
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where((LedgerEntry.reference == reference) | LedgerEntry.id.in_(others))
        .order_by(LedgerEntry.number, LedgerLine.position)
    )
    told: dict[UUID, Row] = {}
    for entry, line in session.execute(query):
        lines = told.setdefault(entry.id, {**_row(entry), "lines": []})["lines"]
        lines.append({"account": line.account, "amount": line.amount})
    return list(told.values())


def movements(
    entries: Sequence[Mapping[str, Any]], reference: UUID, numbers: Mapping[UUID, str], holding: Collection[UUID] = ()
) -> bytes:
    """The same as a table that any spreadsheet sums (CSV): what each entry moved of each account, a debit positive, and
    the principal in the books after it. `numbers` are those of the papers, by entry; what is `held` changes for this
    loan by the entries that are `holding`.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["entry", "booked_on", "kind", "document", *_COLUMNS, "principal_after"])
    balance = 0
    for entry in entries:
        sums = {
            name: sum(line["amount"] for line in entry["lines"] if line["account"] in accounts)
            for name, accounts in _COLUMNS.items()
            if (entry["id"] in holding if name == "held" else entry["reference"] == reference)
        }
        balance += sums.get("principal", 0)
        told = [entry["number"], entry["booked_on"], entry["kind"], numbers.get(entry["id"], "")]
        table.writerow([*told, *(shown(sums.get(name, 0)) for name in _COLUMNS), shown(balance)])
    return out.getvalue().encode()


def repayments(session: Session, found: Loan) -> list[Repayment]:
    """What was paid back, with what each payment paid of which instalment."""
    query = select(Repayment).where(Repayment.loan_id == found.id).options(selectinload(Repayment.parts))
    return list(session.scalars(query.order_by(Repayment.id)))


def repayment(found: Repayment) -> Row:
    """One of them as a row."""
    return {**_row(found), "parts": _rows(found.parts)}


def overpayments(session: Session, found: Loan) -> list[OverpaymentUse]:
    """What became of what was paid too much."""
    query = select(OverpaymentUse).where(OverpaymentUse.loan_id == found.id)
    return list(session.scalars(query.order_by(OverpaymentUse.id)))


def payment_lines(session: Session, found: Loan) -> list[Row]:
    """The lines of files of payments that paid it."""
    query = select(PaymentLine).where(PaymentLine.loan_id == found.id)
    return _rows(session.scalars(query.order_by(PaymentLine.id)))


def collection(session: Session, found: Loan) -> list[Row]:
    """What was done to have it paid."""
    query = select(CollectionAction).where(CollectionAction.loan_id == found.id)
    return _rows(session.scalars(query.order_by(CollectionAction.id)))


def issued(session: Session, fund_id: UUID, numbers: Iterable[str]) -> list[Row]:
    """The papers that were printed under these numbers, by the hash that each is verified by."""
    query = select(IssuedDocument).where(IssuedDocument.fund_id == fund_id, IssuedDocument.number.in_(set(numbers)))
    return _rows(session.scalars(query.order_by(IssuedDocument.issued_at, IssuedDocument.hash)))


def histories(session: Session, subjects: Iterable[tuple[str, UUID]]) -> list[Row]:
    """Who did what on each subject, in the chain of hashes that it was written in."""
    return [
        {"kind": kind, "subject": subject, "entries": [_entry(entry) for entry in history.of(session, subject)]}
        for kind, subject in subjects
    ]


def _entry(entry: Mapping[str, Any]) -> Row:
    names = ("number", "caller", "kind", "action", "before", "after", "salt", "facts_hash", "hash")
    return {"at": entry["at"].isoformat(), **{name: entry[name] for name in names}}


def _rows(found: Iterable[Base]) -> list[Row]:
    return [_row(one) for one in found]


def _row(one: Base, without: Collection[str] = ()) -> Row:
    names = (column.key for column in inspect(type(one)).column_attrs)
    return {name: getattr(one, name) for name in names if name not in without}
