"""The criteria that analyses judge by, edition after edition."""

from typing import Any

from services.territory.queries import criteria as queries
from services.territory.rules.access import CRITERIA_KEEPERS, EXACT_FIGURES
from services.territory.use_cases.adopt_criteria import adopt_criteria
from shared import places
from shared.kernel import Invalid
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("criteria", prefix="/criteria", description="Thresholds and weights of the analyses, by edition.")


class CriteriaQuery(Query):
    kind = fields.Code(queries.kinds())


class InForceQuery(Query):
    """`unit`: where; `day`: when, today where it is not named."""

    unit = fields.String(maximum=6, pattern=places.UNIT)
    day = fields.Day()


class NumberIn(Input):
    name = fields.String(maximum=80, required=True)
    value = fields.Number(minimum=-1e9, maximum=1e9, required=True)


class CriteriaIn(Input):
    """`unit` null: everywhere, for who works everywhere. Numbers that are not named stay as they are."""

    kind = fields.Code(queries.kinds(), required=True)
    unit = fields.String(maximum=6, pattern=places.UNIT, load_default=None, allow_none=True)
    valid_from = fields.Day(required=True)
    source = fields.String(maximum=500, required=True)
    values = fields.List(fields.Nested(NumberIn), minimum=1, maximum=100, required=True)


class NumberOut(Output):
    name = fields.String()
    value = fields.Number(minimum=-1e9, maximum=1e9)


class CriteriaOut(Output):
    kind = fields.Code(queries.kinds())
    unit = fields.String(allow_none=True)
    valid_from = fields.Day()
    source = fields.String()
    values = fields.List(fields.Nested(NumberOut))


class EditionOut(CriteriaOut):
    id = fields.Id()
    adopted_at = fields.Moment()
    adopted_by_name = fields.String()


@resource.get(query=CriteriaQuery, returns=EditionOut, paged=True, allow=EXACT_FIGURES)
def list_(call: Call) -> Page:
    """The editions that hold in the caller's territory or around it, the latest first."""
    return queries.list_editions(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/in-force", query=InForceQuery, returns=CriteriaOut, allow=EXACT_FIGURES)
def in_force(call: Call) -> list[dict[str, Any]]:
    """The criteria of every kind that hold in a unit on a day: those of the smallest unit around it that adopted some,
    those that the project ships where nobody did.
    """
    unit = call.query.get("unit")
    if unit is not None:
        call.caller.require_scope(unit)
    found = [queries.holding(call.session, kind, unit, call.query.get("day")) for kind in queries.kinds()]
    return [_told(one) for one in found]


@resource.post(body=CriteriaIn, returns=EditionOut, allow=CRITERIA_KEEPERS)
def adopt(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Adopt other numbers for a unit from a day on, today at the earliest. What was published before stays as it is."""
    told = {one["name"]: one["value"] for one in body["values"]}
    if len(told) < len(body["values"]):
        raise Invalid("criteria.named_twice", pointer="/values")
    made = adopt_criteria(call.session, call.caller, **body | {"values": told})
    names = ("id", "kind", "unit", "valid_from", "source", "adopted_at", "adopted_by_name")
    return {name: getattr(made, name) for name in names} | {"values": queries.numbers_of(made.content)}


def _told(criteria: queries.Criteria) -> dict[str, Any]:
    names = ("kind", "unit", "valid_from", "source")
    return {name: getattr(criteria, name) for name in names} | {"values": queries.numbers_of(criteria.values)}
