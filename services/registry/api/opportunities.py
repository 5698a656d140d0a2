"""The register of opportunities, whom they fit, and who was told."""

from typing import Any
from uuid import UUID

from services.registry.api.knowledge_schemas import (
    FitOut,
    FitQuery,
    FittingOut,
    FollowUpIn,
    FollowUpOut,
    OpportunityCounts,
    OpportunityIn,
    OpportunityOut,
    OpportunityQuery,
    TellIn,
)
from services.registry.queries import opportunities as queries
from services.registry.rules.visibility import EDITORS, TEAM
from services.registry.use_cases import run_opportunities
from shared.kernel import clock
from shared.web import Call, Page, Resource

resource = Resource("opportunities", prefix="/opportunities", description="Finance, markets, tenders, exchanges.")


@resource.get(query=OpportunityQuery, returns=OpportunityOut, paged=True, allow=TEAM)
def list_(call: Call) -> Page:
    """The opportunities for a part of the caller's territory, the open ones unless asked otherwise, by deadline."""
    return queries.list_opportunities(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/count", returns=OpportunityCounts, allow=TEAM)
def count(call: Call) -> dict[str, int]:
    """How many are open, how many close within 14 days, and how many of these fit a woman nobody has told."""
    return queries.count_opportunities(call.session, call.caller)


@resource.post(body=OpportunityIn, returns=OpportunityOut, allow=EDITORS)
def offer(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """A new opportunity, for places in the caller's territory or those that hold it."""
    opportunity = run_opportunities.write_opportunity(call.session, call.caller, None, None, body)
    return queries.show_opportunity(call.session, call.caller, opportunity.id)


@resource.get("/<uuid:opportunity_id>", returns=OpportunityOut, allow=TEAM)
def show(call: Call, opportunity_id: UUID) -> dict[str, Any]:
    """One opportunity with its conditions."""
    return queries.show_opportunity(call.session, call.caller, opportunity_id)


@resource.put("/<uuid:opportunity_id>", body=OpportunityIn, returns=OpportunityOut, allow=EDITORS)
def change(call: Call, body: dict[str, Any], opportunity_id: UUID) -> dict[str, Any]:
    """Put an opportunity right; its places in other territories stay in the body."""
    run_opportunities.write_opportunity(call.session, call.caller, opportunity_id, call.if_match, body)
    return queries.show_opportunity(call.session, call.caller, opportunity_id)


@resource.get("/<uuid:opportunity_id>/fits", query=FitQuery, returns=FitOut, paged=True, allow=TEAM)
def fits(call: Call, opportunity_id: UUID) -> Page:
    """The enterprises it fits; with `fit=may_fit` those that miss nothing and of which something is not known, least
    unknown first. Each with its verdicts.
    """
    here = call.session, call.caller, opportunity_id, call.query
    return queries.list_fits(*here, limit=call.limit, after=call.after)


@resource.get("/fitting/<uuid:enterprise_id>", returns=FittingOut, allow=TEAM)
def fitting(call: Call, enterprise_id: UUID) -> list[dict[str, Any]]:
    """The open opportunities that an enterprise does not miss, and those it was told of, best first."""
    return queries.list_fitting(call.session, call.caller, enterprise_id)


@resource.get("/<uuid:opportunity_id>/follow-ups", returns=FollowUpOut, paged=True, allow=TEAM)
def list_follow_ups(call: Call, opportunity_id: UUID) -> Page:
    """Who of the caller's territory was told, and what became of it."""
    here = call.session, call.caller, opportunity_id
    return queries.list_follow_ups(*here, limit=call.limit, after=call.after)


@resource.post("/<uuid:opportunity_id>/follow-ups", body=TellIn, returns=OpportunityOut, allow=EDITORS)
def tell(call: Call, body: dict[str, Any], opportunity_id: UUID) -> dict[str, Any]:
    """She was told of it, by the caller."""
    on = body["on"] or clock.today()
    run_opportunities.tell(call.session, call.caller, opportunity_id, body["enterprise_id"], on)
    return queries.show_opportunity(call.session, call.caller, opportunity_id)


@resource.patch(
    "/<uuid:opportunity_id>/follow-ups/<uuid:enterprise_id>", body=FollowUpIn, returns=OpportunityOut, allow=EDITORS
)
def follow_up(call: Call, body: dict[str, Any], opportunity_id: UUID, enterprise_id: UUID) -> dict[str, Any]:
    """She applied, won or lost; `If-Match` is the version of the follow-up."""
    here = call.session, call.caller, opportunity_id, enterprise_id, call.if_match
    run_opportunities.follow_up(*here, state=body["state"], on=body["on"])
    return queries.show_opportunity(call.session, call.caller, opportunity_id)


@resource.delete("/<uuid:opportunity_id>/follow-ups/<uuid:enterprise_id>", allow=EDITORS)
def untell(call: Call, opportunity_id: UUID, enterprise_id: UUID) -> None:
    """She was not told after all."""
    run_opportunities.untell(call.session, call.caller, opportunity_id, enterprise_id, call.if_match)
