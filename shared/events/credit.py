"""What the credit service announces: applications, decisions, loans and what is paid back."""

from dataclasses import field
from datetime import date
from uuid import UUID

from shared.events import Event, event
from shared.kernel import Money


@event("org.csem.credit.application-submitted.v1")
class ApplicationSubmitted(Event):
    """Somebody applied for a credit."""

    application_id: UUID
    enterprise_id: UUID
    municipality: str
    amount: Money
    purpose: str
    """Code of the purpose in the credit regulations, never free text."""
    submitted_on: date
    kind: str | None = None
    """None of a new credit; else that another one pays a running loan off ("refinance"), or that a running loan is
    changed ("reschedule", "write_off"), which asks for no money.
    """


@event("org.csem.credit.application-decided.v1")
class ApplicationDecided(Event):
    """A credit committee decided: approved, refused or deferred, with the number of its resolution."""

    application_id: UUID
    enterprise_id: UUID
    municipality: str
    outcome: str
    resolution: str
    amount: Money
    decided_on: date
    kind: str | None = None


@event("org.csem.credit.application-withdrawn.v1")
class ApplicationWithdrawn(Event):
    """An application was taken back before any money was paid out; an approval it had counts no more."""

    application_id: UUID
    enterprise_id: UUID
    municipality: str
    withdrawn_on: date
    kind: str | None = None


@event("org.csem.credit.approval-lapsed.v1")
class ApprovalLapsed(Event):
    """An approval is over without any money paid out, because its time passed or the Trust Fund Committee said no; the
    application waits for another session.
    """

    application_id: UUID
    enterprise_id: UUID
    municipality: str
    lapsed_on: date


@event("org.csem.credit.loan-disbursed.v1")
class LoanDisbursed(Event):
    """The fund paid out a loan."""

    loan_id: UUID
    application_id: UUID
    enterprise_id: UUID
    owner_ids: list[UUID]
    municipality: str
    chain: str
    amount: Money
    term_months: int
    disbursed_on: date
    assistance_needs: list[str]
    """What the appraisal found the borrower needs beside money (`vocabulary.NEEDS`)."""
    kind: str | None = None
    paid_off: Money | None = None
    """What of `amount` paid another loan off ("refinance"): it was lent before."""


@event("org.csem.credit.tranche-disbursed.v1")
class TrancheDisbursed(Event):
    """Another part of an approved credit was paid out: `lent` is all of it so far, `outstanding` what is owed."""

    loan_id: UUID
    enterprise_id: UUID
    municipality: str
    amount: Money
    lent: Money
    outstanding: Money
    disbursed_on: date


@event("org.csem.credit.loan-rescheduled.v1")
class LoanRescheduled(Event):
    """A committee gave a running loan a new schedule."""

    loan_id: UUID
    enterprise_id: UUID
    municipality: str
    instalments: int
    last_due: date
    rescheduled_on: date


@event("org.csem.credit.loan-written-off.v1")
class LoanWrittenOff(Event):
    """A loan left the books of its fund by resolution; `amount` is the principal. The borrower goes on owing it."""

    loan_id: UUID
    enterprise_id: UUID
    municipality: str
    amount: Money
    written_off_on: date


@event("org.csem.credit.repayment-posted.v1")
class RepaymentPosted(Event):
    """A repayment was received; `outstanding` is the principal still owed after it."""

    loan_id: UUID
    repayment_id: UUID
    enterprise_id: UUID
    municipality: str
    amount: Money
    outstanding: Money
    posted_on: date


@event("org.csem.credit.repayment-reversed.v1")
class RepaymentReversed(Event):
    """A repayment was reversed; `outstanding` is the principal owed after that. A loan that it had settled is in force
    again unless it is still `settled`.
    """

    loan_id: UUID
    repayment_id: UUID
    """The repayment that was reversed."""
    enterprise_id: UUID
    municipality: str
    amount: Money
    outstanding: Money
    settled: bool
    reversed_on: date
    last_repayment_on: date | None = None
    """The day of the last repayment of the loan that stands."""


@event("org.csem.credit.loan-settled.v1")
class LoanSettled(Event):
    """A loan was paid back in full."""

    loan_id: UUID
    enterprise_id: UUID
    municipality: str
    settled_on: date


@event("org.csem.credit.instalment-overdue.v1")
class InstalmentOverdue(Event):
    """An instalment is overdue, as of a day's close: told once when its loan becomes overdue, and again when the loan
    grows older than 30, 60, 90 and 180 days.
    """

    loan_id: UUID
    enterprise_id: UUID
    municipality: str
    instalment: int
    """The number of the oldest instalment that is not paid."""
    due_on: date
    days_late: int
    arrears_since: date
    """The day since which the loan has owed an instalment without a break; with the loan it names the episode."""


@event("org.csem.credit.seed-awarded.v1")
class SeedAwarded(Event):
    """A fund of seed capital agreed to give: a grant, or a contribution without interest that comes back; it is paid in
    parts.
    """

    award_id: UUID
    application_id: UUID
    enterprise_id: UUID
    municipality: str
    kind: str
    """`grant` or `contribution`."""
    amount: Money
    parts: int
    awarded_on: date


@event("org.csem.credit.seed-paid.v1")
class SeedPaid(Event):
    """A part of an award of seed capital was paid out."""

    award_id: UUID
    enterprise_id: UUID
    municipality: str
    part: int
    amount: Money
    paid_on: date


@event("org.csem.credit.seed-closed.v1")
class SeedClosed(Event):
    """An award of seed capital is over: what was `paid` is shown and reported, what `lapsed` was never paid."""

    award_id: UUID
    enterprise_id: UUID
    municipality: str
    paid: Money
    lapsed: Money
    closed_on: date


@event("org.csem.credit.erasure-completed.v1")
class CreditErasureCompleted(Event):
    """What credit erased of a woman who withdrew, and what the law makes it keep."""

    entrepreneur_id: UUID
    erased: dict[str, int]
    kept: list[str] = field(default_factory=list)


@event("org.csem.credit.lending-suspended.v1")
class LendingSuspended(Event):
    """A Trust Fund Committee suspended the lending of a fund: nothing is approved and nothing paid out."""

    fund_id: UUID
    units: list[str]
    """The countries, departments or municipalities in which the fund lends."""
    suspended_on: date


@event("org.csem.credit.lending-resumed.v1")
class LendingResumed(Event):
    """A fund lends again."""

    fund_id: UUID
    units: list[str]
    resumed_on: date
