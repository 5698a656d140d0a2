"""In which band the monthly sales of an enterprise lie."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.kernel import Money

BANDS = ("none", "very_low", "low", "middle", "high", "very_high")


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
