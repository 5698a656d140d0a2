"""Trust funds: what they have, what they promised, their books and their regulations."""

from typing import Any
from uuid import UUID

from flask import render_template, request

from services.portal.clients import Answer, api
from services.portal.frame import for_roles, me
from services.portal.pages.credit import area
from services.portal.pages.credit.area import BOOKS, READERS, blueprint


@blueprint.get("/funds")
@for_roles(*READERS)
def funds() -> Any:
    """The funds of her territory."""
    return render_template("credit/funds.html", funds=area.funds())


@blueprint.get("/funds/<uuid:fund_id>")
@for_roles(*READERS)
def fund(fund_id: UUID) -> Any:
    """One fund with its balance, its commitments, its movements and its regulations."""
    found = api("credit").get(f"/funds/{fund_id}")
    journal = Answer()
    if me().has(*BOOKS):
        journal = api("credit").get(f"/funds/{fund_id}/journal", {"after": request.args.get("after"), "limit": 25})
    regulations = api("credit").get(f"/funds/{fund_id}/regulations").rows
    committees = [row for row in api("credit").get("/committees").rows if row["fund_id"] == str(fund_id)]
    promised = api("credit").get("/applications", {"fund": str(fund_id), "state": ["approved"], "limit": 100}).rows
    return render_template(
        "credit/fund.html",
        fund=found,
        journal=journal,
        regulations=regulations,
        products=api("credit").get(f"/funds/{fund_id}/products").rows,
        committees=committees,
        promised=promised,
        names=area.names_of(row["enterprise_id"] for row in promised),
    )
