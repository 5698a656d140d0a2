"""Where the money of a fund comes from, what went back, and how its income is shared."""

from typing import Any
from uuid import UUID

from flask import render_template

from services.portal.clients import api
from services.portal.frame import for_roles
from services.portal.pages.credit.area import BOOKS, blueprint


@blueprint.get("/funds/<uuid:fund_id>/funding")
@for_roles(*BOOKS)
def funding(fund_id: UUID) -> Any:
    """The contributions with their sums by source, the withdrawals and the shares of the income."""
    here = f"/funds/{fund_id}"
    credit = api("credit")
    regulations = credit.get(f"{here}/regulations").rows
    return render_template(
        "credit/funding.html",
        fund=credit.get(here),
        sources=credit.get(f"{here}/sources").rows,
        contributions=credit.get(f"{here}/contributions").rows,
        withdrawals=credit.get(f"{here}/withdrawals").rows,
        shares=credit.get(f"{here}/income-shares").rows,
        rule=next((row["parameters"].get("income_shares") for row in regulations if row["in_force"]), None),
    )
