"""The women of the inventory, what they agree to, and their withdrawal."""

from typing import Any
from uuid import UUID

from services.registry.api.people_schemas import ConfirmationIn, ConsentIn, EntrepreneurOut, ErasureOut, PersonChange
from services.registry.queries import people as queries
from services.registry.rules import national_ids
from services.registry.rules.national_ids import Confirmation
from services.registry.rules.visibility import EDITORS, READERS
from services.registry.use_cases.change_entrepreneur import (
    change_entrepreneur,
    confirm_document,
    record_consent,
)
from services.registry.use_cases.withdraw_entrepreneur import Erasure, withdraw_entrepreneur
from shared.kernel import Invalid
from shared.web import Call, Resource

resource = Resource("entrepreneurs", prefix="/entrepreneurs", description="The women the enterprises belong to.")


@resource.get("/<uuid:entrepreneur_id>", returns=EntrepreneurOut, allow=READERS - {"leda_viewer"})
def show(call: Call, entrepreneur_id: UUID) -> dict[str, Any]:
    """One woman with her consents and enterprises, as far as the caller's role may know."""
    return _shown(call, entrepreneur_id)


@resource.patch("/<uuid:entrepreneur_id>", body=PersonChange, returns=EntrepreneurOut, allow=EDITORS)
def change(call: Call, body: dict[str, Any], entrepreneur_id: UUID) -> dict[str, Any]:
    """Put right what is known of a woman; only the fields that the body names change."""
    change_entrepreneur(
        call.session,
        call.caller,
        call.context.sealer,
        entrepreneur_id,
        version=call.if_match,
        changes=person_in(body),
    )
    call.session.flush()
    return _shown(call, entrepreneur_id)


@resource.put(
    "/<uuid:entrepreneur_id>/document-confirmation", body=ConfirmationIn, returns=EntrepreneurOut, allow=EDITORS
)
def confirm(call: Call, body: dict[str, Any], entrepreneur_id: UUID) -> dict[str, Any]:
    """Say that the number of her document is right although its check digit or its structure is not: who, when and
    why stays on her record, for this number.
    """
    confirm_document(
        call.session,
        call.caller,
        call.context.sealer,
        entrepreneur_id,
        version=call.if_match,
        because=body["because"],
    )
    call.session.flush()
    return _shown(call, entrepreneur_id)


@resource.post("/<uuid:entrepreneur_id>/consents", body=ConsentIn, returns=EntrepreneurOut, allow=EDITORS)
def consent(call: Call, body: dict[str, Any], entrepreneur_id: UUID) -> dict[str, Any]:
    """Record her answer for one purpose; the earlier ones stay on record, the last one counts."""
    record_consent(call.session, call.caller, entrepreneur_id, **body)
    call.session.flush()
    return _shown(call, entrepreneur_id)


@resource.delete("/<uuid:entrepreneur_id>", status=200, returns=ErasureOut, allow={"coordinator"})
def withdraw(call: Call, entrepreneur_id: UUID) -> Erasure:
    """She withdraws: her person is erased here at once, and every other service is told to. It cannot be undone."""
    return withdraw_entrepreneur(call.session, call.caller, entrepreneur_id, version=call.if_match)


def person_in(body: dict[str, Any], *, pointer: str = "") -> dict[str, Any]:
    """The fields of a person that a body names; a document comes with its kind, its number as bare digits."""
    fields = dict(body)
    number, kind = fields.get("id_number"), fields.get("id_kind")
    if number is not None:
        if kind is None:
            raise Invalid("national_id.kind_needed", pointer=f"{pointer}/id_kind")
        fields["id_number"] = national_ids.normalised(kind, number)
    if "languages" in fields:
        fields["languages"] = tuple(sorted(set(fields["languages"])))
    return fields


def told(call: Call, warnings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Warnings as sentences of the caller's language; one that somebody confirmed says who, when and why."""
    return [_told(call, **warning) for warning in warnings]


def _told(call: Call, code: str, facts: dict[str, Any], confirmation: Confirmation | None = None) -> dict[str, Any]:
    detail = call.context.sentence(code, facts, call.language)
    if confirmation is not None and confirmation.because:
        said = {"by": confirmation.by_name, "on": confirmation.on.isoformat(), "because": confirmation.because}
        detail += " " + call.context.sentence("national_id.confirmed", said, call.language)
    return {"code": code, "detail": detail, "confirmed": confirmation is not None}


def _shown(call: Call, entrepreneur_id: UUID) -> dict[str, Any]:
    shown = queries.show_entrepreneur(call.session, call.caller, call.context.sealer, entrepreneur_id)
    return shown | {"warnings": told(call, shown["warnings"])}
