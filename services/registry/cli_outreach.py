"""`csem registry campaigns`: what the campaigns reached and cost, from the command line."""

from collections.abc import Callable, Iterator
from typing import Any

import click

from services.registry.jobs import Directly
from services.registry.queries.campaigns import list_campaigns
from shared.kernel import Money
from shared.web.paging import Page

_MOST = 200


def commands(ready: Callable[[Any], Directly]) -> list[click.Command]:
    """The commands; `ready` opens the registry of a house for who types them."""

    @click.command("campaigns")
    @click.pass_obj
    def campaigns(house: Any) -> None:
        """The campaigns: women reached, cost, and the cost of each record brought in and validated."""
        work = ready(house)
        with work.reading() as session:

            def page(after: str | None) -> Page:
                return list_campaigns(session, work.caller, {}, limit=_MOST, after=after)

            for row in every_row(page):
                reached = "no se sabe" if row["reached_women"] is None else f"{row['reached_women']} mujeres"
                click.echo(f"{row['begins_on']}  {row['title']}: {reached}; costo {_told(row['cost'])}")
                click.echo(f"            trajo {row['brought_in']} ({_told(row['cost_per_brought_in'])} cada uno)")
                click.echo(f"            validó {row['validated']} ({_told(row['cost_per_validated'])} cada uno)")

    return [campaigns]


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
