"""Fairs: who goes there, the groups that get ready, what each enterprise has ready, and what came of it."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.api.names import with_names
from services.training.api.schemas import READERS, TEAM, MemberOut
from services.training.composition import Composition
from services.training.directory import Directory
from services.training.queries import fairs as queries
from services.training.queries.attendance import group_hours
from services.training.rules.fair_readiness import GOING, ITEM_STATES, results
from services.training.use_cases import prepare_fair as use_cases
from shared.identity import Caller
from shared.kernel import clock
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("training_fairs", prefix="/fairs", description="Fairs, and who gets ready for them.")
preparations = Resource(
    "fair_preparations", prefix="/fair-preparations", description="Groups that get ready for a fair."
)


class FairListQuery(Query):
    when = fields.Code((queries.COMING, queries.PAST))


class FairListRow(Output):
    """`signed_up`, `confirmed`, `preparing`: enterprises of the caller's territory."""

    id = fields.Id()
    name = fields.String()
    municipality = fields.String()
    begins_on = fields.Day()
    ends_on = fields.Day()
    signed_up = fields.Integer()
    confirmed = fields.Integer()
    preparing = fields.Integer()


class FairGroupRow(Output):
    id = fields.Id()
    group_id = fields.Id()
    group_number = fields.Integer()
    group_name = fields.String()
    enterprises = fields.Integer()
    prepared = fields.Integer()


class FairGoerOut(MemberOut):
    state = fields.Code(GOING)


class FairShown(FairListRow):
    """`free`: who goes there and gets ready in no group; `ahead`: it has not begun."""

    ahead = fields.Boolean()
    preparations = fields.List(fields.Nested(FairGroupRow))
    free = fields.List(fields.Nested(FairGoerOut))


class FairPreparationIn(Input):
    """All of the caller's territory that are free, where no enterprise is named."""

    enterprise_ids = fields.List(fields.Id(), maximum=use_cases.MOST, load_default=list)
    name = fields.String(maximum=120, allow_none=True)


class FairTakenIn(Input):
    enterprise_ids = fields.List(fields.Id(), minimum=1, maximum=use_cases.MOST, required=True)


class FairItemIn(Input):
    item = fields.String(maximum=40, required=True)
    state = fields.Code(ITEM_STATES, required=True)


class FairItemsIn(Input):
    """What is left out stays as it was."""

    items = fields.List(fields.Nested(FairItemIn), minimum=1, maximum=40, required=True)


class FairItemOut(Output):
    item = fields.String()
    state = fields.Code(ITEM_STATES, allow_none=True)


class FairEnterpriseOut(Output):
    """`listed_id` is the id in the address of its list; `minutes` those of the woman who came most."""

    listed_id = fields.Id()
    version = fields.Integer()
    enterprise_id = fields.Id()
    enterprise_name = fields.String(allow_none=True)
    entrepreneur_id = fields.Id(allow_none=True)
    name = fields.String(allow_none=True)
    municipality = fields.String()
    noted = fields.List(fields.Nested(FairItemOut))
    ready = fields.Integer()
    of = fields.Integer()
    prepared = fields.Boolean()
    minutes = fields.Integer()
    noted_at = fields.Moment(allow_none=True)
    noted_by_name = fields.String(allow_none=True)


class FairPreparationOut(Output):
    """The facts of the fair are missing until the registry has told them."""

    id = fields.Id()
    fair_id = fields.Id()
    fair_name = fields.String(allow_none=True)
    fair_municipality = fields.String(allow_none=True)
    begins_on = fields.Day(allow_none=True)
    ends_on = fields.Day(allow_none=True)
    ahead = fields.Boolean()
    group_id = fields.Id()
    group_number = fields.Integer()
    group_name = fields.String()
    unit = fields.String()
    items = fields.List(fields.String())
    list_source = fields.String()
    held_minutes = fields.Integer()
    prepared = fields.Integer()
    enterprises = fields.List(fields.Nested(FairEnterpriseOut))
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


class FairResultRow(Output):
    """What is None was told by nobody, or is withheld."""

    prepared = fields.Boolean()
    took_part = fields.Integer(allow_none=True)
    sales_told = fields.Integer(allow_none=True)
    sales = fields.MoneyField(allow_none=True)
    sales_each = fields.MoneyField(allow_none=True)
    orders = fields.Integer(allow_none=True)
    contacts = fields.Integer(allow_none=True)


