"""Circumstances of women as sums, for the other services; never of one of them."""

from typing import Any

from services.registry.queries.circumstances import DIMENSIONS, circumstance_sums
from shared.kernel import Invalid
from shared.web import Call, Input, Output, Resource, fields

_MOST = 50_000
resource = Resource("circumstances", prefix="/circumstances", description="Circumstances of women, as sums.")


class WomanIn(Input):
    """What of hers is to be summed: at most eight whole numbers, meaning nothing here."""

    id = fields.Id(required=True)
    amounts = fields.List(fields.Integer(minimum=-1_000_000), maximum=8, required=True)


class SumsIn(Input):
    day = fields.Day(required=True)
    age_from = fields.List(fields.Integer(minimum=1, maximum=120), minimum=1, maximum=12, required=True)
    women = fields.List(fields.Nested(WomanIn), maximum=_MOST, required=True)


class SumOut(Output):
    code = fields.String()
    women = fields.Integer()
    sums = fields.List(fields.Integer())


class DimensionOut(Output):
    name = fields.Code(DIMENSIONS)
    rows = fields.List(fields.Nested(SumOut))


@resource.post("/sums", body=SumsIn, returns=DimensionOut, status=200, writes=False, allow={"service"}, scoped=False)
def sums(call: Call, body: dict[str, Any]) -> list[dict[str, Any]]:
    """For the other services: how many of these women are of which age, people, language and so on, and the sums of
    what is told of each. Small sums are the caller's to withhold.
    """
    women = {woman["id"]: woman["amounts"] for woman in body["women"]}
    if len(women) < len(body["women"]):
        raise Invalid("circumstances.twice", pointer="/women")
    if len({len(amounts) for amounts in women.values()}) > 1:
        raise Invalid("circumstances.uneven", pointer="/women")
    return circumstance_sums(call.session, women, body["day"], body["age_from"])
