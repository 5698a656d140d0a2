"""What the pages of credit share: who reads, who acts, the words of its codes, and the names of enterprises."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint

from services.portal.clients import Problem, api
from shared.kernel import Money

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
CARRIERS = ("credit_officer", "coordinator")
RECORDERS = ("coordinator", "credit_officer")
GOVERNORS = ("coordinator",)
STATEMENT_READERS = (*RECORDERS, "trust_fund_member", *OVERSIGHT)
COLLECTORS = ("cashier", "credit_officer")
REVERSERS = ("credit_officer", "coordinator")
REFUNDERS = (*COLLECTORS, "coordinator")
PAYMENT_READERS = (*COLLECTORS, *OVERSIGHT, "coordinator")
COLLECTION_READERS = (*STAFF, *OVERSIGHT)
COMMITTEE_KEEPERS = ("coordinator", "admin")
BODY_KEEPERS = {"credit": COMMITTEE_KEEPERS, "trust_fund": ("admin",)}
FUND_READERS = (*READERS, "admin")
SEAT_READERS = (*COMMITTEE_KEEPERS, *MINUTES_READERS)
NOTE_KEEPERS = ("coordinator", "credit_officer", "cashier")
EVIDENCE_READERS = (*OVERSIGHT, "coordinator", "credit_officer", "trust_fund_member")
WATCHERS = (*OVERSIGHT, "trust_fund_member", "coordinator")
PAPER_READERS = tuple(role for role in READERS if role != "leda_viewer")
BOOKS = ("coordinator", "credit_officer", "cashier", "trust_fund_member", *OVERSIGHT)

STATES = {
    "submitted": ("Handed in", ""),
    "appraised": ("Appraised", "accent"),
    "on_agenda": ("On the agenda", "accent"),
    "deferred": ("Deferred", "warn"),
    "approved": ("Approved", "good"),
    "disbursed": ("Paid to her", "good"),
    "carried_out": ("Carried out", "good"),
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
DAY_COUNTS = {
    "30/360": "months of 30 days",
    "actual/360": "days of the calendar over 360",
    "actual/365": "days of the calendar over 365",
    "actual/actual": "days of the calendar over those of the year",
    "actual/actual-feb29": "days of the calendar over 366 where there is a 29 February",
}
RECOMMENDATIONS = {"approve": ("Approve", "good"), "refuse": ("Refuse", "bad")}
FIGURES = {
    "sales": "Sales",
    "household_income": "Other income of the household",
    "cost_of_goods": "Cost of what is sold",
    "business_expense": "Other expenses of the business",
    "household_expense": "Expenses of the household",
}
GUARANTEES = {
    "guarantor": "Personal guarantor",
    "joint_group": "Joint guarantee of the group",
    "pledge": "Pledge of movable goods",
    "mortgage": "Mortgage",
    "savings": "Savings as guarantee",
}
GUARANTEE_STATES = {
    "offered": ("Offered", "accent"),
    "in_force": ("Guarantee in force", "good"),
    "released": ("Guarantee released", ""),
    "ended": ("Nothing was lent", ""),
}
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
LOAN_STATES = {"active": ("In force", "good"), "settled": ("Settled", ""), "written_off": ("Written off", "bad")}
CHANGE_KINDS = {
    "reschedule": "Reschedule the loan",
    "refinance": "Refinance the loan",
    "write_off": "Write off the loan",
}
CHANGE_HINTS = {
    "reschedule": "What is unpaid gets a new plan; the loan counts as at risk from then on.",
    "refinance": "A new loan pays this one off and hands out the rest.",
    "write_off": "The loan leaves the books at the cost of the allowance. She goes on owing it.",
}
DONE_CHANGES = {
    "reschedule": "Rescheduled",
    "refinance": "Paid off with another loan",
    "write_off": "Written off",
    "tranche": "Another part paid out",
}
INSTALMENTS = {
    "paid": ("Paid off", "good"),
    "overdue": ("Overdue", "bad"),
    "due": ("Due today", "warn"),
    "partly_paid": ("Partly paid", "accent"),
    "upcoming": ("To come", ""),
}
TILL = {"cash": "Cash at the counter", "trustee": "Deposit in the trustee's account"}
CHANNELS = {
    **TILL,
    "mobile": "Mobile money",
    "held": "From what was overpaid",
    "refinanced": "Paid off with another loan",
}
PAYMENT_SOURCES = {"bank": "Bank", "mobile": "Operator of mobile money"}
LINE_STATES = {
    "waiting": ("Waits", "warn"),
    "posted": ("Posted", "good"),
    "dismissed": ("Dismissed", ""),
    "repeated": ("Repeated", ""),
}
VERDICTS = {
    "posts": ("Will be posted", "good"),
    "posts_with_excess": ("Will be posted, rest held", "accent"),
    "all_excess": ("All held: nothing is owed", "accent"),
    "unknown_reference": ("No loan found", "warn"),
    "several_loans": ("More than one loan fits", "warn"),
    "future_day": ("A day to come", "bad"),
    "before_loan": ("From before the loan", "bad"),
    "other_currency": ("Another currency", "bad"),
    "not_a_payment": ("No money that came in", "bad"),
    "charge_too_high": ("The charge is too high", "bad"),
    "disburser": ("Another person posts it", "warn"),
}
ACTIONS = {
    "visit": "Visit",
    "call": "Call",
    "message": "Message",
    "letter": "Letter",
    "promise": "Promise to pay",
    "guarantors": "Meeting with the guarantors",
}
RESULTS = {
    "reached": "Spoke with her",
    "not_found": "Did not find her",
    "refuses": "Refuses to pay",
    "cannot_pay": "Cannot pay now",
    "disputes": "Disputes the debt",
    "other": "Another result",
}
NEXT_STEPS = {
    "broken_promise": ("Promise broken", "bad"),
    "promise_today": ("Promised for today", "accent"),
    "action_due": ("To be followed up", "warn"),
    "untouched": ("Nobody went yet", "warn"),
    "waits": ("Waits for its day", ""),
}
PROMISES = {"open": ("Promise open", "accent"), "kept": ("Promise kept", "good"), "broken": ("Promise broken", "bad")}
USES = {"refund": "Given back", "applied": "Paid a loan"}
REFERENCE_TABLES = {"provisioning": "Table of what is set aside", "holidays": "Holidays"}
RULES = {
    "active": "It is no longer active in the inventory.",
    "consent_credit": "Its owner has not consented to her data being used for a credit.",
    "validated": "Its record is not verified yet.",
    "no_loan_in_force": "It has a loan in force.",
    "no_arrears": "It has a loan with payments overdue.",
    "has_owner": "It has no owner on record.",
    "territory": "The fund does not lend in its municipality.",
    "centre": "It is not in the territory of the centre.",
    "months_in_business": "It is not known to have been in business for long enough.",
    "tier": "Its tier is not one that the fund lends to.",
    "training_attended": "Its owner has not completed enough trainings.",
    "coherent_with_plans": "No plan of its territory is known to put its value chain first.",
    "payment_capacity": "The instalment takes more of what a month leaves than the regulations let it.",
}
ASKED = {
    "active": "Active in the inventory",
    "consent_credit": "Consent to use her data for credit",
    "validated": "Verified record",
    "no_loan_in_force": "No loan in force",
    "no_arrears": "Nothing overdue on any loan",
    "has_owner": "An owner on record",
    "territory": "In the territory of the fund",
    "payment_capacity": "Payment capacity",
    "centre": "In the territory of the centre",
    "months_in_business": "Time in business",
    "tier": "Tier of the enterprise",
    "training_attended": "Training completed",
    "coherent_with_plans": "Coherent with the plans of the territory",
}
OPEN_FILE = ("submitted", "appraised", "deferred", "lapsed")
PAPERS = {
    "business_plan": "Business plan",
    "quotation": "Quotation",
    "identity": "Identity document",
    "photo": "Photograph",
    "guarantor_document": "Document of the guarantor",
    "other": "Other paper",
}
WHY_NOT = {
    "committee.not_a_member": "You are not on the roll of this session.",
    "committee.recused": "You were recused from this item.",
    "committee.voted_already": "You have voted.",
    "committee.not_present": "You are not noted as present. Ask the chair to note your arrival.",
    "committee.seat_voted": "Your seat has voted on this item already.",
    "segregation.appraiser_votes": "You appraised this application: declare your recusal.",
    "segregation.interested_votes": (
        "You declared an interest in the applicant, or in who guarantees or borrows with her: declare your recusal."
    ),
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
    "carry_out": "Carried out",
    "pay_tranche": "Another part paid out",
    "give_up_rest": "Rest of the approval given up",
    "attach": "Paper put into the file",
    "detach": "Paper taken out of the file",
    "propose_parts": "Parts proposed",
    "award": "Awarded",
    "pay_part": "Part paid",
    "show_part": "Part shown",
    "verify_part": "Part verified",
    "lapse_award": "Rest of the award lapsed",
    "report_award": "Final report",
    "post_return": "Contribution came back",
    "close_award": "Award closed",
    "offer_guarantee": "Guarantee added",
    "drop_guarantee": "Guarantee taken out",
    "show_guarantee": "Paper of a guarantee",
    "join_group": "Joined a group",
    "leave_group": "Left the group",
    "assent": "Word of the Trust Fund Committee",
}
SHARES = {"borrower": "Borrower", "chain": "Value chain", "municipality": "Municipality"}
ACCOUNTS = {
    "cash_at_trustee": "Cash at the trustee",
    "cash_in_hand": "Cash in hand",
    "refinancing": "Paid off with other loans",
    "loans": "Loans",
    "allowance": "Allowance for losses on loans",
    "interest_receivable": "Interest receivable",
    "charges_receivable": "Charges receivable",
    "seed_contributions": "Seed contributions to come back",
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
    "balance": "Balance that is kept of an account",
    "account": "Account outside of the chart",
    "sheet": "Assets against liabilities, own capital and result",
    "loans": "Loans, all together",
    "loan": "Loan",
    "contributions": "Contributions given for good",
    "owed_to_lenders": "Contributions to be paid back",
    "income_to_share": "Income to be shared out",
    "results_carried": "Results carried",
    "seed_grants": "Seed grants",
    "seed_contributions": "Seed contributions to come back",
    "overpayments": "Overpayments",
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
    "recovery": "Recovery of what was written off",
    "refinancing": "Loan paid off with another one",
    "capitalisation": "Interest that became principal",
    "write_off": "Loan written off",
    "reversal": "Repayment reversed",
    "refund": "Overpayment given back",
    "deposit": "Deposit of the drawer",
    "interest_accrual": "Interest accrued",
    "late_charge": "Late charges of the day",
    "allowance": "Allowance adjusted",
    "seed_grant": "Seed grant paid",
    "seed_contribution": "Seed contribution paid",
    "seed_return": "Seed contribution that came back",
}
SEED_KINDS = {"grant": "Grant, given for good", "contribution": "Contribution without interest, to come back"}
AWARD_STATES = {"active": ("Under way", "accent"), "closed": ("Award closed", "good")}
PARTS = {
    "open": ("To be shown", "warn"),
    "shown": ("Shown, to be verified", "accent"),
    "verified": ("Shown and verified", "good"),
    "lapsed": ("Part lapsed", "bad"),
}
SOURCES = {
    "own": "Own money",
    "bank": "Bank",
    "national_institution": "National institution",
    "international_organization": "International organization",
    "donor": "Donor",
}


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
