"""Introductions: who could buy an input that she lacks from an enterprise nearby, and what became of it."""

from typing import Any
from uuid import UUID

from services.territory.api.places import UnitsQuery
from services.territory.models.introductions import MARKS
from services.territory.queries import introductions as queries
from services.territory.queries import views
from services.territory.queries.introductions import PASSED_OVER
from services.territory.rules.access import TECHNICAL_TEAM
from services.territory.rules.analysis.linkages import ALL_TAKEN, NOBODY_NEAR, NOBODY_SELLS
from services.territory.rules.introductions import ELSEWHERE, UNTOLD
from services.territory.use_cases.follow_introduction import correct_introduction, mark_introduction
from shared.events.vocabulary import CHAINS
from shared.web import Call, Input, Output, Page, Resource, fields

resource = Resource("introductions", prefix="/introductions", description="Whom to introduce to whom, and what came.")
ITEM = r"[a-z][a-z_]*"


class IntroductionsQuery(UnitsQuery):
    """`unit`: departments and municipalities, the caller's whole territory without any; `chain`: who buys."""

    chain = fields.Code(CHAINS)


class MarkedQuery(UnitsQuery):
    mark = fields.Code(MARKS)


class BuyerOut(Output):
    buyer_id = fields.Id()
    buyer_municipality = fields.String()
    buyer_chain = fields.Code(CHAINS)
    item = fields.String()
    item_name = fields.String()
    value = fields.MoneyField()


class PairOut(BuyerOut):
    """`value` a year, in about; `estimated`: the sales of one of them are those of others like her. `exact`: the metres
    are between their points, else one of them stands for the centre of her municipality. `why` the buyer lacks it: she
    buys it outside the inventory, or names nobody she buys from.
    """

    supplier_id = fields.Id()
    supplier_municipality = fields.String()
    supplier_chain = fields.Code(CHAINS)
    estimated = fields.Boolean()
    metres = fields.Integer()
    exact = fields.Boolean()
    why = fields.Code([ELSEWHERE, UNTOLD])
    seeks_market = fields.Boolean()


class LeftOut(BuyerOut):
    """`value` is what she would still lack, `reason` the one why."""

    reason = fields.Code([NOBODY_SELLS, NOBODY_NEAR, ALL_TAKEN, PASSED_OVER])


class IntroductionsOut(Output):
    """At most 500 `pairs` and 500 of those `left`, of `pairs_in_all` and `left_in_all`; `matched` of what is `wanted`
    by currency.
    """

    title = fields.String()
    unit = fields.List(fields.String())
    as_of = fields.Moment(allow_none=True)
    pairs = fields.List(fields.Nested(PairOut))
    left = fields.List(fields.Nested(LeftOut))
    pairs_in_all = fields.Integer()
    left_in_all = fields.Integer()
    wanted = fields.List(fields.MoneyField())
    matched = fields.List(fields.MoneyField())
    reach_m = fields.Integer()
    criteria_source = fields.String()
    criteria_valid_from = fields.Day()


class MarkIn(Input):
    mark = fields.Code(MARKS, required=True)
    note = fields.String(maximum=500, load_default=None, allow_none=True)


class IntroductionIn(MarkIn):
    buyer_id = fields.Id(required=True)
    supplier_id = fields.Id(required=True)
    item = fields.String(maximum=40, pattern=ITEM, required=True)


class MarkedOut(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    buyer_id = fields.Id()
    supplier_id = fields.Id()
    item = fields.String()
    item_name = fields.String()
    mark = fields.Code(MARKS)
    note = fields.String(allow_none=True)
    marked_by_name = fields.String()
    marked_at = fields.Moment()


@resource.get(query=IntroductionsQuery, returns=IntroductionsOut, allow=TECHNICAL_TEAM)
def show(call: Call) -> dict[str, Any]:
    """Who lacks an input that her chain needs, matched with who sells it near her so that the most value comes together
    over the shortest ways; and for who is left the one reason. Names and contacts are the registry's to tell.
    """
    selection = views.selected(call.caller, call.query.get("unit"))
    chain = call.query.get("chain")
    found = queries.introductions(call.session, call.caller, selection, chain=chain, language=call.language)
    shown = ("as_of", "pairs", "left", "pairs_in_all", "left_in_all", "wanted", "matched")
    return {
        "title": selection.title,
        "unit": list(selection.units),
        **{name: getattr(found, name) for name in shown},
        "reach_m": found.criteria.values["reach_m"],
        "criteria_source": found.criteria.source,
        "criteria_valid_from": found.criteria.valid_from,
    }


@resource.get("/followed", query=MarkedQuery, returns=MarkedOut, paged=True, allow=TECHNICAL_TEAM)
def list_(call: Call) -> Page:
    """The introductions that were followed up, the latest first."""
    page = queries.list_marked(call.session, call.caller, call.query, limit=call.limit, after=call.after)
    names = queries.input_names(call.language)
    return Page([{**row, "item_name": names.get(row["item"], row["item"])} for row in page.rows], page.next)


@resource.post("/followed", body=IntroductionIn, returns=MarkedOut, allow=TECHNICAL_TEAM)
def follow(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Say what became of a pair; it is not proposed again."""
    return _told(call, queries.marked_row(mark_introduction(call.session, call.caller, **body)))


@resource.get("/followed/<uuid:introduction_id>", returns=MarkedOut, allow=TECHNICAL_TEAM)
def show_followed(call: Call, introduction_id: UUID) -> dict[str, Any]:
    """One that was followed up."""
    return _told(call, queries.show_marked(call.session, call.caller, introduction_id))


@resource.put("/followed/<uuid:introduction_id>", body=MarkIn, returns=MarkedOut, if_match=True, allow=TECHNICAL_TEAM)
def correct(call: Call, introduction_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Say what became of it since."""
    marked = correct_introduction(call.session, call.caller, introduction_id, **body, version=call.if_match)
    return _told(call, queries.marked_row(marked))


def _told(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "item_name": queries.input_names(call.language).get(row["item"], row["item"])}
