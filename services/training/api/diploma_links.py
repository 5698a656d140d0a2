"""Personal links to diplomas: taken back by the team, followed by whoever has the address."""

from typing import Any
from uuid import UUID

from services.training.api.diploma_schemas import LinkOut, SharedOut
from services.training.api.diplomas import as_badge_file, as_pdf
from services.training.api.schemas import TEAM
from services.training.composition import Composition
from services.training.models import Diploma
from services.training.queries import diplomas as queries
from services.training.use_cases.share_diploma import revoke_diploma_link
from shared.web import Call, Download, Resource

resource = Resource("diploma_links", prefix="/diploma-links", description="Personal links to diplomas.")
_TOKEN = "/<string(maxlength=64):token>"  # noqa: S105 - where it stands in a path


@resource.post("/<uuid:diploma_link_id>/revocation", returns=LinkOut, if_match=True, status=200, allow=TEAM)
def revoke(call: Call, diploma_link_id: UUID) -> dict[str, Any]:
    """The link leads nowhere any more."""
    link = revoke_diploma_link(call.session, call.caller, diploma_link_id, version=call.if_match)
    return queries.link_row(link, _key(call))


@resource.get(f"{_TOKEN}/diploma", returns=SharedOut, allow={"service"}, scoped=False)
def shared(call: Call, token: str) -> dict[str, Any]:
    """For the portal: the diploma that an address leads to."""
    diploma = _opened(call, token)
    told = {name: getattr(diploma.said, name) for name in ("kind", "name", "title", "hours", "attended", "number")}
    days = {name: getattr(diploma, name) for name in ("ended_on", "issued_on", "language", "hash")}
    return told | days


@resource.get(f"{_TOKEN}/pdf", allow={"service"}, scoped=False)
def pdf(call: Call, token: str) -> Download:
    """For the portal: that diploma as a signed PDF/UA-1 file."""
    return as_pdf(call, _opened(call, token))


@resource.get(f"{_TOKEN}/badge", allow={"service"}, scoped=False)
def badge(call: Call, token: str) -> Download:
    """For the portal: that diploma as an Open Badge 3.0."""
    return as_badge_file(call, _opened(call, token))


def _opened(call: Call, token: str) -> Diploma:
    return queries.opened(call.session, token, _key(call))


def _key(call: Call) -> bytes:
    context: Composition = call.context
    return context.diploma_links
