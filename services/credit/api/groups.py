"""Groups of women who borrow side by side and answer for each other."""

from typing import Any
from uuid import UUID

from services.credit.api import FILE_READERS, MINUTES_READERS, READERS, STAFF
from services.credit.api.sessions import CONVENERS, Room
from services.credit.models.applications import STATES
from services.credit.queries import groups as queries
from services.credit.queries.room import room
from services.credit.rules.groups import LARGEST
from services.credit.use_cases import find
from services.credit.use_cases.form_group import form_group, group_of, join_group, leave_group
from services.credit.use_cases.place_group import place_group
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("groups", prefix="/groups", description="Groups whose members answer for each other.")
agendas = Resource("group-agendas", prefix="/sessions", description="Groups before the committee.")


class GroupIn(Input):
    fund_id = fields.Id(required=True)
    name = fields.String(maximum=120, required=True)
    applications = fields.List(fields.Id(), minimum=1, maximum=LARGEST, required=True)


class GroupMemberIn(Input):
    application_id = fields.Id(required=True)


class GroupAgendaIn(Input):
    group_id = fields.Id(required=True)


class GroupQuery(Query):
    fund = fields.Id(load_default=None)
    application = fields.Id(load_default=None)


class GroupRow(Output):
    id = fields.Id()
    number = fields.String()
    name = fields.String()
    fund_id = fields.Id()
    fund = fields.String()
    formed_on = fields.Day()
    size = fields.Integer()


class GroupMemberOut(Output):
    application_id = fields.Id(allow_none=True)
    enterprise_id = fields.Id(allow_none=True)
    number = fields.String()
    state = fields.Code(STATES)
    amount = fields.MoneyField()
    loan_id = fields.Id(allow_none=True)
    loan = fields.String(allow_none=True)
    loan_state = fields.String(allow_none=True)
    outstanding = fields.MoneyField(allow_none=True)
    overdue = fields.MoneyField(allow_none=True)
    days_overdue = fields.Integer()


class GroupOut(GroupRow):
    formed_by_name = fields.String()
    minimum = fields.Integer()
    maximum = fields.Integer()
    members = fields.List(fields.Nested(GroupMemberOut))
    out = fields.List(fields.String())
    ready = fields.Boolean()
    late = fields.Integer()


@resource.get(query=GroupQuery, returns=GroupRow, paged=True, allow=READERS)
def list_groups_(call: Call) -> Page:
    """The groups that have a member in the caller's territory, newest first."""
    return queries.listed(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=GroupIn, returns=GroupOut, allow=STAFF)
def form_group_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Form a group of applications of one fund."""
    return queries.detail(call.session, call.caller, form_group(call.session, call.caller, **body))


@resource.get("/<uuid:group_id>", returns=GroupOut, allow=FILE_READERS | {"cashier"})
def show_group_(call: Call, group_id: UUID) -> dict[str, Any]:
    """One group with each member's application and loan, and who is late."""
    return queries.detail(call.session, call.caller, group_of(call.session, call.caller, group_id))


@resource.post("/<uuid:group_id>/members", body=GroupMemberIn, returns=GroupOut, allow=STAFF)
def join_group_(call: Call, body: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """Take one more application into a group."""
    return queries.detail(call.session, call.caller, join_group(call.session, call.caller, group_id=group_id, **body))


@resource.post("/<uuid:group_id>/departures", body=GroupMemberIn, returns=GroupOut, allow=STAFF)
def leave_group_(call: Call, body: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """Let a member leave who was not paid."""
    return queries.detail(call.session, call.caller, leave_group(call.session, call.caller, group_id=group_id, **body))


@agendas.post("/<uuid:session_id>/agenda/groups", body=GroupAgendaIn, returns=Room, allow=CONVENERS)
def place_group_(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Put all members of a group who wait for the committee on the agenda, together."""
    place_group(call.session, call.caller, session_id=session_id, **body)
    meeting = find.committee_session(call.session, call.caller, session_id)
    return room(call.session, call.caller, meeting, reads_minutes=call.caller.has(*MINUTES_READERS))
