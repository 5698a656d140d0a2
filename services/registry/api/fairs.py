"""Fairs, and the enterprises that take part in them."""

from typing import Any
from uuid import UUID

from services.registry.api.outreach_schemas import (
    FairIn,
    FairOut,
    FairQuery,
    StandChange,
    StandIn,
    StandOfOut,
    StandOut,
)
from services.registry.queries import fairs as queries
from services.registry.queries.fair_sums import fair_sums
from services.registry.rules.visibility import EDITORS, OUTREACH_READERS, TEAM
from services.registry.use_cases import run_fairs
from shared.spreadsheets import CSV, as_csv
from shared.web import Call, Download, Input, Output, Page, Resource, fields

_MOST = 5_000
resource = Resource("fairs", prefix="/fairs", description="Fairs: who took part, and what was sold.")
stands = Resource("fair-stands", prefix="/fair-stands", description="Enterprises at a fair.")


class FairSumsIn(Input):
    enterprise_ids = fields.List(fields.Id(), maximum=_MOST, required=True)


class FairSumsOut(Output):
    """`named`: of the enterprises that were asked for, or of all others at the fair. Nothing told adds up to nothing
    known, never to zero; where it would tell of fewer than five, everything but `took_part` is withheld.
    """

    named = fields.Boolean()
    took_part = fields.Integer()
    sales_told = fields.Integer(allow_none=True)
    sales = fields.MoneyField(allow_none=True)
    orders = fields.Integer(allow_none=True)
    contacts = fields.Integer(allow_none=True)


_COLUMNS = ("place", "enterprise_name", "owners", "phones", "municipality_name", "state", "products")


@resource.get(query=FairQuery, returns=FairOut, paged=True, allow=OUTREACH_READERS)
def list_(call: Call) -> Page:
    """The fairs of the caller's territory with their totals, the latest first."""
    return queries.list_fairs(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=FairIn, returns=FairOut, allow=EDITORS)
def announce(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """A new fair, in the caller's territory or on account of a centre that works there."""
    fair = run_fairs.write_fair(call.session, call.caller, None, None, body)
    return queries.show_fair(call.session, call.caller, fair.id)


@resource.get("/<uuid:fair_id>", returns=FairOut, allow=OUTREACH_READERS)
def show(call: Call, fair_id: UUID) -> dict[str, Any]:
    """One fair with its totals. Who may see nobody's sales sees their sum once it is closed and five stands told."""
    return queries.show_fair(call.session, call.caller, fair_id)


@resource.put("/<uuid:fair_id>", body=FairIn, returns=FairOut, allow=EDITORS)
def change(call: Call, body: dict[str, Any], fair_id: UUID) -> dict[str, Any]:
    """Put a fair right."""
    run_fairs.write_fair(call.session, call.caller, fair_id, call.if_match, body)
    return queries.show_fair(call.session, call.caller, fair_id)


@resource.put("/<uuid:fair_id>/closing", returns=FairOut, allow=EDITORS)
def close(call: Call, fair_id: UUID) -> dict[str, Any]:
    """Close a fair once it is over, it is said who came, and all sales are told or said to be unknown."""
    run_fairs.close_fair(call.session, call.caller, fair_id, call.if_match)
    return queries.show_fair(call.session, call.caller, fair_id)


@resource.delete("/<uuid:fair_id>/closing", returns=FairOut, allow=EDITORS)
def reopen(call: Call, fair_id: UUID) -> dict[str, Any]:
    """Open a closed fair again, to put something right."""
    run_fairs.reopen_fair(call.session, call.caller, fair_id, call.if_match)
    return queries.show_fair(call.session, call.caller, fair_id)


@resource.get("/<uuid:fair_id>/stands", returns=StandOut, paged=True, allow=TEAM)
def list_stands(call: Call, fair_id: UUID) -> Page:
    """The stands of enterprises of the caller's territory."""
    return queries.list_stands(call.session, call.caller, fair_id, limit=call.limit, after=call.after)


@resource.post("/<uuid:fair_id>/stands", body=StandIn, returns=StandOut, allow=EDITORS)
def invite(call: Call, body: dict[str, Any], fair_id: UUID) -> dict[str, Any]:
    """Invite an enterprise of the caller's territory."""
    told = dict(body)
    stand = run_fairs.invite(call.session, call.caller, fair_id, told.pop("enterprise_id"), told)
    return queries.show_stand(call.session, call.caller, stand.id)


@resource.post(
    "/<uuid:fair_id>/sums",
    body=FairSumsIn,
    returns=FairSumsOut,
    status=200,
    writes=False,
    allow={"service"},
    scoped=False,
)
def sums(call: Call, body: dict[str, Any], fair_id: UUID) -> list[dict[str, Any]]:
    """For the other services: what these enterprises sold at a fair, and what the others did; sums only."""
    return fair_sums(call.session, fair_id, body["enterprise_ids"])


@resource.get("/<uuid:fair_id>/participants.csv", download=True, allow=EDITORS)
def participants(call: Call, fair_id: UUID) -> Download:
    """The list for the fair's entrance: stand, enterprise, owners, telephones, what it shows."""
    rows = queries.participants(call.session, call.caller, fair_id)

    def said(code: str) -> str:
        sentence: str = call.context.sentence(code, {}, call.language)
        return sentence

    heads = [said(f"participants.{name}") for name in _COLUMNS]
    cells = [[said(f"stand.{row[name]}") if name == "state" else row[name] for name in _COLUMNS] for row in rows]
    return Download(as_csv(heads, cells), f"feria-{fair_id.hex[-6:]}.csv", CSV)


@stands.get("/of/<uuid:enterprise_id>", returns=StandOfOut, allow=TEAM)
def list_of(call: Call, enterprise_id: UUID) -> list[dict[str, Any]]:
    """The fairs an enterprise was invited to, and what came of them."""
    return queries.list_stands_of(call.session, call.caller, enterprise_id)


@stands.get("/<uuid:stand_id>", returns=StandOut, allow=TEAM)
def show_stand(call: Call, stand_id: UUID) -> dict[str, Any]:
    """One stand."""
    return queries.show_stand(call.session, call.caller, stand_id)


@stands.patch("/<uuid:stand_id>", body=StandChange, returns=StandOut, allow=EDITORS)
def change_stand(call: Call, body: dict[str, Any], stand_id: UUID) -> dict[str, Any]:
    """It confirmed, took part or was absent; where its stand is; what came of it."""
    run_fairs.change_stand(call.session, call.caller, stand_id, call.if_match, body)
    return queries.show_stand(call.session, call.caller, stand_id)


@stands.delete("/<uuid:stand_id>", allow=EDITORS)
def uninvite(call: Call, stand_id: UUID) -> None:
    """It was invited by mistake."""
    run_fairs.uninvite(call.session, call.caller, stand_id, call.if_match)
