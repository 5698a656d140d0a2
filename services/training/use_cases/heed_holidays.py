"""Whoever plans on a public holiday is told, and says that the day is kept."""

from datetime import date
from typing import Any

from services.training.reference.holidays import holidays
from shared.kernel import Invalid, clock


def heed_holidays(
    unit: str, first: date, last: date, *, on_holiday: bool, starts: str = "00:00", ends: str = "24:00"
) -> dict[str, Any]:
    """What a history tells of the holidays that are kept for it: nothing where there is none. Refuses the first one
    that is still to come, by the name of its law, unless it was said that the day is kept.
    """
    found = holidays(unit, max(first, clock.today()), last, starts=starts, ends=ends)
    if found and not on_holiday:
        raise Invalid("day.holiday", pointer="/on_holiday", day=found[0].day, name=found[0].es)
    return {"holidays": [one.day for one in found]} if found else {}
