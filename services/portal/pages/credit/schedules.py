"""How a repayment schedule stands on a page: its instalments, and after each year's last one what the year sums to."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from services.portal.pages.credit.area import blueprint, cents
from shared.kernel import Money

Row = Mapping[str, Any]


def with_years(rows: Sequence[Row], years: Sequence[Row]) -> list[Row]:
    """The instalments, in the order of their days, with the sums of their years between them; of one year alone the
    totals tell enough.
    """
    sums = {str(year["year"]): {**year, "subtotal": True} for year in years} if len(years) > 1 else {}
    found: list[Row] = []
    for year, some in groupby(rows, key=lambda row: str(row["due"])[:4]):
        found += [*some, *([sums[year]] if year in sums else [])]
    return found


def together(*amounts: Row) -> Money:
    """The sum of some amounts of one currency."""
    return Money(sum(cents(amount) for amount in amounts), amounts[0]["currency"])


def together_of(rows: Sequence[Row], name: str) -> Money:
    """The sum of a column; there is a row."""
    return together(*(row[name] for row in rows))


@blueprint.context_processor
def schedules() -> dict[str, Any]:
    """What the templates of this area write schedules with."""
    return {"with_years": with_years, "together": together, "together_of": together_of}
