"""Links through which an entrepreneur or an expert from outside reads a version, contributes and accepts; the portal
speaks for her.
"""

from typing import Any
from uuid import UUID

from services.training.api import curriculum_schemas as schemas
from services.training.api.curricula import named
from services.training.api.schemas import TEAM
from services.training.composition import Composition
from services.training.models import CurriculumLink
from services.training.queries import curriculum_links as queries
from services.training.use_cases.accept_curriculum import accept_by_link
from services.training.use_cases.contribute import contribute_by_link
from services.training.use_cases.link_curriculum import link_entrepreneur, link_expert, revoke_curriculum_link
from services.training.use_cases.note_subject import note_by_link
from shared import files
from shared.kernel import Invalid
from shared.web import Call, Download, Page, Resource

of_version = Resource("links_of_versions", prefix="/curriculum-versions", description="Personal links to a version.")
resource = Resource("curriculum_links", prefix="/curriculum-links", description="What is done through such a link.")
_DOOR = "/<string(maxlength=64):token>"
_OWN: dict[str, Any] = {"returns": schemas.OwnCurriculumOut, "allow": {"service"}, "scoped": False}


@of_version.get("/<uuid:curriculum_version_id>/links", returns=schemas.CurriculumLinkOut, paged=True, allow=TEAM)
def list_(call: Call, curriculum_version_id: UUID) -> Page:
    """The links to a version, latest first: to women of the caller's territory and to experts."""
    page = queries.list_links(
        call.session, call.caller, curriculum_version_id, _key(call), limit=call.limit, after=call.after
    )
    return Page(named(call, list(page.rows), "holder_name"), page.next)


@of_version.post(
    "/<uuid:curriculum_version_id>/links", body=schemas.CurriculumLinkIn, returns=schemas.CurriculumLinkOut, allow=TEAM
)
def make(call: Call, body: dict[str, Any], curriculum_version_id: UUID) -> dict[str, Any]:
    """Give an entrepreneur of a group, or an expert or teacher without an account, a link until a day."""
    return _row(call, _made(call, body, curriculum_version_id))


@resource.post(
    "/<uuid:curriculum_link_id>/revocation",
    returns=schemas.CurriculumLinkOut,
    if_match=True,
    status=200,
    allow=TEAM,
)
def revoke(call: Call, curriculum_link_id: UUID) -> dict[str, Any]:
    """Let nothing be said through this link any more."""
    which: dict[str, Any] = {"link_id": curriculum_link_id, "version": call.if_match}
    return _row(call, revoke_curriculum_link(call.session, call.caller, **which))


@resource.get(f"{_DOOR}/own", **_OWN)
def own(call: Call, token: str) -> dict[str, Any]:
    """For the portal: the version that the link leads to, and what its holder said."""
    return queries.behind(call.session, _door(call, token))


@resource.post(f"{_DOOR}/contributions", body=schemas.OwnContributionIn, **_OWN)
def say(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: she contributes to the version or to a module."""
    door = _door(call, token)
    contribute_by_link(call.session, door.link, door.caller, **body)
    return queries.behind(call.session, door)


@resource.post(f"{_DOOR}/acceptance", body=schemas.OwnAcceptanceIn, **_OWN)
def accept(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: she accepts exactly what she read; an entrepreneur for her group."""
    door = _door(call, token)
    accept_by_link(call.session, door.link, door.caller, **body)
    return queries.behind(call.session, door)


@resource.post(f"{_DOOR}/asked-subjects", body=schemas.OwnSubjectIn, **_OWN)
def ask(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: she asks for another subject."""
    door = _door(call, token)
    note_by_link(call.session, door.link, door.caller, **body)
    return queries.behind(call.session, door)


@resource.get(f"{_DOOR}/files/<uuid:curriculum_file_id>", download=True, allow={"service"}, scoped=False)
def download(call: Call, token: str, curriculum_file_id: UUID) -> Download:
    """For the portal: a file of a module of the version."""
    file = files.find(call.session, queries.behind_file(_door(call, token), curriculum_file_id))
    return Download(files.read(call.session, file.id), file.name, file.media_type, inline=True)


def _made(call: Call, body: dict[str, Any], curriculum_version_id: UUID) -> CurriculumLink:
    known: dict[str, Any] = {"version_id": curriculum_version_id, "expires_on": body["expires_on"]}
    hers = {name: body[name] for name in ("group_id", "entrepreneur_id")}
    if body["voice"] == "entrepreneur":
        for name, value in hers.items():
            if value is None:
                raise Invalid("curriculum.woman_missing", pointer=f"/{name}")
        return link_entrepreneur(call.session, call.caller, **known, **hers)
    if not body["name"]:
        raise Invalid("curriculum.name_missing", pointer="/name")
    return link_expert(call.session, call.caller, **known, voice=body["voice"], name=body["name"])


def _door(call: Call, token: str) -> queries.CurriculumDoor:
    return queries.opened(call.session, token, _key(call))


def _row(call: Call, link: CurriculumLink) -> dict[str, Any]:
    return named(call, [queries.link_row(call.session, link, _key(call))], "holder_name")[0]


def _key(call: Call) -> bytes:
    context: Composition = call.context
    return context.signing
