"""Partners of the programme, and what was agreed with them."""

from typing import Any
from uuid import UUID

from services.training.api.csr_partner_schemas import (
    AgreementIn,
    AgreementOut,
    AgreementsQuery,
    EndIn,
    PartnerIn,
    PartnerOut,
    PartnerRow,
    PartnersQuery,
    RenewalIn,
)
from services.training.queries import partners as queries
from services.training.rules.csr_access import PARTNER_KEEPERS, PERSON_READERS, READERS
from services.training.use_cases.keep_partners import (
    change_partner,
    end_agreement,
    keep_paper,
    renew_agreement,
    sign_agreement,
    write_partner,
)
from shared.papers import LARGEST_FILE
from shared.web import Call, Download, Page, Resource

resource = Resource("csr_partners", prefix="/csr-partners", description="Institutions that take part.")
_AGREEMENT = "/<uuid:agreement_id>"
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


@agreements.get(query=AgreementsQuery, returns=AgreementOut, paged=True, allow=READERS)
def list_agreements(call: Call) -> Page:
    """The agreements of the caller's territory and of what it lies in, the latest first."""
    return queries.list_agreements(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@agreements.post(body=AgreementIn, returns=AgreementOut, allow=PARTNER_KEEPERS)
def sign(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write down what was agreed."""
    return queries.agreement_row(call.session, sign_agreement(call.session, call.caller, **body))


@agreements.post(
    "/<uuid:agreement_id>/end", body=EndIn, returns=AgreementOut, if_match=True, status=200, allow=PARTNER_KEEPERS
)
def end(call: Call, body: dict[str, Any], agreement_id: UUID) -> dict[str, Any]:
    """Write down the last day of an agreement."""
    done = end_agreement(call.session, call.caller, agreement_id, version=call.if_match, **body)
    return queries.agreement_row(call.session, done)


@agreements.post(f"{_AGREEMENT}/renewal", body=RenewalIn, returns=AgreementOut, if_match=True, allow=PARTNER_KEEPERS)
def renew(call: Call, body: dict[str, Any], agreement_id: UUID) -> dict[str, Any]:
    """Write down the agreement that takes the place of this one."""
    made = renew_agreement(call.session, call.caller, agreement_id, version=call.if_match, **body)
    return queries.agreement_row(call.session, made)


@agreements.post(f"{_AGREEMENT}/paper", upload=LARGEST_FILE, returns=AgreementOut, allow=PARTNER_KEEPERS)
def keep_signed_paper(call: Call, agreement_id: UUID) -> dict[str, Any]:
    """The signed paper: a PDF, or a JPEG or PNG of it, of at most 10 MB; the one before it is erased."""
    assert call.upload is not None
    name, content = call.upload.name, call.upload.content
    kept = keep_paper(call.session, call.caller, agreement_id, name=name, content=content)
    return queries.agreement_row(call.session, kept)


@agreements.get(f"{_AGREEMENT}/paper", download=True, allow=PERSON_READERS)
def signed_paper(call: Call, agreement_id: UUID) -> Download:
    """The signed paper of an agreement."""
    name, media_type, content = queries.paper_of(call.session, call.caller, agreement_id)
    return Download(content, name, media_type)
