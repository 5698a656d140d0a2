"""The appraisal on site: what the regulations ask, what follows from the figures, the file."""

from typing import Any
from uuid import UUID

from services.credit.api.applications import ApplicationOut
from services.credit.api.appraisal_schemas import AppraisalIn, AssessmentOut, ScorecardOut
from services.credit.models import regulations_in_force
from services.credit.queries import applications as files
from services.credit.queries import appraisals as queries
from services.credit.rules.appraisal import USUAL, Debt, Figures, Line
from services.credit.use_cases import find
from services.credit.use_cases.appraise_application import appraise_application, draft_appraisal, largest_fitting
from shared.kernel import Invalid, Money, clock
from shared.web import Call, Resource

resource = Resource("appraisals", prefix="/applications", description="Appraisals on site.")
APPRAISERS = frozenset({"technician", "credit_officer"})


@resource.get("/<uuid:application_id>/scorecard", returns=ScorecardOut, allow=APPRAISERS)
def show_scorecard_(call: Call, application_id: UUID) -> dict[str, Any]:
    """What the regulations of today ask of who appraises an application."""
    application = find.application(call.session, call.caller, application_id)
    edition = regulations_in_force(call.session, application.fund_id, clock.today())
    return queries.scorecard(edition.read())


@resource.post(
    "/<uuid:application_id>/assessment",
    body=AppraisalIn,
    returns=AssessmentOut,
    status=200,
    writes=False,
    allow=APPRAISERS,
)
def assess_application_(call: Call, body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """What an appraisal would amount to, its score, and the largest amount she could pay back; keeps nothing."""
    application = find.application(call.session, call.caller, application_id)
    fund = find.fund(call.session, call.caller, application.fund_id)
    draft = draft_appraisal(call.session, call.caller, application_id=application_id, **_found(body, fund.currency))
    largest = largest_fitting(fund, application, draft)
    shown = queries.shown(fund, application.product, draft)
    return shown | {"largest_amount": None if largest is None else fund.money(largest)}


@resource.post("/<uuid:application_id>/appraisals", body=AppraisalIn, returns=ApplicationOut, allow=APPRAISERS)
def appraise_application_(call: Call, body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Put an appraisal into the file."""
    currency = find.fund(
        call.session, call.caller, find.application(call.session, call.caller, application_id).fund_id
    ).currency
    application = appraise_application(
        call.session, call.caller, application_id=application_id, **_found(body, currency)
    )
    call.session.flush()
    return files.detail(call.session, application)


def _found(body: dict[str, Any], currency: str) -> dict[str, Any]:
    """The body as the use case takes it: the detail in cents of the fund's currency, the answers by criterion."""
    figures, answers = body["figures"], body["answers"]
    return body | {
        "figures": _figures(figures, currency) if figures else None,
        "answers": {answer["criterion"]: answer["choice"] for answer in answers},
    }


def _figures(body: dict[str, Any], currency: str) -> Figures:
    def cents(money: Money, pointer: str) -> int:
        if money.currency != currency:
            raise Invalid("fund.other_currency", pointer=f"/figures{pointer}", currency=currency)
        return money.minor

    assets = body["assets"]
    return Figures(
        tuple(
            Line(line["kind"], line["what"], cents(line["amount"], f"/lines/{number}/amount"))
            for number, line in enumerate(body["lines"])
        ),
        tuple(
            Debt(
                debt["lender"],
                cents(debt["balance"], f"/debts/{number}/balance"),
                cents(debt["monthly_payment"], f"/debts/{number}/monthly_payment"),
            )
            for number, debt in enumerate(body["debts"])
        ),
        {name: cents(money, f"/assets/{name}") for name, money in assets.items()} if assets else None,
        tuple(body["season"] or USUAL),
    )
