"""What was done under the resolutions: loans and tranches paid out, loans changed, seed capital awarded and paid."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from services.credit.models import AgendaItem, Condition, Loan, LoanChange, Repayment, SeedAward, Suspension, Vote
from services.credit.models.repayments import REFINANCED
from services.credit.queries.checks.month import Act, Finding, Found, Month, local_day, product_of
from services.credit.rules.products import Product
from services.credit.tables import holidays_on

_TERMS = ("method", "engine", "day_count", "interest_period", "every", "unit", "multiple", "rounding")


def resolution(month: Month) -> Found:
    """Everything was done under a resolution that had approved just that."""
    wrong = [act for act in month.acts if not _resolved(month, act)]
    return len(month.acts), [(act.number, "no_resolution") for act in wrong]


def _resolved(month: Month, act: Act) -> bool:
    found = act.resolution
    asked = month.application(found.application_id).kind
    fits = asked == act.kind if act.changes else asked in {"loan", "refinance"}
    mine = found.application_id == act.application_id and found.fund_id == month.fund.id
    return found.outcome == "approved" and mine and fits and found.decided_at <= act.at


def limits(month: Month) -> Found:
    """What was lent lies within the product, on its terms, and is what was approved; so does a new plan."""
    findings: list[Finding] = []
    for loan, _entry in month.loans:
        application = month.application(loan.application_id)
        product = product_of(month.rules(loan.regulations_id), application.product)
        if product is None:
            findings.append((loan.number, "not_lent"))
            continue
        lent = loan.principal if product.tranches == 1 else _approved(month, loan)
        within = product.minimum <= lent <= product.maximum
        if not within or not product.shortest <= loan.terms["instalments"] <= product.longest:
            findings.append((loan.number, "outside_limits"))
        if not _on_its_terms(loan, product):
            findings.append((loan.number, "other_terms"))
    acted = {act.record for act in month.acts if act.kind in {"loan", "tranche"}}
    findings += _amounts(month, acted)
    for change, loan in month.changes:
        product = product_of(month.rules(loan.regulations_id), loan.product)
        if product and change.kind == "reschedule" and change.terms.get("instalments", 0) > product.longest:
            findings.append((loan.number, "outside_limits"))
    return len(month.loans) + len(month.changes), findings


def rest_days(month: Month) -> Found:
    """No due date of what was lent falls on a day of rest, where due dates move off them; what is paid down on the day
    of the loan itself is due that day.
    """
    findings: list[Finding] = []
    examined = 0
    for loan, _entry in month.loans:
        rules = month.rules(loan.regulations_id)
        product = product_of(rules, loan.product)
        if product is None or product.shift == "none" or not rules.holidays.days:
            continue
        examined += 1
        resting = replace(holidays_on(loan.disbursed_on, month.fund.units[0]), own=rules.holidays.days)
        coming = [item.due for item in loan.instalments if item.plan == 1 and item.due > loan.disbursed_on]
        if any(day in resting for day in coming):
            findings.append((loan.number, "due_on_day_of_rest"))
    return examined, findings


def _approved(month: Month, loan: Loan) -> int:
    return next(act.resolution.amount for act in month.acts if act.record == loan.id and act.kind == "loan")


def _amounts(month: Month, loan_ids: set[UUID]) -> list[Finding]:
    """The loans of which more, less or more often was handed out than was approved."""
    findings: list[Finding] = []
    for loan in month.session.scalars(select(Loan).where(Loan.id.in_(loan_ids)).order_by(Loan.id)):
        product = product_of(month.rules(loan.regulations_id), loan.product)
        approved = next(act.resolution.amount for act in month.acts if act.record == loan.id)
        later = select(func.count()).where(LoanChange.loan_id == loan.id, LoanChange.kind == "tranche")
        tranches = product.tranches if product else 1
        if loan.principal > approved or (loan.principal < approved and tranches == 1):
            findings.append((loan.number, "other_amount"))
        if 1 + (month.session.scalar(later) or 0) > tranches:
            findings.append((loan.number, "too_many_tranches"))
    return findings


def _on_its_terms(loan: Loan, product: Product) -> bool:
    kept = loan.terms
    return kept["annual_rate"] == str(product.annual_rate) and all(
        kept[name] == getattr(product, name) for name in _TERMS
    )


def segregation(month: Month) -> Found:
    """Who voted neither paid out nor carried out; who had taken repayments of a loan did neither with it."""
    findings: list[Finding] = []
    for act in month.acts:
        voted = select(Vote.id).join(AgendaItem).where(AgendaItem.application_id == act.application_id)
        if month.session.scalar(voted.where(Vote.subject == act.by).limit(1)):
            findings.append((act.number, "voter_carried_out" if act.changes else "voter_paid_out"))
    for change, loan in month.changes:
        if month.session.scalar(_collected_before(change)):
            code = "collector_paid_out" if change.kind == "tranche" else "collector_carried_out"
            findings.append((loan.number, code))
    return len(month.acts), findings


def _collected_before(change: LoanChange) -> Select[UUID]:
    """What whoever made a change had taken of the loan and stood then (ids rise with time): not what another loan or an
    overpayment paid. What was moved here from another loan was taken by who had taken it there.
    """
    first, counter = aliased(Repayment), aliased(Repayment)
    taken_back = exists().where(counter.reverses_id == Repayment.id, counter.id < change.id)
    moved = select(first.posted_by).join(counter, counter.reverses_id == first.id)
    moved = moved.where(
        counter.loan_id != Repayment.loan_id,
        counter.id < Repayment.id,
        counter.posted_by == Repayment.posted_by,
        counter.paid_on == Repayment.paid_on,
        counter.channel == Repayment.channel,
        counter.amount == -Repayment.amount,
    )
    taker = func.coalesce(moved.order_by(counter.id.desc()).limit(1).scalar_subquery(), Repayment.posted_by)
    taken = select(Repayment.id).where(
        Repayment.loan_id == change.loan_id,
        Repayment.id < change.id,
        Repayment.reverses_id.is_(None),
        Repayment.channel.not_in((REFINANCED, "held")),
    )
    return taken.where(taker == change.done_by, ~taken_back).limit(1)


def conditions(month: Month) -> Found:
    """Every condition of the resolution was met before."""
    findings: list[Finding] = []
    examined = 0
    for act in month.acts:
        asked = select(Condition).where(Condition.item_id == act.resolution.item_id)
        for condition in month.session.scalars(asked):
            examined += 1
            if condition.met_at is None or condition.met_at > act.at:
                findings.append((act.number, "condition_open"))
    return examined, findings


def expiry(month: Month) -> Found:
    """Each approval waits as long as the regulations say, and was used while it held."""
    findings: list[Finding] = []
    for found in month.approvals:
        last = month.rules(found.regulations_id).approvals.last_day(local_day(found.decided_at))
        if found.expires_on != last:
            findings.append((found.number, "other_expiry"))
    acts = [act for act in month.acts if act.kind != "part"]
    for act in acts:
        expires = act.resolution.expires_on
        if expires is not None and local_day(act.at) > expires:
            findings.append((act.number, "after_expiry"))
    return len(month.approvals) + len(acts), findings


def suspension(month: Month) -> Found:
    """Nothing was approved, paid out or carried out while lending was suspended."""
    query = select(Suspension).where(Suspension.fund_id == month.fund.id)
    times = [(one.suspended_at, one.resumed_at) for one in month.session.scalars(query)]
    done = [(one.number, one.decided_at) for one in month.approvals]
    done += [(act.number, act.at) for act in month.acts]
    return len(done), [
        (number, "while_suspended")
        for number, at in done
        if any(begins < at and (ends is None or at < ends) for begins, ends in times)
    ]


def seed(month: Month) -> Found:
    """An award is within what the regulations give, and each part was paid once the one before was shown and verified;
    a contribution came back until it was due.
    """
    findings: list[Finding] = []
    for award in month.awards:
        findings += [(award.number, code) for code in _award(month, award)]
    for part, award, entry in month.parts:
        before = [one for one in award.milestones if one.position < part.position]
        if any(one.verified_at is None or one.verified_at > entry.recorded_at for one in before):
            findings.append((award.number, "part_before_not_verified"))
        if any(one.verified_by == part.paid_by for one in before):
            findings.append((award.number, "verifier_paid_out"))
        if award.paid > award.amount:
            findings.append((award.number, "other_amount"))
    verified = [award for award in _running(month) if any(one.verified_by for one in award.milestones)]
    for award in verified:
        if any(one.verified_by and one.verified_by in {one.shown_by, one.paid_by} for one in award.milestones):
            findings.append((award.number, "verified_her_own"))
    late = [one for one in _running(month) if one.return_by and one.return_by < month.until and one.to_come_back]
    findings += [(award.number, "not_returned") for award in late]
    return len(month.awards) + len(month.parts) + len(verified) + len(late), findings


def _award(month: Month, award: SeedAward) -> list[str]:
    found = next(act.resolution for act in month.acts if act.record == award.id)
    rules = month.lent_under(found).seed
    code = month.application(award.application_id).product
    product = next((one for one in rules.products if one.code == code), None)
    if product is None:
        return ["not_lent"]
    amounts = [one.amount for one in award.milestones]
    own, whole = award.plan.own_contribution, award.amount + award.plan.own_contribution
    wrong = {
        "outside_limits": not product.minimum <= award.amount <= product.maximum,
        "other_amount": award.amount != found.amount or sum(amounts) != award.amount,
        "own_share_too_small": own * 100 < product.own_share * whole,
        "too_few_parts": len(amounts) < product.parts,
        "first_part_too_large": amounts[0] * 100 > product.largest_first * award.amount if amounts else True,
        "other_terms": award.kind != product.kind,
    }
    return [code for code, is_wrong in wrong.items() if is_wrong]


def _running(month: Month) -> list[SeedAward]:
    """The awards that were agreed to until the end of the month and are not closed."""
    query = select(SeedAward).where(
        SeedAward.fund_id == month.fund.id, SeedAward.awarded_on < month.after, SeedAward.state == "active"
    )
    return list(month.session.scalars(query.order_by(SeedAward.id)))
