"""Small and medium-sized enterprises of the workshops."""

from typing import Any
from uuid import UUID

from services.training.api.csr_schemas import SmeIn, SmeOut, SmesQuery
from services.training.queries.smes import list_smes, show_sme
from services.training.rules.csr_access import READERS, TEAM
from services.training.use_cases.keep_smes import change_sme, forget_contact, write_sme
from shared.web import Call, Page, Resource

resource = Resource("smes", prefix="/smes", description="Small firms that come to the workshops.")
_ONE = "/<uuid:sme_id>"


@resource.get(query=SmesQuery, returns=SmeOut, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The firms of the caller's territory by name; by whom they are reached only to who may know persons."""
    return list_smes(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=SmeIn, returns=SmeOut, allow=TEAM)
def write(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write a firm down; one of a country stands here once."""
    return show_sme(call.session, call.caller, write_sme(call.session, call.caller, **body).id)


@resource.get(_ONE, returns=SmeOut, allow=READERS)
def show(call: Call, sme_id: UUID) -> dict[str, Any]:
    """One firm."""
    return show_sme(call.session, call.caller, sme_id)


@resource.put(_ONE, body=SmeIn, returns=SmeOut, allow=TEAM)
def change(call: Call, body: dict[str, Any], sme_id: UUID) -> dict[str, Any]:
    """Put the facts of a firm right."""
    change_sme(call.session, call.caller, sme_id, version=call.if_match, **body)
    return show_sme(call.session, call.caller, sme_id)


@resource.delete(f"{_ONE}/contact", returns=SmeOut, allow=TEAM)
def forget(call: Call, sme_id: UUID) -> dict[str, Any]:
    """Erase the person by whom a firm is reached, because she asks for it or left it."""
    forget_contact(call.session, call.caller, sme_id, version=call.if_match)
    return show_sme(call.session, call.caller, sme_id)
