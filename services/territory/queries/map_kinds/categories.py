"""Maps by category: the main value chain, and how places lie among their neighbours."""

from collections.abc import Mapping

from services.territory.queries.boundaries import shapes_of
from services.territory.queries.map_kinds.making import Made, Making
from services.territory.queries.views import DEPARTMENT
from services.territory.rules import patterns
from services.territory.rules.classes import Figure, Kind, categories
from shared.kernel import Refused


def by_category(making: Making) -> Made:
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
    share = round(100 * making.judging.values["false_discovery"])
    classes = categories(found.fills, [*found.kinds.values(), *(Kind() for _ in making.around())])
    return Made(
        classes,
        found.kinds,
        [(theme, speak(f"map.theme.{theme}")), (making.wanted.measure, label)],
        {unit: [kind, beside[unit]] for unit, kind in found.kinds.items()},
        making.title(
            speak(f"map.theme.{theme}") if theme == "main_chain" else f"{speak(f'map.theme.{theme}')}, {label}"
        ),
        making.decimals() | {"legend": words},
        notes=[] if theme == "main_chain" else [speak("map.judged", share=share)],
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
