"""The inventory: enterprises."""

from typing import Any
from uuid import UUID

from services.registry.api.changes import changes_of
from services.registry.api.enterprise_schemas import (
    CountOut,
    EnterpriseChange,
    EnterpriseContactOut,
    EnterpriseIn,
    EnterpriseOut,
    EnterpriseRow,
    HistoryOut,
    OwnerAdded,
    StepIn,
)
from services.registry.api.filter_schemas import ContactsQuery, CountQuery, EnterpriseQuery, HistoryQuery
from services.registry.api.people import person_in, told
from services.registry.queries import enterprises as queries
from services.registry.queries import whole_enterprise
from services.registry.queries.contacts import list_contacts
from services.registry.rules.inventory import Person, Profile
from services.registry.rules.visibility import CONTACT_READERS, EDITORS, READERS
from services.registry.use_cases.change_enterprise import change_enterprise, record_step
from services.registry.use_cases.change_owners import add_owner, remove_owner
from services.registry.use_cases.register_enterprise import Consenting, register_enterprise
from shared.kernel import Invalid
from shared.web import Call, Page, Resource

resource = Resource("enterprises", prefix="/enterprises", description="Enterprises of the inventory.")


@resource.get(query=EnterpriseQuery, returns=EnterpriseRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The enterprises of the caller's territory that meet all filters, any of the values where one is given several.
    Names, and the filter `q`, are for those who work with the women; credit roles see those who agreed to share their
    record for credit. A filter by a field that the caller may not read is refused.
    """
    sealer = call.context.sealer
    return queries.list_enterprises(
        call.session, call.caller, call.query, limit=call.limit, after=call.after, sealer=sealer
    )


@resource.get("/count", query=CountQuery, returns=CountOut, allow=READERS)
def count(call: Call) -> dict[str, int | None]:
    """How many enterprises meet the filters, and how many of these wait for a point, a place or a validation. Small
    counts are null to who is not of the technical team.
    """
    return queries.count_enterprises(call.session, call.caller, call.query, sealer=call.context.sealer)


@resource.get("/contacts", query=ContactsQuery, returns=EnterpriseContactOut, allow=CONTACT_READERS)
def contacts(call: Call) -> list[dict[str, Any]]:
    """How to reach those of these enterprises that the caller may see; others are left out."""
    return list_contacts(call.session, call.caller, call.query["ids"])


@resource.get("/<uuid:enterprise_id>", returns=EnterpriseOut, allow=READERS)
def show(call: Call, enterprise_id: UUID) -> dict[str, Any]:
    """One enterprise; exact point, names and documents according to the caller's role."""
    return _shown(call, enterprise_id)


@resource.get(
    "/<uuid:enterprise_id>/history",
    query=HistoryQuery,
    returns=HistoryOut,
    paged=True,
    allow=EDITORS | {"network_coordinator", "auditor"},
)
def show_history(call: Call, enterprise_id: UUID) -> Page:
    """Who changed what, oldest first unless asked otherwise; without points for who may not see the exact one."""
    _shown(call, enterprise_id)
    latest = call.query.get("latest_first", False)
    return whole_enterprise.show_history(
        call.session, call.caller, enterprise_id, limit=call.limit, after=call.after, latest_first=latest
    )


@resource.post(body=EnterpriseIn, returns=EnterpriseOut, allow=EDITORS)
def register(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write an enterprise into the inventory by hand, with its owner or for a woman who is known already."""
    given: dict[str, Any] = {"activity": None, "site": None} | changes_of(body)
    enterprise = register_enterprise(
        call.session, call.caller, call.context.sealer, profile=Profile(**given), owner=_owner(body)
    )
    call.session.flush()
    return _shown(call, enterprise.id)


@resource.patch("/<uuid:enterprise_id>", body=EnterpriseChange, returns=EnterpriseOut, allow=EDITORS)
def change(call: Call, body: dict[str, Any], enterprise_id: UUID) -> dict[str, Any]:
    """Put a record right; only the fields that the body names change."""
    change_enterprise(call.session, call.caller, enterprise_id, version=call.if_match, changes=changes_of(body))
    call.session.flush()
    return _shown(call, enterprise_id)


@resource.put("/<uuid:enterprise_id>/formalization/<step>", body=StepIn, returns=EnterpriseOut, allow=EDITORS)
def formalize(call: Call, body: dict[str, Any], enterprise_id: UUID, step: str) -> dict[str, Any]:
    """Say how far a step of its formalization is: `tax_id`, `municipal_licence`, `sanitary_registration` or
    `trademark`. With the first two known, they decide whether the enterprise is formal.
    """
    record_step(call.session, call.caller, call.context.sealer, enterprise_id, version=call.if_match, step=step, **body)
    call.session.flush()
    return _shown(call, enterprise_id)


@resource.post("/<uuid:enterprise_id>/owners", body=OwnerAdded, returns=EnterpriseOut, allow=EDITORS)
def own(call: Call, body: dict[str, Any], enterprise_id: UUID) -> dict[str, Any]:
    """One more woman owns the enterprise; an individual one becomes a group."""
    add_owner(call.session, call.caller, call.context.sealer, enterprise_id, _owner(body))
    call.session.flush()
    return _shown(call, enterprise_id)


@resource.delete(
    "/<uuid:enterprise_id>/owners/<uuid:entrepreneur_id>", status=200, returns=EnterpriseOut, allow=EDITORS
)
def disown(call: Call, enterprise_id: UUID, entrepreneur_id: UUID) -> dict[str, Any]:
    """One of several owners does not own the enterprise any more; the last one, and who owns nothing else, stays."""
    remove_owner(call.session, call.caller, enterprise_id, entrepreneur_id, version=call.if_match)
    call.session.flush()
    return _shown(call, enterprise_id)


def _owner(body: dict[str, Any]) -> UUID | tuple[Person, Consenting]:
    if ("owner" in body) == ("owner_id" in body):
        raise Invalid("enterprise.one_owner", pointer="/owner")
    if "owner_id" in body:
        owner_id: UUID = body["owner_id"]
        return owner_id
    answers = dict(body["owner"].pop("consents"))
    given_on, channel = answers.pop("given_on"), answers.pop("channel")
    return Person(**person_in(body["owner"], pointer="/owner")), Consenting(answers, given_on, channel)


def _shown(call: Call, enterprise_id: UUID) -> dict[str, Any]:
    shown = whole_enterprise.show_enterprise(call.session, call.caller, call.context.sealer, enterprise_id)
    return shown | {"warnings": told(call, shown["warnings"])}
