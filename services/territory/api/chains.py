"""Value chains: who stands at each link, and what is missing."""

from dataclasses import asdict
from typing import Any

from services.territory import reference
from services.territory.api.places import UnitsQuery
from services.territory.api.seeing import view_of
from services.territory.queries import views
from services.territory.rules.access import READERS
from services.territory.rules.chains import ABSENT, MISSING, PRESENT, chain_table, link_totals
from shared.events.vocabulary import CHAINS, LINKS
from shared.kernel import Refused
from shared.web import Call, Output, Resource, fields

resource = Resource("chains", prefix="/chains", description="The territorial value chains.")


class LinkOut(Output):
    link = fields.Code(LINKS)
    enterprises = fields.Integer(allow_none=True)
    women = fields.Integer(allow_none=True)
    state = fields.Code([PRESENT, MISSING, ABSENT])
    examples = fields.String()


class ChainOut(Output):
    chain = fields.Code(CHAINS)
    name = fields.String()
    enterprises = fields.Integer(allow_none=True)
    women = fields.Integer(allow_none=True)
    links = fields.List(fields.Nested(LinkOut))
    missing = fields.List(fields.Code(LINKS))


class ChainsOut(Output):
    """Null figures are withheld. A woman whose enterprise stands at two links counts at both."""

    title = fields.String()
    unit = fields.List(fields.String())
    as_of = fields.Moment(allow_none=True)
    published = fields.String(allow_none=True)
    chains = fields.List(fields.Nested(ChainOut))
    links = fields.List(fields.Nested(LinkOut))
    template_source = fields.String()
    template_valid_from = fields.Day()


@resource.get(query=UnitsQuery, returns=ChainsOut, allow=READERS)
def show(call: Call) -> dict[str, Any]:
    """Each chain with an enterprise in the units asked for: women and enterprises at each link, and the links that the
    chain needs and nobody stands at. Published figures are told for one department or one municipality at a time.
    """
    selection = views.selected(call.caller, call.query.get("unit"))
    live = views.may_see_live(call.caller)
    if not live and (len(selection.units) > 1 or len(selection.units[0]) < 4):
        raise Refused("publication.municipal_only")
    view = view_of(call, selection)
    unit = views.WHOLE if live else selection.units[0]
    templates = reference.chain_templates()
    rows = chain_table(view.figures, unit, templates, LINKS, language=call.language)
    first = templates[CHAINS[0]]
    return {
        "title": selection.title,
        "unit": list(selection.units),
        "as_of": view.as_of,
        "published": view.published,
        "chains": [{**asdict(row), "missing": list(row.missing)} for row in rows],
        "links": [asdict(row) for row in link_totals(view.figures, unit, LINKS)],
        "template_source": first.source,
        "template_valid_from": first.valid_from,
    }
