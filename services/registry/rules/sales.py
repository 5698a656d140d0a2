"""In which band the monthly sales of an enterprise lie."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.events.registry import SalesOfYear
from shared.kernel import Money

BANDS = ("none", "very_low", "low", "middle", "high", "very_high")
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Band:
    """Monthly sales above `above` and up to `up_to`; None is without end."""

    code: str
    currency: str
    above: Money | None
    up_to: Money | None


def band_of(sales: Money, bands: Sequence[Band]) -> Band | None:
    """The first band of its currency that reaches the amount."""
    mine = [band for band in bands if band.currency == sales.currency]
    return next((band for band in mine if band.up_to is None or not band.up_to < sales), None)


def year_of(band: Band) -> SalesOfYear:
    """The limits of a year in which every month lies in the band; it begins at nothing where it has no lower limit."""
    low = 0 if band.above is None else band.above.minor
    high = None if band.up_to is None else Money(_MONTHS * band.up_to.minor, band.currency)
    return SalesOfYear(low=Money(_MONTHS * low, band.currency), high=high)
