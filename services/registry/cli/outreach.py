"""`csem registry campaigns` and `opportunities`: what campaigns cost and brought, and what is open until when."""

from collections.abc import Callable, Iterator
from typing import Any

import click

from services.registry.cli.house import directly, ready
from services.registry.queries.campaigns import list_campaigns
from services.registry.queries.opportunities import count_opportunities, list_opportunities
from shared.kernel import Money
from shared.web.paging import Page

_MOST = 200


@click.command("campaigns")
@click.pass_obj
def campaigns(house: Any) -> None:
    """The campaigns: women reached, cost, and the cost of each record brought in and validated."""
    work = directly(ready(house))
    with work.reading() as session:

        def page(after: str | None) -> Page:
            return list_campaigns(session, work.caller, {}, limit=_MOST, after=after)

        for row in every_row(page):
            reached = "no se sabe" if row["reached_women"] is None else f"{row['reached_women']} mujeres"
            click.echo(f"{row['begins_on']}  {row['title']}: {reached}; costo {_told(row['cost'])}")
            click.echo(f"            trajo {row['brought_in']} ({_told(row['cost_per_brought_in'])} cada uno)")
            click.echo(f"            validó {row['validated']} ({_told(row['cost_per_validated'])} cada uno)")


@click.command("opportunities")
@click.option("--all", "with_past", is_flag=True, help="Also those whose deadline is past.")
@click.pass_obj
def opportunities(house: Any, *, with_past: bool) -> None:
    """The open opportunities by deadline, with how many women were told and applied."""
    work = directly(ready(house))
    filters = {"state": "all" if with_past else "open"}
    with work.reading() as session:

        def page(after: str | None) -> Page:
            return list_opportunities(session, work.caller, filters, limit=_MOST, after=after)

        for row in every_row(page):
            state = "" if row["open"] else " (vencida)"
            click.echo(f"{row['deadline'] or 'sin plazo '}  {row['title']}{state}: {', '.join(row['unit_names'])}")
            told = f"{row['told']} avisadas, {row['applied']} solicitudes, {row['won']} ganadas"
            click.echo(f"            {row['institution_name'] or row['source']}; {told}")
        waiting = count_opportunities(session, work.caller)["to_tell"]
        if waiting:
            click.echo(f"{waiting} vencen en menos de dos semanas y les sirven a mujeres a quienes nadie ha avisado.")


def every_row(page: Callable[[str | None], Page]) -> Iterator[dict[str, Any]]:
    """The rows of all pages."""
    after: str | None = None
    while True:
        found = page(after)
        yield from found.rows
        if found.next is None:
            return
        after = found.next


def _told(amount: Money | None) -> str:
    return "-" if amount is None else f"{amount.currency} {amount}"
