"""What the registry announces: the inventory of women's enterprises, and who withdrew from it."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from shared.events import Event, event, personal
from shared.kernel import Money


@dataclass(frozen=True, kw_only=True)
class Point:
    """WGS 84 degrees and the reported accuracy in metres."""

    lon: float
    lat: float
    accuracy_m: float | None = None


@dataclass(frozen=True, kw_only=True)
class ProfileLevels:
    """The latest profile of an enterprise: a level from 0 to 4 in each of `vocabulary.SUBJECTS`, None where nobody
    judged it; the score from 0 to 100 by the rubric of its centre; the day somebody saw it so.
    """

    credit: int | None = None
    certifications: int | None = None
    market: int | None = None
    quality: int | None = None
    training: int | None = None
    innovation: int | None = None
    scaling: int | None = None
    score: int | None = None
    assessed_on: date


@dataclass(frozen=True, kw_only=True)
class SalesOfYear:
    """Between which limits the sales of a year lie: twelve times the band of a month. `high` is None where the band is
    open above.
    """

    low: Money
    high: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Trade:
    """One of those an enterprise buys from or sells to; never a name."""

    side: str
    """One of `vocabulary.TRADE_SIDES`: what the other one is to this enterprise."""
    kind: str
    """One of `vocabulary.TRADE_PARTNERS`."""
    enterprise_id: UUID | None = None
    """Where the other one is in the inventory too."""
    share: int | None = None
    """Per cent of all that this enterprise buys (or sells)."""


@dataclass(frozen=True, kw_only=True)
class EnterpriseFacts:
    """All that other services may know of an enterprise; no name, no document."""

    enterprise_id: UUID
    municipality: str
    """Official code as declared, for example HN1709."""
    place_state: str
    """One of `vocabulary.PLACE_STATES`."""
    point: Point | None = personal()
    chain: str
    links: list[str]
    activity: str
    """CIIU Rev. 4 section letter or class."""
    needs: list[str]
    owner_ids: list[UUID]
    jobs_women: int
    jobs_men: int
    home_based: bool
    formal: bool
    started_year: int | None = None
    validation: str
    consent_credit: bool
    consent_map: bool
    recorded_on: date
    active: bool = True
    """False once its owners withdrew, and while one of them does not agree to be in the inventory."""
    tier: str | None = None
    """One of `vocabulary.TIERS`, by its latest profile; None without one."""
    profile: ProfileLevels | None = personal()
    sales: SalesOfYear | None = personal()
    """None where nobody knows."""
    markets: list[str] | None = personal()
    """Of `vocabulary.MARKETS`; empty where nobody was asked, None in events from before they were told."""
    trade: list[Trade] | None = personal()
    """Empty where nobody is named, None in events from before they were told."""
    formalization: dict[str, str] | None = personal()
    """How far each known step is (`none`, `under_way`, `done`, `not_needed`), by its code."""


@event("org.csem.registry.enterprise-registered.v1")
class EnterpriseRegistered(Event):
    """An enterprise entered the inventory."""

    facts: EnterpriseFacts


@event("org.csem.registry.enterprise-changed.v1")
class EnterpriseChanged(Event):
    """What the inventory knows of an enterprise changed; `facts` replaces all that was known before."""

    facts: EnterpriseFacts


@event("org.csem.registry.entrepreneur-withdrawn.v1")
class EntrepreneurWithdrawn(Event):
    """A woman withdrew her consent to be registered: every service erases what it may of her."""

    entrepreneur_id: UUID
    enterprise_ids: list[UUID]


@event("org.csem.registry.accompaniment-opened.v1")
class AccompanimentOpened(Event):
    """A centre began to stand beside a project on site."""

    accompaniment_id: UUID
    enterprise_id: UUID
    loan_id: UUID | None = None
    municipality: str


@event("org.csem.registry.business-plan-ready.v1")
class BusinessPlanReady(Event):
    """A version of a business plan is ready, of an enterprise whose owners share their record for credit. Its texts
    and its paper are asked for by HTTP.
    """

    plan_id: UUID
    accompaniment_id: UUID
    enterprise_id: UUID
    municipality: str
    number: int
    asked: Money
    """The loan it proposes; zero where it needs none."""
    instalments: int
    own_contribution: Money
    instalment: Money
    """The highest monthly instalment of that loan, by a schedule for planning."""
    capacity: Money
    """What an average month can prudently pay in instalments."""
    coverage_percent: int | None = None
    lowest_balance: Money
    ready_on: date


@event("org.csem.registry.erasure-completed.v1")
class RegistryErasureCompleted(Event):
    """What the registry erased of a woman who withdrew, and what the law makes it keep."""

    entrepreneur_id: UUID
    erased: dict[str, int]
    kept: list[str] = field(default_factory=list)


@event("org.csem.registry.enterprise-merged.v1")
class EnterpriseMerged(Event):
    """Two records were of one enterprise: whatever is known under the absorbed id is the survivor's from now on."""

    survivor_id: UUID
    absorbed_id: UUID


@event("org.csem.registry.enterprise-unmerged.v1")
class EnterpriseUnmerged(Event):
    """That merge was undone: each id stands for itself again."""

    survivor_id: UUID
    absorbed_id: UUID


@event("org.csem.registry.entrepreneur-merged.v1")
class EntrepreneurMerged(Event):
    """Two records were of one woman: whatever is known under the absorbed id is the survivor's from now on."""

    survivor_id: UUID
    absorbed_id: UUID


@event("org.csem.registry.entrepreneur-unmerged.v1")
class EntrepreneurUnmerged(Event):
    """That merge was undone: each id stands for itself again."""

    survivor_id: UUID
    absorbed_id: UUID


@event("org.csem.registry.fair-planned.v1")
class FairPlanned(Event):
    """A fair was announced, or its name, place or days changed: what is told replaces what was told of it before."""

    fair_id: UUID
    name: str
    municipality: str
    begins_on: date
    ends_on: date


@event("org.csem.registry.fair-stand-moved.v1")
class FairStandMoved(Event):
    """An enterprise is invited to a fair, confirmed, took part or was absent (`state`); None: it was invited by mistake
    and does not belong to it any more. What it sold is not told.
    """

    fair_id: UUID
    enterprise_id: UUID
    state: str | None
