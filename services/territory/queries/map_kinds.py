"""Each kind of map: what fills its units, what lies on them, and the table that says the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from services.territory import reference
from services.territory.queries.boundaries import shapes_of
from services.territory.queries.criteria import Criteria
from services.territory.queries.map_figures import (
    MEASURES,
    OF_ENTERPRISES,
    TABLED,
    Counts,
    Filters,
    Source,
    changed,
    rates,
    told_together,
)
from services.territory.queries.views import DEPARTMENT, Selection
from services.territory.rules import patterns
from services.territory.rules.classes import (
    SCHEMES,
    Figure,
    Key,
    Kind,
    Pair,
    categories,
    changes_of,
    classes_of,
    pairs_of,
    plain,
)
from services.territory.rules.drawing import MapText, Over, Panel, Shown, circles
from services.territory.rules.locating import Municipalities
from services.territory.rules.outlines import Outlines
from shared.kernel import Invalid, Refused, clock

KINDS = ("choropleth", "symbols", "categories", "hexagons", "bivariate", "change", "multiples")
THEMES = ("main_chain", "local_moran", "hot_spots")
PER = ("enterprises",)
"""What a rate may be of. A denominator that is no count of ours enters here and in `_whole`."""
MOST_YEARS = 6
Speak = Callable[..., str]
"""The words of a code with its facts, in the reader's language."""


@dataclass(frozen=True)
class Wanted:
    """Which map somebody asked for."""

    kind: str = "choropleth"
    measure: str = MEASURES[0]
    second: str = MEASURES[1]
    per: str | None = None
    theme: str = THEMES[0]
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
        names = ("kind", "measure", "second", "per", "theme", "scheme", "number", "since", "until", "cell_km")
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


@dataclass(frozen=True)
class Making:
    """What every kind is made of; `judged` are the criteria of maps that hold in the place, `judging` those by which a
    pattern among neighbours is told from chance: the analysis of patterns has the same.
    """

    source: Source
    selection: Selection
    wanted: Wanted
    municipalities: Municipalities
    speak: Speak
    language: str
    judged: Criteria
    judging: Criteria

    def figures(self, measure: str) -> dict[str, Figure]:
        """What the units show, as a rate where one is asked for."""
        return self._shown(self._counts(measure, None))

    def by_day(self, measure: str, days: Sequence[date], *, some: bool = False) -> dict[date, dict[str, Figure]]:
        """The same as of several days, the earlier first; `some`: of those of which there are figures, before the first
        publication there are none. An earlier published figure is withheld where the later one beside it would tell
        that fewer than the threshold came or went.
        """
        counts = self._counts_by_day(measure, days, some=some)
        apart = [frozenset[str]()] * len(counts) if self.source.published is None else told_together([*counts.values()])
        return {
            day: self._shown(one) | dict.fromkeys(hidden, Figure(suppressed=True))
            for (day, one), hidden in zip(counts.items(), apart, strict=True)
        }

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
        if self.wanted.per is None:
            return {}
        least = self.judged.values["least_rate"]
        return {"decimals": 1, "legend": {"no_data": self.speak("map.no_rate", least=least)}}

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
        return self.source.figures(per, self.wanted.filters, day)

    def _shown(self, counts: Counts) -> dict[str, Figure]:
        if len(counts) == 1:
            return dict(counts[0])
        return rates(*counts, least=self.judged.values["least_rate"])


def made(making: Making) -> Made:
    """The kind that is wanted; hexagons are made apart, of points."""
    return _MAKERS[making.wanted.kind](making)


def _choropleth(making: Making) -> Made:
    wanted = making.wanted
    shown = making.figures(wanted.measure)
    classes = classes_of([*shown.values(), *_around(making)], wanted.scheme, wanted.number, wanted.breaks)
    others = () if wanted.per else tuple(measure for measure in _told_too(making) if measure != wanted.measure)
    cells = {measure: making.figures(measure) for measure in others}
    columns = [(measure, making.measure(measure)) for measure in (wanted.measure, *others)]
    rows = {unit: [shown[unit], *(of[unit] for of in cells.values())] for unit in shown}
    return Made(classes, shown, columns, rows, making.title(making.measure(wanted.measure)), making.decimals())


def _symbols(making: Making) -> Made:
    wanted = making.wanted
    if wanted.per:
        raise Invalid("map.rate_as_symbols", pointer="/per")
    shown = making.figures(wanted.measure)
    return Made(
        plain([*shown.values(), *_around(making)]),
        shown,
        [(wanted.measure, making.measure(wanted.measure))],
        {unit: [figure] for unit, figure in shown.items()},
        making.title(making.measure(wanted.measure)),
        over=lambda outlines, text: circles(outlines, shown, text),
    )


