"""Administration of accounts, and who is who for other services."""

from typing import Any
from uuid import UUID

from services.portal import queries
from services.portal.models import PERSON_ROLES, SEATS
from services.portal.use_cases.change_account import change_account, reset_password
from services.portal.use_cases.open_account import open_account
from shared import i18n
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("accounts", prefix="/accounts", description="Accounts, their roles and their territory.")
people = Resource("people", prefix="/people", description="Names of those who have an account, by id.")


class AccountIn(Input):
    name = fields.String(maximum=120, required=True)
    roles = fields.List(fields.Code(PERSON_ROLES), maximum=20, required=True)
    units = fields.List(fields.String(maximum=6), maximum=100, required=True)
    centre = fields.String(maximum=120, minimum=0, load_default="")
    seat = fields.Code(SEATS, load_default=None, allow_none=True)


class NewAccountIn(AccountIn):
    username = fields.String(maximum=60, pattern="[a-z0-9][a-z0-9._-]{2,59}", required=True)
    language = fields.Code(i18n.LANGUAGES, load_default="es")


class ChangedAccountIn(AccountIn):
    active = fields.Boolean(required=True)


class AccountOut(Output):
    id = fields.Id()
    username = fields.String()
    name = fields.String()
    roles = fields.List(fields.String())
    units = fields.List(fields.String())
    centre = fields.String()
    seat = fields.String(allow_none=True)
    language = fields.String()
    active = fields.Boolean()
    must_change_password = fields.Boolean()
    signed_in_at = fields.Moment(allow_none=True)
    version = fields.Integer()


class WithPasswordOut(AccountOut):
    temporary_password = fields.String()


class PersonOut(Output):
    id = fields.Id()
    name = fields.String()
    roles = fields.List(fields.String())
    centre = fields.String()
    seat = fields.String(allow_none=True)
    active = fields.Boolean()


class KnownPersonOut(PersonOut):
    """The same with her territory of today."""

    units = fields.List(fields.String())


class AccountQuery(Query):
    q = fields.String(maximum=100)
    role = fields.Code(PERSON_ROLES)
    active = fields.Boolean()


class PeopleQuery(Query):
    role = fields.Code(PERSON_ROLES)


@resource.get("", query=AccountQuery, returns=AccountOut, paged=True, allow={"admin", "auditor"}, scoped=False)
def list_accounts(call: Call) -> Page:
    """Accounts by user name."""
    return queries.list_accounts(call.session, filters=call.query, limit=call.limit, after=call.after)


@resource.post("", body=NewAccountIn, returns=WithPasswordOut, allow={"admin"}, scoped=False)
def open_account_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Open an account; the temporary password is told once, here."""
    account, password = open_account(call.session, call.caller, **body)
    return {**queries.find_account(call.session, account.id), "temporary_password": password}


@resource.get("/<uuid:account_id>", returns=AccountOut, allow={"admin", "auditor"}, scoped=False)
def show_account(call: Call, account_id: UUID) -> dict[str, Any]:
    """One account."""
    return dict(queries.find_account(call.session, account_id))


@resource.put("/<uuid:account_id>", body=ChangedAccountIn, returns=AccountOut, allow={"admin"}, scoped=False)
def change_account_(call: Call, body: dict[str, Any], account_id: UUID) -> dict[str, Any]:
    """Set name, roles, territory, centre, seat, and whether it is active."""
    change_account(call.session, call.caller, account_id=account_id, version=call.if_match, **body)
    return dict(queries.find_account(call.session, account_id))


@resource.post("/<uuid:account_id>/password", returns=WithPasswordOut, allow={"admin"}, scoped=False)
def reset_password_(call: Call, account_id: UUID) -> dict[str, Any]:
    """Give a new temporary password, told once, here; her sessions end."""
    _, password = reset_password(call.session, call.caller, account_id=account_id)
    return {**queries.find_account(call.session, account_id), "temporary_password": password}


_WHO_PUTS_PEOPLE_TOGETHER = {"service", "admin", "auditor", "coordinator", "credit_officer", "network_coordinator"}


@people.get("", query=PeopleQuery, returns=PersonOut, paged=True, allow=_WHO_PUTS_PEOPLE_TOGETHER)
def list_people(call: Call) -> Page:
    """Who has an account in the caller's territory."""
    return queries.list_people(
        call.session, scope=call.caller.scope, role=call.query.get("role"), limit=call.limit, after=call.after
    )


@people.get("/<uuid:account_id>", returns=KnownPersonOut, allow={"service", "admin", "auditor"}, scoped=False)
def show_person(call: Call, account_id: UUID) -> dict[str, Any]:
    """The name behind an id, for documents, and what she may do today, for what is shown in her name."""
    return dict(queries.find_account(call.session, account_id))
