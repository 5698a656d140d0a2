"""What the pages of credit share: who reads, who acts, the words of its codes, and the names of enterprises."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, g

from services.portal.clients import Problem, api
from services.portal.pages.registry.codes import CHAINS, NEEDS, choices, listed, said
from services.portal.pages.registry.place_names import place_choices
from shared import places
from shared.kernel import LOCAL_TIME, Money, clock

blueprint = Blueprint("pages_credit", __name__, url_prefix="/credit")

STAFF = ("technician", "coordinator", "credit_officer")
MEMBERS = ("committee_member", "trust_fund_member")
OVERSIGHT = ("network_coordinator", "auditor")
FILE_READERS = (*STAFF, *MEMBERS, *OVERSIGHT)
READERS = (*FILE_READERS, "cashier", "leda_viewer")
MINUTES_READERS = (*MEMBERS, *OVERSIGHT, "coordinator", "credit_officer")
APPRAISERS = ("technician", "credit_officer")
CONVENERS = ("coordinator", "credit_officer")
CONDUCTORS = ("coordinator", "committee_member")
DISBURSERS = ("credit_officer", "cashier")
RECORDERS = ("coordinator", "credit_officer")
GOVERNORS = ("coordinator",)
STATEMENT_READERS = (*RECORDERS, "trust_fund_member", *OVERSIGHT)
COLLECTORS = ("cashier", "credit_officer")
COMMITTEE_KEEPERS = ("coordinator", "admin")
SEAT_READERS = (*COMMITTEE_KEEPERS, *MINUTES_READERS)
WATCHERS = (*OVERSIGHT, "trust_fund_member", "coordinator")
BOOKS = ("coordinator", "credit_officer", "cashier", "trust_fund_member", *OVERSIGHT)

STATES = {
    "submitted": ("Handed in", ""),
    "appraised": ("Appraised", "accent"),
    "on_agenda": ("On the agenda", "accent"),
    "deferred": ("Deferred", "warn"),
    "approved": ("Approved", "good"),
    "disbursed": ("Paid to her", "good"),
    "refused": ("Refused", "bad"),
    "withdrawn": ("Taken back", ""),
    "lapsed": ("Approval expired", "warn"),
}
BOARD = {
    "submitted": "handed in",
    "appraised": "appraised",
    "on_agenda": "on the agenda",
    "deferred": "deferred",
    "approved": "approved",
    "lapsed": "approval expired",
    "disbursed": "paid out",
}
PURPOSES = {
    "working_capital": "Working capital",
    "inputs": "Inputs (supplies)",
    "equipment": "Equipment",
    "premises": "Premises",
    "marketing": "Marketing (sales)",
    "formalization": "Formalization",
    "other": "Other purpose",
}
METHODS = {
    "equal_instalment": "Equal instalments on the declining balance",
    "equal_principal": "Equal principal, interest on the declining balance",
    "flat": "Interest on the original amount",
    "bullet": "Principal at maturity, interest on the balance",
    "agreed_shares": "Principal in agreed shares, interest on the declining balance",
}
RECOMMENDATIONS = {"approve": ("Approve", "good"), "refuse": ("Refuse", "bad")}
SESSION_STATES = {"convened": ("Called", "accent"), "open": ("Session open", "good"), "closed": ("Session closed", "")}
CONSTITUENCIES = {"women_organizations": "Women's organizations", "csem": "CSEM", "leda": "LEDA"}
POSITIONS = {"chair": "Chair", "secretary": "Secretary", "member": "Member"}
RELATIONS = {"self": "She is the entrepreneur herself", "relative": "Relative", "partner": "Partner or associate"}
NOTICE_CHANNELS = {
    "portal": "Through the portal",
    "phone": "By phone",
    "message": "By message",
    "letter": "In writing",
    "in_person": "In person",
}
VERIFIERS = {"technician": "The technician", "coordinator": "The coordinator", "credit_officer": "The credit officer"}
CONDITIONS = {"open": ("To be met", "warn"), "met": ("Met", "good")}
CHOICES = {"approve": ("Approve", "good"), "refuse": ("Refuse", "bad"), "defer": ("Defer", "warn")}
OUTCOMES = {"approved": ("Approved", "good"), "refused": ("Refused", "bad"), "deferred": ("Deferred", "warn")}
MAJORITIES = {
    "simple": "more than half of the votes",
    "absolute": "more than half of all seats",
    "two_thirds": "two thirds of the votes",
    "unanimous": "all votes",
}
LOAN_STATES = {"active": ("In force", "good"), "settled": ("Settled", "")}
INSTALMENTS = {
    "paid": ("Paid off", "good"),
    "overdue": ("Overdue", "bad"),
    "due": ("Due today", "warn"),
    "partly_paid": ("Partly paid", "accent"),
    "upcoming": ("To come", ""),
}
CHANNELS = {"cash": "Cash at the counter", "trustee": "Deposit in the trustee's account"}
RULES = {
    "active": "It is no longer active in the inventory.",
    "consent_credit": "Its owner has not consented to her data being used for a credit.",
    "validated": "Its record is not verified yet.",
    "no_loan_in_force": "It has a loan in force.",
    "has_owner": "It has no owner on record.",
    "territory": "The fund does not lend in its municipality.",
}
WHY_NOT = {
    "committee.not_a_member": "You are not on the roll of this session.",
    "committee.recused": "You were recused from this item.",
    "committee.voted_already": "You have voted.",
    "committee.not_present": "You are not noted as present. Ask the chair to note your arrival.",
    "committee.seat_voted": "Your seat has voted on this item already.",
    "segregation.appraiser_votes": "You appraised this application: declare your recusal.",
    "segregation.interested_votes": "You declared an interest in the applicant: declare your recusal.",
}
STEPS = {
    "submit": "Handed in",
    "correct": "Corrected",
    "appraise": "Appraised",
    "place_on_agenda": "Put on an agenda",
    "decide": "Decided by the committee",
    "disburse": "Paid to her",
    "withdraw": "Taken back",
    "take_off_agenda": "Taken off an agenda",
    "lapse": "Approval expired",
    "show_evidence": "Evidence of a condition",
    "meet_condition": "Condition met",
}
KEPT = {"kept": ("Rule kept", "good"), "broken": ("Rule broken", "bad"), "nothing": ("Nothing to examine", "")}
COMPLIANCE = {
    "notice": "Notice to the members",
    "quorum": "Quorum and composition of each vote",
    "conflicts": "No vote of who appraised, was recused or has an interest",
    "one_vote": "One vote for each seat",
    "majority": "The majority decides",
    "reasons": "Reason of what was deferred and refused",
    "numbering": "Resolutions numbered without gaps",
    "minutes": "Minutes chained and signed",
    "limits": "Amounts and terms of the product",
    "segregation": "Who voted did not pay out",
    "conditions": "Conditions met before paying out",
    "expiry": "Paid out while the approval held",
    "suspension": "Nothing while lending was suspended",
    "repayments": "Who paid out did not collect",
    "books": "The books balance",
}
FINDINGS = {
    "not_notified": "held without telling a principal member",
    "late_notice": "called on less notice than due, with no reason noted",
    "too_few_votes": "fewer seats voted than are due",
    "constituency_missing": "the vote of a constituency was missing",
    "appraiser_voted": "who appraised it voted",
    "interested_voted": "who had declared an interest voted",
    "recused_voted": "who was recused voted",
    "seat_voted_twice": "a seat voted twice",
    "other_outcome": "the votes said something else",
    "no_reason": "without a reason of the regulations",
    "gap": "a number before this one is missing",
    "no_minutes": "session closed without minutes",
    "broken_chain": "does not follow the minutes before it",
    "bad_signature": "its signature or content are not those that were made",
    "outside_limits": "outside what the product lends",
    "other_amount": "another amount was paid than was approved",
    "voter_paid_out": "paid out by who voted",
    "condition_open": "paid out with a condition open",
    "after_expiry": "paid out after the approval had expired",
    "while_suspended": "while lending was suspended",
    "payer_collected": "collected by who had paid out",
    "unbalanced": "the movement does not balance",
    "sheet_open": "assets differ from liabilities plus capital",
    "subledger_differs": "the loans' account is not the sum of the loans",
}
SHARES = {"borrower": "Borrower", "chain": "Value chain", "municipality": "Municipality"}
ACCOUNTS = {
    "cash_at_trustee": "Cash at the trustee",
    "cash_in_hand": "Cash in hand",
    "loans": "Loans",
    "allowance": "Allowance for losses on loans",
    "interest_receivable": "Interest receivable",
    "charges_receivable": "Charges receivable",
    "overpayments": "Overpayments",
    "owed_to_lenders": "Owed to lenders",
    "income_to_share": "Income to be shared out",
    "contributions": "Contributions",
    "results_carried": "Results carried",
    "interest_income": "Interest income",
    "fee_income": "Fee income",
    "penalty_income": "Late charges",
    "recoveries": "Recoveries of what was written off",
    "other_income": "Other income",
    "fund_costs": "Costs of the fund",
    "provisions": "Provisions for losses",
    "seed_grants": "Seed grants",
}
KINDS = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Own capital",
    "income": "Income of the fund",
    "expense": "Costs",
}
DIFFERENCES = {
    "movement": "Movement that does not balance",
    "account": "Account outside of the chart",
    "sheet": "Assets against liabilities, own capital and result",
    "loans": "Loans, all together",
    "loan": "Loan",
    "contributions": "Contributions given for good",
    "owed_to_lenders": "Contributions to be paid back",
    "income_to_share": "Income to be shared out",
    "results_carried": "Results carried",
}
FUND_KINDS = {"revolving": "Revolving fund", "seed_capital": "Seed capital"}
REPAYABLE = {"no": "Given for good", "yes": "To be paid back"}
BANK_ITEMS = {"bank_charge": "Charge of the bank", "bank_interest": "Interest from the bank"}
PERIODS = {"month": "every month", "quarter": "every quarter", "half_year": "every half year", "year": "every year"}
MOVEMENTS = {
    "contribution": "Contribution",
    "withdrawal": "Withdrawal of a contribution",
    "bank_charge": "Charge of the bank",
    "bank_interest": "Interest from the bank",
    "drawer_difference": "Difference of the drawer",
    "income_sharing": "Income shared out",
    "income_paid": "Share of the income paid",
    "disbursement": "Loan paid out",
    "repayment": "Repayment",
    "deposit": "Deposit of the drawer",
    "interest_accrual": "Interest accrued",
    "late_charge": "Late charges of the day",
    "allowance": "Allowance adjusted",
}
SOURCES = {
    "own": "Own money",
    "bank": "Bank",
    "national_institution": "National institution",
    "international_organization": "International organization",
    "donor": "Donor",
}
TABS = (
    ("Applications", "/credit", READERS),
    ("Sessions of the committee", "/credit/sessions", READERS),
    ("Loans", "/credit/loans", READERS),
    ("Portfolio", "/credit/portfolio", READERS),
    ("Trust funds", "/credit/funds", READERS),
    ("What a credit costs", "/credit/quote", READERS),
    ("Cash desk", "/credit/drawer", COLLECTORS),
)


@dataclass(frozen=True)
class Named:
    """An enterprise as this reader may know it."""

    id: str
    name: str
    owners: str


class Names(dict[str, Named]):
    """Names by the id of an enterprise; one that the reader may not know goes by the end of its id."""

    def __missing__(self, enterprise_id: str) -> Named:
        return Named(enterprise_id, "", "")


def names_of(enterprise_ids: Iterable[str]) -> Names:
    """The names of some enterprises, asked from the registry in one call; a page does without them when it is away."""
    wanted = sorted(set(enterprise_ids))[:200]
    if not wanted:
        return Names()
    try:
        rows = api("registry").get("/enterprises", {"ids": wanted, "limit": len(wanted)}, patience=3).rows
    except Problem:
        return Names()
    return Names({row["id"]: _named(row) for row in rows})


def name_of(enterprise_id: str) -> Named:
    """The name of one enterprise."""
    return names_of([enterprise_id])[enterprise_id]


def _named(row: Mapping[str, Any]) -> Named:
    owners = [" ".join(filter(None, (o.get("given_names"), o.get("surnames")))) for o in row.get("owners") or []]
    return Named(row["id"], row.get("name") or "", ", ".join(filter(None, owners)))


def funds() -> list[dict[str, Any]]:
    """The funds this reader may see."""
    return api("credit").get("/funds").rows


def fund_choices(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(row["id"], row["name"]) for row in rows]


def cents(money: Mapping[str, str]) -> int:
    """The cents of an amount as the APIs write it, to sum a column with."""
    return Money.parse(money["amount"], money["currency"]).minor


def amount_of(sum_: int, currency: str) -> Money:
    return Money(sum_, currency)


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates of this area say codes with."""
    person = g.get("me")
    may = person.has if person is not None else lambda *_: False
    return {
        "said": said,
        "listed": listed,
        "choices": choices,
        "full_name": places.full_name,
        "place_choices": place_choices,
        "today": clock.today().isoformat(),
        "tabs": [(label, href) for label, href, roles in TABS if may(*roles)],
        "may": may,
        "cents": cents,
        "amount_of": amount_of,
        "fund_pairs": fund_choices,
        "hour_of": lambda moment: datetime.fromisoformat(moment).astimezone(LOCAL_TIME).strftime("%H:%M"),
        "signed_by": lambda rows: "; ".join(f"{row['name']}, {row['office']}" for row in rows),
        **_VOCABULARY,
    }


_VOCABULARY = {
    name: value
    for name, value in {**globals(), "CHAINS": CHAINS, "NEEDS": NEEDS}.items()
    if name.isupper() and not name.startswith("_")
}
