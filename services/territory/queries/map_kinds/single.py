"""Maps of one figure or two: coloured by class, circles by size, two figures together."""

from collections.abc import Sequence
from dataclasses import replace

from services.territory.queries.map_figures import OF_ENTERPRISES, TABLED
from services.territory.queries.map_kinds.making import Made, Making
from services.territory.rules.classes import Pair, classes_of, pairs_of, plain
from services.territory.rules.drawing import circles
from shared.kernel import Invalid


def choropleth(making: Making) -> Made:
    wanted = making.wanted
    shown = making.figures(wanted.measure)
    classes = classes_of([*shown.values(), *making.around()], wanted.scheme, wanted.number, wanted.breaks)
    others = () if wanted.per else tuple(measure for measure in _told_too(making) if measure != wanted.measure)
    cells = {measure: making.figures(measure) for measure in others}
    columns = [(measure, making.measure(measure)) for measure in (wanted.measure, *others)]
    rows = {unit: [shown[unit], *(of[unit] for of in cells.values())] for unit in shown}
    return Made(classes, shown, columns, rows, making.title(making.measure(wanted.measure)), making.decimals())


def symbols(making: Making) -> Made:
    wanted = making.wanted
    if wanted.per:
        raise Invalid("map.rate_as_symbols", pointer="/per")
    shown = making.figures(wanted.measure)
    return Made(
        plain([*shown.values(), *making.around()]),
        shown,
        [(wanted.measure, making.measure(wanted.measure))],
        {unit: [figure] for unit, figure in shown.items()},
        making.title(making.measure(wanted.measure)),
        over=lambda outlines, text: circles(outlines, shown, text),
    )


def bivariate(making: Making) -> Made:
    wanted = making.wanted
    first, second = making.figures(wanted.measure), _counts(making).figures(wanted.second)
    shown = {unit: Pair(first[unit], second[unit]) for unit in first}
    around = [Pair(figure, figure) for figure in making.around()]
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


def _told_too(making: Making) -> Sequence[str]:
    """The measures that a table can show beside each other for these filters."""
    if making.source.published is None or not making.wanted.filters.told():
        return TABLED
    return OF_ENTERPRISES
