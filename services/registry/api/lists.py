"""The code lists that forms choose from."""

from typing import Any

from services.registry.codes import activities, languages, sales_bands
from services.registry.rules.activities import Activity, found
from services.registry.rules.sales import Band
from services.registry.rules.visibility import READERS
from shared.web import Call, Output, Query, Resource, fields

resource = Resource("lists", prefix="/lists", description="Code lists: economic activities and languages.")


class ActivityQuery(Query):
    """`q` is a code or its beginning, or words of a title."""

    q = fields.String(maximum=100)


class ActivityOut(Output):
    code = fields.String()
    section = fields.String()
    title = fields.String()


class BandOut(Output):
    code = fields.String()
    currency = fields.String()
    above = fields.MoneyField(allow_none=True)
    up_to = fields.MoneyField(allow_none=True)


class LanguageOut(Output):
    code = fields.String()
    name = fields.String()


@resource.get("/activities", query=ActivityQuery, returns=ActivityOut, allow=READERS, scoped=False)
def list_activities(call: Call) -> list[Activity]:
    """Sections and classes of CIIU Rev. 4 with their titles in Spanish; those that a word or a code finds."""
    return found(activities(), call.query.get("q", ""))


@resource.get("/languages", returns=LanguageOut, allow=READERS, scoped=False)
def list_languages(call: Call) -> list[dict[str, Any]]:
    """The languages of the three countries by their ISO 639-3 codes."""
    return [{"code": code, "name": names[call.language]} for code, names in languages().items()]


@resource.get("/sales-bands", returns=BandOut, allow=READERS, scoped=False)
def list_sales_bands(call: Call) -> list[Band]:
    """The bands of monthly sales in each currency, from the lowest up."""
    del call
    return list(sales_bands())
