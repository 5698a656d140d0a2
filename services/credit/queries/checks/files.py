"""What lay before the committee: who asked, for what, with which papers, figures and guarantees; how long it waited."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from services.credit.models import (
    Application,
    Appraisal,
    Attachment,
    CopyMerged,
    CopyTraining,
    CreditRegulations,
    GroupMember,
    Guarantee,
    Loan,
    Repayment,
    Resolution,
)
from services.credit.queries.checks.month import Finding, Found, Month, product_of
from services.credit.rules import eligibility as rules
from services.credit.rules.appraisal import demands, share_of_surplus
from services.credit.rules.guarantees import GUARANTOR, JOINT, Guarantees
from services.credit.rules.restructuring import LENDING
from services.credit.rules.schedules import schedule
from services.credit.rules.scorecard import Scorecard
from services.credit.tables import holidays_on
from shared import merged


def purposes(month: Month) -> Found:
    """What was approved is for a purpose that the regulations finance."""
    lending = list(_lending(month))
    wrong = [found for found, application, _ in lending if application.purpose not in month.lent_under(found).purposes]
    return len(lending), [(found.number, "purpose_not_financed") for found in wrong]


def eligibility(month: Month) -> Found:
    """What of the rules has a date was met when it was asked and paid: no other loan, trainings, the territory."""
    findings: list[Finding] = []
    for application in month.submitted:
        edition = month.in_force(application.submitted_on)
        asked = {rule.name: rule for rule in month.rules(edition.id).eligibility} if edition else {}
        family = merged.family(month.session, CopyMerged, application.enterprise_id)
        earlier = Loan.id < application.id  # ids rise with time
        if "no_loan_in_force" in asked and _in_debt(month, family, application.submitted_on, earlier):
            findings.append((application.number, "other_loan_in_force"))
        training = asked.get("training_attended")
        if training is not None and _trained(month, family, application.submitted_on, training) < training.at_least:
            findings.append((application.number, "not_trained"))
        if not month.fund.covers(application.municipality):
            findings.append((application.number, "other_territory"))
    for loan, _entry in month.loans:
        excepted = month.session.get_one(Resolution, loan.resolution_id).exceptions or {}
        standing = {rule.name for rule in month.rules(loan.regulations_id).eligibility} - excepted.keys()
        family = merged.family(month.session, CopyMerged, loan.enterprise_id)
        earlier = (Loan.id < loan.id) & (Loan.id != (loan.refinances or loan.id))
        if "no_loan_in_force" in standing and _in_debt(month, family, loan.disbursed_on, earlier):
            findings.append((loan.number, "other_loan_in_force"))
    return len(month.submitted) + len(month.loans), findings


def _in_debt(month: Month, family: Any, day: date, which: ColumnElement[bool]) -> bool:
    """Whether one of these enterprises, which are one, had a loan in force; one that only owes again because a payment
    of it was taken back does not count.
    """
    reversed_ = select(Repayment.loan_id).where(Repayment.reverses_id.is_not(None))
    owed = select(Loan.id).where(
        Loan.enterprise_id.in_(family),
        or_(Loan.settled_on.is_(None), Loan.settled_on > day),
        Loan.id.not_in(reversed_),
        which,
    )
    return month.session.scalar(owed.limit(1)) is not None


def _trained(month: Month, family: Any, day: date, rule: rules.Rule) -> int:
    days = CopyTraining.days(month.session, family)
    return sum(one <= day and rules.months_between(one, day) < rule.within_months for one in days)


def papers(month: Month) -> Found:
    """The file held every paper that the regulations ask for when it was decided."""
    findings: list[Finding] = []
    lending = list(_lending(month))
    for found, application, appraisal in lending:
        there = (
            select(Attachment.kind, func.count())
            .where(Attachment.application_id == application.id, Attachment.added_at <= found.decided_at)
            .group_by(Attachment.kind)
        )
        held = Counter({kind: int(count) for kind, count in month.session.execute(there)})
        amount = max(application.amount, appraisal.amount)
        asked = month.rules(appraisal.regulations_id).file.items
        if any(held[one.kind] < one.at_least for one in asked if one.is_asked(application.product, amount)):
            findings.append((found.number, "paper_missing"))
    return len(lending), findings


def capacity(month: Month) -> Found:
    """Where the regulations say what part of the surplus an instalment may take, no approval takes more but by an
    exception of the resolution itself; seed capital has no instalments.
    """
    findings: list[Finding] = []
    examined = 0
    for found, application, appraisal in _lending(month) if month.fund.kind == "revolving" else ():
        edition = month.session.get_one(CreditRegulations, appraisal.regulations_id)
        product = product_of(month.rules(edition.id), application.product)
        if found.outcome != "approved" or "capacity" not in edition.parameters or product is None:
            continue
        examined += 1
        day = appraisal.appraised_on
        holidays = holidays_on(day, month.fund.units[0])
        terms = product.terms(
            found.amount, found.instalments, day, found.grace, due_dates=appraisal.agreed_dates, holidays=holidays
        )
        share = share_of_surplus(appraisal.sums, demands(terms, schedule(terms)))
        if (share is None or share > month.rules(edition.id).capacity.share) and rules.CAPACITY not in (
            found.exceptions or {}
        ):
            findings.append((found.number, "above_capacity"))
    return examined, findings


def scorecard(month: Month) -> Found:
    """The points are those that the answers earn, and who recommended under the least of them said why."""
    findings: list[Finding] = []
    examined = 0
    for found, application, appraisal in _lending(month):
        card = month.rules(appraisal.regulations_id).scorecard
        if not card.criteria:
            continue
        examined += 1
        if not _rated(card, appraisal):
            findings.append((found.number, "other_score"))
        elif appraisal.score and appraisal.score["points"] < card.minimum and appraisal.recommendation == "approve":
            told = bool(appraisal.score_reason.strip()) or not application.project  # she withdrew: no text is left
            findings += [] if told else [(found.number, "no_score_reason")]
    return examined, findings


def _rated(card: Scorecard, appraisal: Appraisal) -> bool:
    """Whether what is kept of a score is by this scorecard, and adds up."""
    if appraisal.score is None:
        return False
    parts = appraisal.score["parts"]
    weights = sum(part["weight"] for part in parts)
    asked = [(one.code, one.weight) for one in card.criteria]
    adds_up = weights and appraisal.score["points"] == sum(one["weight"] * one["points"] for one in parts) // weights
    kept = [(part["code"], part["weight"]) for part in parts]
    return bool(adds_up) and kept == asked and appraisal.score["minimum"] == card.minimum


def guarantees(month: Month) -> Found:
    """What stood behind each loan covered as much as it must, and nobody guaranteed more credits than she may."""
    findings: list[Finding] = []
    for loan, _entry in month.loans:
        found = month.session.get_one(Resolution, loan.resolution_id)
        appraisal = month.item(found).appraisal
        edition = month.rules(appraisal.regulations_id).guarantees
        mine = Guarantee.of(month.session, loan.application_id)
        product = month.application(loan.application_id).product
        needed = appraisal.amount * edition.of(product).needed(appraisal.amount)
        if _covered(edition, product, appraisal.amount, mine) * 100 < needed:
            findings.append((loan.number, "not_covered"))
        if edition.times is not None and any(_times(month, one, loan) > edition.times for one in mine):
            findings.append((loan.number, "guarantor_too_often"))
    return len(month.loans), findings


def _covered(edition: Guarantees, product: str, amount: int, mine: list[Guarantee]) -> int:
    """What these guarantees cover of an amount, in cents; all members of a group answer for all of it, once."""
    kinds = edition.of(product).kinds
    worth = [(one.kind, one.value) for one in mine if one.kind != JOINT]
    worth += [(JOINT, amount)] if any(one.kind == JOINT for one in mine) else []
    return sum(edition.counted(kind, value) for kind, value in worth if kind in kinds)


def _times(month: Month, guarantee: Guarantee, loan: Loan) -> int:
    """Behind how many loans that were not paid back a guarantor stood when this one was paid out."""
    if guarantee.kind != GUARANTOR:
        return 0
    same = Guarantee.fingerprint == guarantee.fingerprint
    if guarantee.guarantor_id is not None:
        same = Guarantee.guarantor_id == guarantee.guarantor_id
    query = (
        select(func.count(func.distinct(Loan.id)))
        .join(Guarantee, Guarantee.application_id == Loan.application_id)
        .where(same, Loan.id <= loan.id, or_(Loan.settled_on.is_(None), Loan.settled_on > loan.disbursed_on))
    )
    return month.session.scalar(query) or 0


def groups(month: Month) -> Found:
    """A member of a group was paid when they were enough, and all of those bound with her were approved."""
    findings: list[Finding] = []
    examined = 0
    for loan, entry in month.loans:
        bound = [one.enterprise_id for one in Guarantee.of(month.session, loan.application_id) if one.kind == JOINT]
        if not bound and month.session.get(GroupMember, loan.application_id) is None:
            continue
        examined += 1
        rule = month.rules(month.application(loan.application_id).regulations_id).groups
        if 1 + len(bound) < rule.minimum:
            findings.append((loan.number, "group_too_small"))
        if rule.products and loan.product not in rule.products:
            findings.append((loan.number, "group_product"))
        approved = (
            select(func.count(func.distinct(Application.enterprise_id)))
            .join(Resolution, Resolution.application_id == Application.id)
            .where(
                Application.enterprise_id.in_(bound),
                Resolution.outcome == "approved",
                Resolution.decided_at <= entry.recorded_at,
            )
        )
        if (month.session.scalar(approved) or 0) < len(bound):
            findings.append((loan.number, "group_not_approved"))
    return examined, findings


def pipeline(month: Month) -> Found:
    """No application waits at its stage longer than the regulations let it."""
    query = select(Application).where(
        Application.fund_id == month.fund.id,
        Application.submitted_on < month.after,
        Application.stage_since < month.after,
    )
    edition = month.in_force(month.until)
    days = month.rules(edition.id).pipeline.days if edition else {}
    waiting = [one for one in month.session.scalars(query.order_by(Application.id)) if one.state in days]
    late = [one for one in waiting if (month.until - one.stage_since).days > days[one.state]]
    return len(waiting), [(one.number, "waits_too_long") for one in late]


def _lending(month: Month) -> Iterator[tuple[Resolution, Application, Appraisal]]:
    """The resolutions on new money with what lay before the committee; of who withdrew before anything was lent no
    figures are left to be checked.
    """
    for found in month.resolutions:
        application = month.application(found.application_id)
        if application.kind in LENDING and application.amount:
            appraisal = month.item(found).appraisal
            if appraisal is not None:
                yield found, application, appraisal
