"""The register of diplomas."""

from typing import Any
from uuid import UUID

from services.training.api.diploma_schemas import (
    DiplomaOut,
    DiplomaQuery,
    DiplomaRow,
    KeyOut,
    LinkIn,
    LinkOut,
    PayloadIn,
    ReissueIn,
    RevocationIn,
    SaidOut,
)
from services.training.api.names import with_names
from services.training.api.schemas import READERS, TEAM
from services.training.composition import Composition
from services.training.documents.diploma import as_badge, as_status_list, printed
from services.training.models import Diploma
from services.training.queries import diplomas as queries
from services.training.rules.diplomas import badge, payload
from services.training.use_cases.issue_diplomas import ensure_key
from services.training.use_cases.revoke_diploma import reissue_diploma, revoke_diploma
from services.training.use_cases.share_diploma import share_diploma
from shared.kernel import Invalid
from shared.web import Call, Download, Page, Resource

resource = Resource("diplomas", prefix="/diplomas", description="The register of diplomas.")
PDF = "application/pdf"


@resource.get(query=DiplomaQuery, returns=DiplomaRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The diplomas of the caller's territory that meet all filters, latest first."""
    return queries.list_diplomas(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/keys", returns=KeyOut, public=True, scoped=False)
def keys(call: Call) -> list[dict[str, Any]]:
    """Every public key with which a diploma or a badge of ours may be signed, for who checks them without us."""
    known = queries.keys_of(call.session, _context(call).keyring)
    return [{"id": key, "public": public.hex(), "did": badge.did_of(public)} for key, public in known.items()]


@resource.get("/status-lists/<int:status_list>", public=True, scoped=False)
def status_list_(call: Call, status_list: int) -> Download:
    """For who checks a badge: which of them were taken back, as a signed Bitstring Status List (W3C). Every badge names
    its list and its place there.
    """
    context = _context(call)
    revoked = queries.revoked_places(call.session, status_list)
    ensure_key(context.database, context.keyring)
    content = as_status_list(status_list, revoked, context.keyring, context.public_url)
    return Download(content, f"{status_list}.json", badge.MEDIA_TYPE)


@resource.post(
    "/verification", body=PayloadIn, returns=SaidOut, status=200, writes=False, allow={"service"}, scoped=False
)
def verify(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """For the portal: what the signed words in a QR code say, and how that diploma stands."""
    try:
        said = payload.read(body["payload"], queries.keys_of(call.session, _context(call).keyring))
    except payload.NotGenuine as finding:
        raise Invalid(f"diploma.{finding.problem}", pointer="/payload") from finding
    told = {name: getattr(said, name) for name in payload.Said.__slots__}
    return told | {"standing": queries.standing_of(call.session, said)}


@resource.get("/<uuid:diploma_id>", returns=DiplomaOut, allow=READERS)
def show(call: Call, diploma_id: UUID) -> dict[str, Any]:
    """One diploma with its personal links."""
    return _shown(call, diploma_id)


@resource.get("/<uuid:diploma_id>/pdf", allow=READERS)
def pdf(call: Call, diploma_id: UUID) -> Download:
    """The diploma as a signed PDF/UA-1 file."""
    return as_pdf(call, queries.readable(call.session, call.caller, diploma_id))


@resource.get("/<uuid:diploma_id>/badge", allow=READERS)
def badge_(call: Call, diploma_id: UUID) -> Download:
    """The diploma as an Open Badge 3.0 (a verifiable credential with an `eddsa-rdfc-2022` proof)."""
    return as_badge_file(call, queries.readable(call.session, call.caller, diploma_id))


@resource.post(
    "/<uuid:diploma_id>/revocation", body=RevocationIn, returns=DiplomaOut, if_match=True, status=200, allow=TEAM
)
def revoke(call: Call, body: dict[str, Any], diploma_id: UUID) -> dict[str, Any]:
    """Take the diploma back: its paper verifies as revoked, its links lead nowhere."""
    revoke_diploma(call.session, call.caller, diploma_id, version=call.if_match, reason=body["reason"])
    return _shown(call, diploma_id)


def _name(call: Call, body: dict[str, Any], diploma_id: UUID) -> str | None:
    """What the registry calls the holder today; None where it does not say."""
    del body
    diploma = queries.readable(call.session, call.caller, diploma_id)
    named = with_names(call, queries.holder_of(call.session, diploma))
    return next((row["name"] for row in named), None)


@resource.post(
    "/<uuid:diploma_id>/reissue", body=ReissueIn, returns=DiplomaOut, if_match=True, before=_name, allow=TEAM
)
def reissue(call: Call, body: dict[str, Any], diploma_id: UUID) -> dict[str, Any]:
    """Replace the diploma by one with a new number, of her name as the registry writes it today."""
    told = {"version": call.if_match, "name": call.prepared, **body}
    new = reissue_diploma(call.session, call.caller, _context(call).keyring, diploma_id, **told)
    return _shown(call, new.id)


@resource.post("/<uuid:diploma_id>/links", body=LinkIn, returns=LinkOut, allow=TEAM)
def share(call: Call, body: dict[str, Any], diploma_id: UUID) -> dict[str, Any]:
    """Make a personal link through which its holder fetches it."""
    link = share_diploma(call.session, call.caller, diploma_id, **body)
    return queries.link_row(link, _context(call).diploma_links)


def as_pdf(call: Call, diploma: Diploma) -> Download:
    """The signed file, for whoever may have it."""
    context = _context(call)
    ensure_key(context.database, context.keyring)
    return Download(printed(diploma, context.keyring, context.public_url), f"{diploma.number}.pdf", PDF)


def as_badge_file(call: Call, diploma: Diploma) -> Download:
    """The badge, likewise."""
    context = _context(call)
    ensure_key(context.database, context.keyring)
    content = as_badge(diploma, context.keyring, context.public_url)
    return Download(content, f"{diploma.number}.json", badge.MEDIA_TYPE)


def _shown(call: Call, diploma_id: UUID) -> dict[str, Any]:
    return queries.show_diploma(call.session, call.caller, diploma_id, _context(call).diploma_links)


def _context(call: Call) -> Composition:
    context: Composition = call.context
    return context
