"""One woman as her readers see her: by herself, and among the owners of a record."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Consent, Enterprise, Entrepreneur, Owner
from services.registry.queries.seeing import shows, view_for
from services.registry.rules import national_ids
from services.registry.rules.inventory import Person
from services.registry.rules.visibility import View
from services.registry.rules.warnings import warnings_about
from services.registry.sealing import Sealer
from services.registry.use_cases.records import standing_for
from shared import places
from shared.identity import Caller
from shared.kernel import Forbidden, NotFound, clock

_COUNTRIES: Mapping[str, str] = {kind: country for country, kind in national_ids.KIND_OF_COUNTRY.items()}


def show_entrepreneur(session: Session, caller: Caller, sealer: Sealer, entrepreneur_id: UUID) -> dict[str, Any]:
    """One woman with her consents; for who may see names, and only through an enterprise in her territory."""
    view = view_for(caller)
    woman = standing_for(session, Entrepreneur, entrepreneur_id)
    if woman is None or not view.names:
        raise NotFound("entrepreneur.unknown")
    entrepreneur_id = woman.id
    enterprises = session.scalars(
        select(Enterprise)
        .join(Owner, Owner.enterprise_id == Enterprise.id)
        .where(Owner.entrepreneur_id == entrepreneur_id)
        .order_by(Enterprise.id)
    ).all()
    mine = [row for row in enterprises if caller.scope.covers(row.municipality)]
    if enterprises and not mine:
        raise Forbidden("permission.outside_scope", unit=enterprises[0].municipality)
    shown = [row for row in mine if shows(view, row)]
    if enterprises and not shown:
        raise NotFound("entrepreneur.unknown")
    consents = session.scalars(
        select(Consent).where(Consent.entrepreneur_id == entrepreneur_id).order_by(Consent.id)
    ).all()
    country = shown[0].municipality[:2] if shown else _COUNTRIES.get(woman.id_kind or "", "SV")
    return show_owner(view, sealer, woman) | {
        "version": woman.version,
        "warnings": warnings_about_women(view, sealer, [woman], country),
        **_circumstances(view, woman.person(sealer)),
        "withdrawn_on": woman.withdrawn_on,
        "enterprises": [{"id": row.id, "name": row.name, "municipality": row.municipality} for row in shown],
        "consents": [
            {
                "purpose": consent.purpose,
                "granted": consent.granted,
                "given_on": consent.given_on,
                "channel": consent.channel,
                "recorded_at": consent.recorded_at,
            }
            for consent in consents
        ],
    }


def show_owner(view: View, sealer: Sealer, woman: Entrepreneur) -> dict[str, Any]:
    """One woman among the owners of a record, as far as this view shows her."""
    person = woman.person(sealer)
    number = person.id_number
    if number is not None and view.document != "full":
        number = national_ids.masked(number) if view.document == "masked" else None
    return {
        "id": woman.id,
        "version": woman.version,
        "given_names": person.given_names,
        "surnames": person.surnames,
        "id_kind": person.id_kind if view.document else None,
        "id_number": number,
        "born_on": person.born_on if view.contact else None,
        "phone": person.phone if view.contact else None,
        "other_phone": person.other_phone if view.contact else None,
        "people": person.people if view.exact_point else None,
        "languages": person.languages if view.contact else [],
    }


def warnings_about_women(
    view: View, sealer: Sealer, owners: Sequence[Entrepreneur], country: str
) -> list[dict[str, Any]]:
    """What to look at again of the women themselves, for who sees their names; why a document was confirmed is for
    the team, a telephone for who may call it.
    """
    if not view.names:
        return []
    present = [owner for owner in owners if owner.withdrawn_on is None]
    found = warnings_about(
        [(owner.person(sealer), owner.confirmation) for owner in present],
        country,
        municipalities=places.municipalities(),
        year=clock.today().year,
    )
    told = [warning for warning in found if view.contact or warning["code"] != "phone.wrong"]
    if not view.circumstances:
        for warning in told:
            if confirmation := warning.get("confirmation"):
                warning["confirmation"] = replace(confirmation, because="")
    return told


def _circumstances(view: View, person: Person) -> dict[str, Any]:
    names = ("schooling", "dependants", "children_under_6", "others_in_care", "care_hours", "head_of_household")
    told = {name: getattr(person, name) for name in (*names, "difficulties", "disabled")}
    return told if view.circumstances else dict.fromkeys(told)