def _categories(making: Making) -> Made:
    theme, speak = making.wanted.theme, making.speak
    if theme == "main_chain":
        counted = making.source.chains(making.wanted.filters)
        totals = making.source.figures("enterprises", making.wanted.filters)
        found, beside, label = patterns.main_chains(counted, totals), totals, speak("measure.enterprises")
        words = {code: making.chain(code) for code in found.fills}
        words |= {patterns.OTHERS: speak("map.other_chains"), patterns.NOBODY: speak("legend.zero")}
    else:
        beside, label = making.figures(making.wanted.measure), making.measure(making.wanted.measure)
        found = _local(making, beside)
        words = {code: speak(f"map.{theme}.{code}") for code in found.fills}
    classes = categories(found.fills, [*found.kinds.values(), *(Kind() for _ in _around(making))])
    return Made(
        classes,
        found.kinds,
        [(theme, speak(f"map.theme.{theme}")), (making.wanted.measure, label)],
        {unit: [kind, beside[unit]] for unit, kind in found.kinds.items()},
        making.title(
            speak(f"map.theme.{theme}") if theme == "main_chain" else f"{speak(f'map.theme.{theme}')}, {label}"
        ),
        making.decimals() | {"legend": words},
    )


def _local(making: Making, figures: Mapping[str, Figure]) -> patterns.Found:
    """Which units lie among their like; refuses too few of them."""
    values = making.judging.values
    known = sum(figure.value is not None and not figure.suppressed for figure in figures.values())
    if known < values["least"]:
        raise Refused("map.too_few_units", least=values["least"], units=known)
    if making.selection.level == DEPARTMENT:
        raise Refused("map.too_many_units")
    shapes = shapes_of(making.municipalities, making.selection)
    judging = patterns.Judging(values["false_discovery"], values["permutations"])
    if making.wanted.theme == "local_moran":
        return patterns.local_patterns(figures, shapes, judging, seed=values["seed"])
    return patterns.hot_spots(figures, shapes, judging)


def _bivariate(making: Making) -> Made:
    wanted = making.wanted
    first, second = making.figures(wanted.measure), _counts(making).figures(wanted.second)
    shown = {unit: Pair(first[unit], second[unit]) for unit in first}
    around = [Pair(figure, figure) for figure in _around(making)]
    names = (making.measure(wanted.measure), _counts(making).measure(wanted.second))
    return Made(
        pairs_of([*shown.values(), *around], wanted.scheme),
        shown,
        [(wanted.measure, names[0]), (wanted.second, names[1])],
        {unit: [pair.first, pair.second] for unit, pair in shown.items()},
        making.title(making.speak("map.both", first=names[0], second=names[1])),
        {"axes": names},
    )


def _counts(making: Making) -> Making:
    """The same without a rate: two figures are compared as they are."""
    return replace(making, wanted=replace(making.wanted, per=None))


def _change(making: Making) -> Made:
    wanted = making.wanted
    until = wanted.until or clock.today()
    since = wanted.since or _a_year_before(until)
    before, after = making.by_day(wanted.measure, (since, until)).values()
    shown = changed(before, after)
    speak = making.speak
    days = {"since": since, "until": until}
    return Made(
        changes_of([*shown.values(), *_around(making)], wanted.scheme),
        shown,
        [
            ("change", speak("map.change")),
            ("since", speak("map.on_day", day=since)),
            ("until", speak("map.on_day", day=until)),
        ],
        {unit: [shown[unit], before.get(unit, Figure(0)), after[unit]] for unit in shown},
        making.title(speak("map.change_between", measure=making.measure(wanted.measure), **days)),
        making.decimals()
        | {
            "signed": True,
            "between": speak("map.between", low="{low}", high="{high}"),
            "legend": {"zero": speak("map.unchanged")},
        },
    )


def _multiples(making: Making) -> Made:
    wanted = making.wanted
    last = wanted.until or clock.today()
    first_year = max((wanted.since or date(last.year - MOST_YEARS + 1, 1, 1)).year, last.year - MOST_YEARS + 1)
    ends = [min(date(year, 12, 31), last) for year in range(first_year, last.year + 1)]
    by_end = making.by_day(wanted.measure, ends, some=True)
    whole = [figure for figures in by_end.values() for figure in figures.values()]
    classes = classes_of([*whole, *_around(making)], wanted.scheme, wanted.number, wanted.breaks)
    captions = {day: str(day.year) if day.month == 12 else making.speak("map.until_day", day=day) for day in by_end}
    newest = by_end[max(by_end)]
    return Made(
        classes,
        newest,
        [(str(day.year), captions[day]) for day in by_end],
        {unit: [by_end[day].get(unit, Figure(0)) for day in by_end] for unit in newest},
        making.title(making.speak("map.by_year", measure=making.measure(wanted.measure))),
        making.decimals(),
        panels=[Panel(captions[day], figures) for day, figures in by_end.items()],
    )


def _a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28))


def _told_too(making: Making) -> Sequence[str]:
    """The measures that a table can show beside each other for these filters."""
    if making.source.published is None or not making.wanted.filters.told():
        return TABLED
    return OF_ENTERPRISES


def _around(making: Making) -> list[Figure]:
    """A figure without a value where the drawing shows more than what was chosen."""
    drawn = making.municipalities.under(*making.selection.frame)
    return [Figure()] if len(drawn) > len(making.selection.municipalities) else []


_MAKERS: Mapping[str, Callable[[Making], Made]] = {
    "choropleth": _choropleth,
    "symbols": _symbols,
    "categories": _categories,
    "bivariate": _bivariate,
    "change": _change,
    "multiples": _multiples,
}
