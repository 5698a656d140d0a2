"""What a call may ask of a map, and what a map tells."""

from services.territory.api.places import UnitsQuery
from services.territory.models.introductions import MARKS
from services.territory.queries import boundaries as bounds
from services.territory.queries import views
from services.territory.queries.map_figures import MEASURES
from services.territory.queries.map_kinds import KINDS, PER, THEMES
from services.territory.queries.map_kinds.making import INPUTS, POSSIBLE
from services.territory.rules.classes import MOST_CLASSES, SCHEMES
from services.territory.rules.hexagons import CELLS_KM
from shared.events.vocabulary import CHAINS, LINKS, NEEDS, TIERS, VALIDATION_STATES
from shared.web import Output, Query, fields

LEGEND_KINDS = ("range", "zero", "suppressed", "no_data", "category", "pair")
FIGURES = ("live", "published")
FORMATS = ("svg", "png", "pdf", "csv")
PAPERS = ("a4", "a3")


class WhichMap(Query):
    """Which map. `measure` and `second` are what it counts, `per` what it is a rate of: per hundred enterprises or
    establishments, per thousand of the others, where a set of them is in force. `item` and `stage` choose among the
    introductions of a map of flows: about one input, possible ones or what became of those followed up. `scheme`,
    `number` and `breaks` are its classes. `since` and `until` are the days of a change, or of the first and the last
    year of small maps. `cell_km` is how far hexagons lie apart. The level `municipality_2024` shows El Salvador by its
    44 municipalities of today, the sums of their districts.
    """

    kind = fields.Code(KINDS)
    measure = fields.Code(MEASURES)
    second = fields.Code(MEASURES)
    per = fields.Code(PER)
    theme = fields.Code(THEMES)
    item = fields.Code(INPUTS)
    stage = fields.Code((POSSIBLE, *MARKS))
    level = fields.Code(views.LEVELS)
    scheme = fields.Code(SCHEMES)
    number = fields.Integer(minimum=2, maximum=MOST_CLASSES)
    breaks = fields.List(fields.Integer(minimum=1, maximum=10**8), maximum=MOST_CLASSES - 1)
    since = fields.Day()
    until = fields.Day()
    cell_km = fields.Integer(minimum=CELLS_KM[0], maximum=CELLS_KM[-1])
    chain = fields.Code(CHAINS)
    link = fields.Code(LINKS)
    need = fields.Code(NEEDS)
    validation = fields.Code(VALIDATION_STATES)
    tier = fields.Code(TIERS)
    recorded_from = fields.Day()
    recorded_until = fields.Day()


class MapQuery(UnitsQuery, WhichMap):
    """`figures`: `published` shows what planners see, to print it or to show it to others."""

    figures = fields.Code(FIGURES)
    points = fields.Boolean()


class DrawingQuery(MapQuery):
    """`paper` is the size of a PDF."""

    format = fields.Code(FORMATS)
    paper = fields.Code(PAPERS)
    language = fields.Code(["es", "en"])


class LegendOut(Output):
    """`swatch` is a small SVG of the fill."""

    kind = fields.Code(LEGEND_KINDS)
    fill = fields.String()
    label = fields.String()
    swatch = fields.String()


class ColumnOut(Output):
    code = fields.String()
    label = fields.String()


class CellOut(Output):
    """`value` is null where a figure is `withheld`, and where there is none."""

    value = fields.Anything(allow_none=True)
    withheld = fields.Boolean()
    text = fields.String()


class MapRow(Output):
    """`cells`: one for each column of the table. The four measures of a choropleth stand by their names too."""

    code = fields.String()
    name = fields.String()
    enterprises = fields.Integer(allow_none=True)
    women = fields.Integer(allow_none=True)
    trained = fields.Integer(allow_none=True)
    loans = fields.Integer(allow_none=True)
    cells = fields.List(fields.Nested(CellOut))
    class_label = fields.String()


class OffersOut(Output):
    """What there is to choose from here: `per` what figures can be divided by, `item` what can be introduced."""

    per = fields.List(fields.Code(PER))
    item = fields.List(fields.Nested(ColumnOut))


class TotalOut(Output):
    enterprises = fields.Integer(allow_none=True)
    women = fields.Integer(allow_none=True)
    trained = fields.Integer(allow_none=True)
    loans = fields.Integer(allow_none=True)
    open_loans = fields.Integer(allow_none=True)


class MapOut(Output):
    """`drawing` is an SVG; `units` its table, null where a figure is withheld; `published` the month the figures are
    of, null for live ones; `points_seen`: how she sees points, null for who sees none; `points_drawn`: how many.
    """

    title = fields.String()
    kind = fields.Code(KINDS)
    measure = fields.Code(MEASURES)
    level = fields.Code(views.LEVELS)
    boundaries = fields.Code([bounds.APPROXIMATE, bounds.OFFICIAL])
    as_of = fields.Moment(allow_none=True)
    published = fields.String(allow_none=True)
    unit = fields.List(fields.String())
    legend = fields.List(fields.Nested(LegendOut))
    columns = fields.List(fields.Nested(ColumnOut))
    units = fields.List(fields.Nested(MapRow))
    total = fields.Nested(TotalOut, allow_none=True)
    notes = fields.List(fields.String())
    points_seen = fields.Code(["exact", "masked"], allow_none=True)
    points_drawn = fields.Integer()
    drawing = fields.String()
    offers = fields.Nested(OffersOut)
