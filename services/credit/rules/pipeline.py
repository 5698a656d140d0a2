"""How long an application may wait at a stage before somebody should ask why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.credit.rules.demands import demand

STAGES = ("submitted", "appraised", "on_agenda", "deferred", "approved", "lapsed")
"""Where an application waits for somebody, in the order of its way."""
LONGEST = 3650


@dataclass(frozen=True, slots=True)
class Patience:
    """The days that an application may stay at each stage; one that is not named has no limit."""

    days: Mapping[str, int] = field(default_factory=dict)
    source: str = ""

    def over(self, stage: str, days: int) -> bool:
        """Whether an application that has been at `stage` for so many days waits longer than it should."""
        return stage in self.days and days > self.days[stage]


def read_pipeline(item: Mapping[str, Any]) -> Patience:
    """The section `pipeline`: days by stage, and their source."""
    patience = Patience(dict(item["days"]), item["source"])
    demand(item.keys() == {"days", "source"} and bool(str(patience.source).strip()), "/pipeline/source")
    for stage, days in patience.days.items():
        demand(stage in STAGES and type(days) is int and 1 <= days <= LONGEST, f"/pipeline/days/{stage}")
    return patience
