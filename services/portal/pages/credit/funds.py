"""Trust funds: what they have, what they promised, their books and their regulations."""

from typing import Any
from uuid import UUID

from flask import render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import for_roles, me
from services.portal.pages.credit import area
from services.portal.pages.credit.area import BOOKS, FUND_READERS, READERS, blueprint


@blueprint.get("/funds")
@for_roles(*FUND_READERS)
def funds() -> Any:
    """The funds of her territory."""
    return render_template("credit/funds.html", funds=area.funds())


@blueprint.get("/funds/<uuid:fund_id>")
@for_roles(*FUND_READERS)
def fund(fund_id: UUID) -> Any:
    """One fund with its balance, its commitments, its movements and its regulations; the administrator sees it with
    its committees and what rules it, and nothing of the credits.
    """
    found = api("credit").get(f"/funds/{fund_id}")
    journal = Answer()
    if me().has(*BOOKS):
        journal = api("credit").get(f"/funds/{fund_id}/journal", {"after": request.args.get("after"), "limit": 25})
    regulations = api("credit").get(f"/funds/{fund_id}/regulations").rows
    committees = [row for row in api("credit").get("/committees").rows if row["fund_id"] == str(fund_id)]
    promised, gives, products = [], [], []
    if me().has(*READERS):
        promised = api("credit").get("/applications", {"fund": str(fund_id), "promised": True, "limit": 100}).rows
        gives = api("credit").get(f"/funds/{fund_id}/seed-products").rows if found["kind"] == "seed_capital" else []
        products = api("credit").get(f"/funds/{fund_id}/products").rows
    return render_template(
        "credit/fund.html",
        fund=found,
        journal=journal,
        regulations=regulations,
        gives=gives,
        products=products,
        committees=committees,
        promised=promised,
        concentration=_concentration(fund_id),
        names=area.names_of(row["enterprise_id"] for row in promised),
    )


def _concentration(fund_id: UUID) -> list[dict[str, Any]]:
    """Where the money lies, for who reads the books of all of the fund's territory."""
    if not me().has(*BOOKS):
        return []
    try:
        return api("credit").get(f"/funds/{fund_id}/concentration").rows
    except Problem as problem:
        if problem.status != 403:
            raise
        return []
