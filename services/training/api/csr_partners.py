"""Partners of the programme, and what was agreed with them."""

from typing import Any
from uuid import UUID

from services.training.api.csr_partner_schemas import (
    AgreementIn,
    AgreementOut,
    EndIn,
    PartnerIn,
    PartnerOut,
    PartnerRow,
    PartnersQuery,
)
from services.training.api.csr_schemas import UnitQuery
from services.training.queries import partners as queries
from services.training.rules.csr_access import PARTNER_KEEPERS, READERS
from services.training.use_cases.keep_partners import change_partner, end_agreement, sign_agreement, write_partner
from shared.web import Call, Page, Resource

resource = Resource("csr_partners", prefix="/csr-partners", description="Institutions that take part.")
agreements = Resource("csr_agreements", prefix="/csr-agreements", description="What was agreed with partners.")
_ONE = "/<uuid:partner_id>"


@resource.get(query=PartnersQuery, returns=PartnerRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The partners of the caller's territory and of what it lies in, by name."""
    return queries.list_partners(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=PartnerIn, returns=PartnerOut, allow=PARTNER_KEEPERS)
def write(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write a partner down; one of a country stands here once."""
    return queries.show_partner(call.session, call.caller, write_partner(call.session, call.caller, **body).id)


@resource.get(_ONE, returns=PartnerOut, allow=READERS)
def show(call: Call, partner_id: UUID) -> dict[str, Any]:
    """One partner with its agreements."""
    return queries.show_partner(call.session, call.caller, partner_id)


@resource.put(_ONE, body=PartnerIn, returns=PartnerOut, allow=PARTNER_KEEPERS)
def change(call: Call, body: dict[str, Any], partner_id: UUID) -> dict[str, Any]:
    """Put a partner's name, kind or home right."""
    change_partner(call.session, call.caller, partner_id, version=call.if_match, **body)
    return queries.show_partner(call.session, call.caller, partner_id)


@agreements.get(query=UnitQuery, returns=AgreementOut, paged=True, allow=READERS)
def list_agreements(call: Call) -> Page:
    """The agreements of the caller's territory and of what it lies in, the latest first."""
    return queries.list_agreements(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@agreements.post(body=AgreementIn, returns=AgreementOut, allow=PARTNER_KEEPERS)
def sign(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write down what was agreed."""
    return queries.agreement_row(sign_agreement(call.session, call.caller, **body))


@agreements.post(
    "/<uuid:agreement_id>/end", body=EndIn, returns=AgreementOut, if_match=True, status=200, allow=PARTNER_KEEPERS
)
def end(call: Call, body: dict[str, Any], agreement_id: UUID) -> dict[str, Any]:
    """Write down the last day of an agreement."""
    done = end_agreement(call.session, call.caller, agreement_id, version=call.if_match, **body)
    return queries.agreement_row(done)
