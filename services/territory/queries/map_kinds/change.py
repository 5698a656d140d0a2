"""Maps of time: the change between two days, and small maps by year."""

from datetime import date

from services.territory.queries.map_figures import changed
from services.territory.queries.map_kinds.making import Made, Making
from services.territory.rules.classes import Figure, changes_of, classes_of
from services.territory.rules.drawing import Panel
from shared.kernel import clock

MOST_YEARS = 6


def change(making: Making) -> Made:
    wanted = making.wanted
    until = wanted.until or clock.today()
    since = wanted.since or _a_year_before(until)
    before, after = making.by_day(wanted.measure, (since, until)).values()
    shown = changed(before, after)
    speak = making.speak
    days = {"since": since, "until": until}
    return Made(
        changes_of([*shown.values(), *making.around()], wanted.scheme),
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
            "legend": making.decimals().get("legend", {}) | {"zero": speak("map.unchanged")},
        },
        notes=[] if making.source.published else [speak("map.change_live")],
    )


def multiples(making: Making) -> Made:
    wanted = making.wanted
    last = wanted.until or clock.today()
    first_year = max((wanted.since or date(last.year - MOST_YEARS + 1, 1, 1)).year, last.year - MOST_YEARS + 1)
    ends = [min(date(year, 12, 31), last) for year in range(first_year, last.year + 1)]
    by_end = making.by_day(wanted.measure, ends, some=True)
    whole = [figure for figures in by_end.values() for figure in figures.values()]
    classes = classes_of([*whole, *making.around()], wanted.scheme, wanted.number, wanted.breaks)
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
