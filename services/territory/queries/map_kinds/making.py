"""What every kind of map is made of: what was asked for, whose figures, and what comes of it before it is drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries import boundaries, denominators
from services.territory.queries.choropleths import Speak
from services.territory.queries.criteria import Criteria
from services.territory.queries.map_figures import (
    MEASURES,
    Counts,
    Filters,
    Source,
    rates,
)
from services.territory.queries.views import Selection
from services.territory.rules.classes import SCHEMES, Figure, Key
from services.territory.rules.drawing import MapText, Over, Panel, Shown
from services.territory.rules.locating import Municipalities
from services.territory.rules.outlines import Outlines
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock

THEMES = ("main_chain", "local_moran", "hot_spots")
ENTERPRISES = "enterprises"
PER = (ENTERPRISES, *reference.divisors())
"""What a rate may be of: per hundred of our own enterprises, or per so many of what a table told us of."""
INPUTS = tuple(sorted({code for edition in reference.chain_editions() for code in edition.inputs}))
"""What chains buy."""
POSSIBLE = "possible"
"""Of introductions: those that nobody followed up yet."""


@dataclass(frozen=True)
class Wanted:
    """Which map somebody asked for."""

    kind: str = "choropleth"
    measure: str = MEASURES[0]
    second: str = MEASURES[1]
    per: str | None = None
    theme: str = THEMES[0]
    item: str | None = None
    stage: str = POSSIBLE
    scheme: str = SCHEMES[0]
    number: int = 5
    breaks: tuple[int, ...] = ()
    filters: Filters = Filters()
    since: date | None = None
    until: date | None = None
    cell_km: int | None = None

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> "Wanted":
        """As the parameters of a call say; refuses what does not go together."""
        names = (
            "kind",
            "measure",
            "second",
            "per",
            "theme",
            "item",
            "stage",
            "scheme",
            "number",
            "since",
            "until",
            "cell_km",
        )
        told = {name: asked[name] for name in names if asked.get(name) is not None}
        wanted = cls(**told, breaks=tuple(asked.get("breaks") or ()), filters=Filters.of(asked))
        if (wanted.scheme == "own_breaks") != bool(wanted.breaks):
            raise Invalid("map.breaks_and_scheme", pointer="/breaks")
        if list(wanted.breaks) != sorted(set(wanted.breaks)):
            raise Invalid("map.breaks_ascend", pointer="/breaks")
        if wanted.since and wanted.since >= (wanted.until or clock.today()):
            raise Invalid("map.since_before_until", pointer="/since")
        if wanted.kind == "bivariate" and wanted.measure == wanted.second:
            raise Invalid("map.two_measures", pointer="/second")
        return wanted


@dataclass(frozen=True)
class Dots:
    """The points of enterprises as the caller may see them: longitude and latitude, `exact` or `masked`."""

    places: Sequence[tuple[float, float]] = ()
    sight: str | None = None


@dataclass(frozen=True)
class Made:
    """A kind of map before it is drawn: its classes, what the units show, and the table by column and unit."""

    classes: Key
    shown: Mapping[str, Shown]
    columns: Sequence[tuple[str, str]]
    cells: Mapping[str, Sequence[Shown]]
    title: str
    words: Mapping[str, Any] = field(default_factory=dict)
    """What `MapText` has besides."""
    over: Callable[[Outlines, MapText], Over] | None = None
    panels: Sequence[Panel] = ()
    ground: Key | None = None
    """What fills the units, where the classes are those of what lies on them."""
    rows: Sequence[Mapping[str, Any]] | None = None
    """The table, where its rows are no units."""
    counted: str = ""
    """Which enterprises were counted, in words, where they are not those of the figures."""
    notes: Sequence[str] = ()
    """What else has to be known to read it."""


@dataclass(frozen=True)
class Making:
    """What every kind is made of; `judged` are the criteria of maps that hold in the place, `judging` those by which a
    pattern among neighbours is told from chance: the analysis of patterns has the same.
    """

    session: Session
    caller: Caller
    source: Source
    selection: Selection
    wanted: Wanted
    municipalities: Municipalities
    speak: Speak
    language: str
    judged: Criteria
    judging: Criteria
    dots: Dots = Dots()

    @property
    def outlines(self) -> Outlines:
        """The shapes it is drawn of: coarser ones under what lies on them."""
        coarse = self.wanted.kind != "choropleth"
        return boundaries.drawn(self.municipalities, self.selection.frame, self.selection.level, coarse=coarse)

    def around(self) -> list[Figure]:
        """A figure without a value where the drawing shows more than what was chosen."""
        drawn = self.municipalities.under(*self.selection.frame)
        return [Figure()] if len(drawn) > len(self.selection.municipalities) else []

    def figures(self, measure: str) -> dict[str, Figure]:
        """What the units show, as a rate where one is asked for."""
        return self._shown(self._counts(measure, None))

    def by_day(self, measure: str, days: Sequence[date], *, some: bool = False) -> dict[date, dict[str, Figure]]:
        """The same as of several days, the earlier first; `some`: of those of which there are figures, before the first
        publication there are none.
        """
        return {day: self._shown(one) for day, one in self._counts_by_day(measure, days, some=some).items()}

    def measure(self, measure: str) -> str:
        """A measure in words, with what it is a rate of."""
        words = self.speak(f"measure.{measure}")
        return self.speak(f"map.per.{self.wanted.per}", measure=words) if self.wanted.per else words

    def title(self, what: str) -> str:
        """What a map shows, of which enterprises, and where."""
        filters = " · ".join(self.filters())
        return self.speak("map.title", measure=f"{what} ({filters})" if filters else what, place=self.selection.title)

    def filters(self) -> list[str]:
        """The filters in words."""
        return [self._filter(name, value) for name, value in self.wanted.filters.told().items()]

    def chain(self, code: str) -> str:
        template = reference.chain_templates().get(code)
        return template.names[self.language] if template else code

    @property
    def plain_text(self) -> MapText:
        """Writes numbers, and has no other words."""
        return MapText("", "", {})

    def decimals(self) -> dict[str, Any]:
        """What the words of a map of rates have besides."""
        per = self.wanted.per
        if per is None:
            return {}
        least = self.judged.values["least_rate"]
        if per == ENTERPRISES:
            return {"decimals": 1, "legend": {"no_data": self.speak("map.no_rate", least=least)}}
        what = reference.divisors()[per].names[self.language]
        return {"decimals": 1, "legend": {"no_data": self.speak("map.no_denominator_here", what=what, least=least)}}

    def rate_notes(self) -> list[str]:
        """Of which year and from whom each country's denominators are."""
        if self.wanted.per in {None, ENTERPRISES}:
            return []
        sources = denominators.sources_of(
            self.session, reference.divisors()[self.wanted.per or ""].indicator, self._countries()
        )
        told = "; ".join(f"{one.country}: {one.source}, {one.year}" for one in sources)
        return [self.speak("map.denominators", sources=told)]

    def _filter(self, name: str, value: Any) -> str:
        if name == "chain":
            return self.chain(value)
        if name.startswith("recorded"):
            return self.speak(f"map.{name}", day=value)
        return self.speak(f"map.{name}.{value}")

    def _counts(self, measure: str, day: date | None) -> Counts:
        counted = self.source.figures(measure, self.wanted.filters, day)
        return (counted,) if self.wanted.per is None else (counted, self._whole(self.wanted.per, day))

    def _counts_by_day(self, measure: str, days: Sequence[date], *, some: bool) -> dict[date, Counts]:
        found: dict[date, Counts] = {}
        refusal: Refused | None = None
        for day in days:
            try:
                found[day] = self._counts(measure, day)
            except Refused as refused:
                if not some or refused.code != "map.not_published_then":
                    raise
                refusal = refused
        if not found and refusal:
            raise refusal
        return found

    def _whole(self, per: str, day: date | None) -> Mapping[str, Figure]:
        if per == ENTERPRISES:
            return self.source.figures(per, self.wanted.filters, day)
        published = self.source.published is not None
        found = denominators.wholes(self.session, reference.divisors()[per], self.selection.shown, published=published)
        if not any(found.values()):
            raise Refused("map.no_denominator", what=reference.divisors()[per].names[self.language],
                          place=self.selection.title)  # fmt: skip
        return {unit: Figure(None if value is None else round(value)) for unit, value in found.items()}

    def _countries(self) -> set[str]:
        return {unit[:2] for unit in self.selection.units}

    def _shown(self, counts: Counts) -> dict[str, Figure]:
        if len(counts) == 1:
            return dict(counts[0])
        of_ours = self.wanted.per in {None, ENTERPRISES}
        per = 100 if of_ours else reference.divisors()[self.wanted.per or ""].per
        return rates(*counts, least=self.judged.values["least_rate"], per=per)
