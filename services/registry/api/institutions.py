"""The institutions the centres work with, and their agreements."""

from typing import Any
from uuid import UUID

from services.registry.api.institution_schemas import (
    AgreementIn,
    AgreementOut,
    InstitutionIn,
    InstitutionOut,
    InstitutionQuery,
)
from services.registry.queries import institutions as queries
from services.registry.rules.institutions import LARGEST_FILE
from services.registry.rules.visibility import COORDINATORS, EDITORS, READERS
from services.registry.use_cases.run_institutions import (
    change_agreement,
    keep_signed_file,
    sign_agreement,
    write_institution,
)
from shared.web import Call, Download, Resource

resource = Resource("institutions", prefix="/institutions", description="Institutions and their offices.")
agreements = Resource("agreements", prefix="/agreements", description="Agreements with institutions.")

_TEAM = EDITORS | {"network_coordinator", "auditor"}


@resource.get(query=InstitutionQuery, returns=InstitutionOut, allow=READERS)
def list_(call: Call) -> list[dict[str, Any]]:
    """The institutions of the caller's territory, and those of the departments and countries that hold it."""
    return queries.list_institutions(call.session, call.caller, call.query)


@resource.post(body=InstitutionIn, returns=InstitutionOut, allow=COORDINATORS)
def register(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """A new institution with the offices one speaks with."""
    institution = write_institution(call.session, call.caller, None, None, body)
    return queries.show_institution(call.session, call.caller, institution.id)


@resource.get("/<uuid:institution_id>", returns=InstitutionOut, allow=READERS)
def show(call: Call, institution_id: UUID) -> dict[str, Any]:
    """One institution with its agreements."""
    return queries.show_institution(call.session, call.caller, institution_id)


@resource.put("/<uuid:institution_id>", body=InstitutionIn, returns=InstitutionOut, allow=COORDINATORS)
def change(call: Call, body: dict[str, Any], institution_id: UUID) -> dict[str, Any]:
    """Put an institution right."""
    write_institution(call.session, call.caller, institution_id, call.if_match, body)
    return queries.show_institution(call.session, call.caller, institution_id)


@resource.post("/<uuid:institution_id>/agreements", body=AgreementIn, returns=AgreementOut, allow=COORDINATORS)
def agree(call: Call, body: dict[str, Any], institution_id: UUID) -> dict[str, Any]:
    """A new agreement with an institution."""
    agreement = sign_agreement(call.session, call.caller, institution_id, body)
    return queries.show_agreement(call.session, call.caller, agreement.id)


@agreements.get("/<uuid:agreement_id>", returns=AgreementOut, allow=READERS)
def show_agreement(call: Call, agreement_id: UUID) -> dict[str, Any]:
    """One agreement."""
    return queries.show_agreement(call.session, call.caller, agreement_id)


@agreements.put("/<uuid:agreement_id>", body=AgreementIn, returns=AgreementOut, allow=COORDINATORS)
def put_right(call: Call, body: dict[str, Any], agreement_id: UUID) -> dict[str, Any]:
    """Put an agreement right."""
    change_agreement(call.session, call.caller, agreement_id, call.if_match, body)
    return queries.show_agreement(call.session, call.caller, agreement_id)


@agreements.post("/<uuid:agreement_id>/file", upload=LARGEST_FILE, returns=AgreementOut, allow=COORDINATORS)
def keep_file(call: Call, agreement_id: UUID) -> dict[str, Any]:
    """The signed paper: a PDF of at most 10 MB; it replaces the one before."""
    assert call.upload is not None
    keep_signed_file(call.session, call.caller, agreement_id, name=call.upload.name, content=call.upload.content)
    return queries.show_agreement(call.session, call.caller, agreement_id)


@agreements.get("/<uuid:agreement_id>/file", download=True, allow=_TEAM)
def show_file(call: Call, agreement_id: UUID) -> Download:
    """The signed paper, for the team and the auditors."""
    name, content = queries.signed_file(call.session, call.caller, agreement_id)
    return Download(content, name, "application/pdf")