class FairResultsOut(Output):
    """`known`: whether the registry answered. `compared`: whether both rows say something; it proves nothing, as nobody
    drew by lot who prepares.
    """

    over = fields.Boolean()
    known = fields.Boolean()
    compared = fields.Boolean()
    rows = fields.List(fields.Nested(FairResultRow))


@resource.get(query=FairListQuery, returns=FairListRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """Fairs in the caller's territory or where enterprises of it go: to come by their days, or begun, latest first."""
    return queries.list_fairs(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/<uuid:fair_id>", returns=FairShown, allow=READERS)
def show(call: Call, fair_id: UUID) -> dict[str, Any]:
    """One fair: the groups that get ready for it, and who is in none."""
    found = queries.show_fair(call.session, call.caller, fair_id)
    return found | {"free": with_names(call, found["free"])}


@resource.post("/<uuid:fair_id>/preparations", body=FairPreparationIn, returns=FairPreparationOut, allow=TEAM)
def prepare(call: Call, body: dict[str, Any], fair_id: UUID) -> dict[str, Any]:
    """Form a group of those who go there: its sessions are planned as of any group."""
    made = use_cases.prepare_fair(call.session, call.caller, fair_id=fair_id, **body)
    return _shown(call, made.id)


@resource.get("/<uuid:fair_id>/results", returns=FairResultsOut, allow=READERS)
def show_results(call: Call, fair_id: UUID) -> dict[str, Any]:
    """What was sold by who had everything ready and by who had not, of the whole fair; sums of five and more."""
    context: Composition = call.context
    return results_of(call.session, call.caller, context.directory, fair_id)


@preparations.get("/<uuid:fair_preparation_id>", returns=FairPreparationOut, allow=READERS)
def show_preparation(call: Call, fair_preparation_id: UUID) -> dict[str, Any]:
    """One group with what each enterprise has ready."""
    return _shown(call, fair_preparation_id)


@preparations.post(
    "/<uuid:fair_preparation_id>/enterprises", body=FairTakenIn, returns=FairPreparationOut, status=200, allow=TEAM
)
def take_in(call: Call, body: dict[str, Any], fair_preparation_id: UUID) -> dict[str, Any]:
    """Take in enterprises that signed up later."""
    use_cases.take_into_preparation(call.session, call.caller, preparation_id=fair_preparation_id, **body)
    return _shown(call, fair_preparation_id)


@preparations.put(
    "/<uuid:fair_preparation_id>/enterprises/<uuid:listed_id>",
    body=FairItemsIn,
    returns=FairPreparationOut,
    allow=TEAM,
)
def note(call: Call, body: dict[str, Any], fair_preparation_id: UUID, listed_id: UUID) -> dict[str, Any]:
    """Note what an enterprise has ready; `If-Match` is the version of its list."""
    use_cases.note_readiness(
        call.session,
        call.caller,
        preparation_id=fair_preparation_id,
        enterprise_id=listed_id,
        version=call.if_match,
        items={one["item"]: one["state"] for one in body["items"]},
    )
    return _shown(call, fair_preparation_id)


def results_of(session: Session, caller: Caller, directory: Directory, fair_id: UUID) -> dict[str, Any]:
    """What `show_results` tells; the registry is asked for the sums."""
    fair = queries.show_fair(session, caller, fair_id)
    if fair["ends_on"] >= clock.today():
        return {"over": False, "known": True, "compared": False, "rows": []}
    sums = directory.fair_sums(fair_id, queries.prepared_for(session, fair_id))
    return {"over": True, "known": sums is not None, **results(sums or [])}


def _shown(call: Call, preparation_id: UUID) -> dict[str, Any]:
    found = queries.show_preparation(call.session, call.caller, preparation_id)
    hours = group_hours(call.session, call.caller, found["group_id"])
    minutes = {row["entrepreneur_id"]: row["minutes"] for row in hours["members"]}
    for one in found["enterprises"]:
        one["minutes"] = max((minutes.get(owner, 0) for owner in one["owner_ids"]), default=0)
    return found | {
        "held_minutes": hours["held_minutes"],
        "enterprises": with_names(call, found["enterprises"]),
    }
