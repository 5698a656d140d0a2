"""The library of materials: found by words, kept in versions, shared by decision."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.training.api.material_schemas import (
    FAMILIES,
    LibraryArchiveIn,
    LibraryChoices,
    LibraryFileNote,
    LibraryMaterialIn,
    LibraryMaterialOut,
    LibraryMaterialRow,
    LibraryPublicQuery,
    LibraryPublicRow,
    LibraryQuery,
    LibraryReachIn,
)
from services.training.queries import materials as queries
from services.training.reference import library, rounds
from services.training.reference.library import MOST_BYTES
from services.training.rules.library_access import KEEPERS, READERS, SHARERS
from services.training.use_cases import keep_material as use_cases
from shared.web import Call, Download, Page, Resource

resource = Resource("library_materials", prefix="/library", description="Materials to teach with.")
public = Resource("library_public", prefix="/public-library", description="Materials that anybody may read.")
_ONE = "/<uuid:library_material_id>"
_CHANGES: dict[str, Any] = {"returns": LibraryMaterialOut, "if_match": True, "status": 200}


@resource.get(query=LibraryQuery, returns=LibraryMaterialRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The materials the caller may see: by words or parts of them, best first; otherwise the newest first."""
    return queries.list_materials(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=LibraryMaterialIn, returns=LibraryMaterialOut, allow=KEEPERS)
def write(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write a material down; the teams of its territory see it."""
    return _shown(call, use_cases.write_material(call.session, call.caller, body).id)


@resource.get("/choices", returns=LibraryChoices, allow=READERS, scoped=False)
def choices(call: Call) -> dict[str, Any]:
    """Kinds, licences of use with how far they let a material be shared, languages and topics, with their names."""
    return _choices(call)


@resource.get(_ONE, returns=LibraryMaterialOut, allow=READERS)
def show(call: Call, library_material_id: UUID) -> dict[str, Any]:
    """One material with every version of its file."""
    return _shown(call, library_material_id)


@resource.put(_ONE, body=LibraryMaterialIn, returns=LibraryMaterialOut, allow=KEEPERS)
def change(call: Call, body: dict[str, Any], library_material_id: UUID) -> dict[str, Any]:
    """Put right what is said of a material."""
    use_cases.change_material(call.session, call.caller, library_material_id, version=call.if_match, facts=body)
    return _shown(call, library_material_id)


@resource.delete(_ONE, allow=KEEPERS)
def erase(call: Call, library_material_id: UUID) -> None:
    """Erase a material that was written by mistake: nobody else sees it and nothing teaches with it."""
    use_cases.erase_material(call.session, call.caller, library_material_id, version=call.if_match)


@resource.post(f"{_ONE}/files", upload=MOST_BYTES, body=LibraryFileNote, allow=KEEPERS, **_CHANGES)
def add_file(call: Call, library_material_id: UUID) -> dict[str, Any]:
    """A newer version of its file: PDF, JPEG, PNG, MP3, Ogg, or a document of an office program without macros."""
    assert call.upload is not None
    told: dict[str, Any] = {"name": call.upload.name, "content": call.upload.content, "note": call.form["note"]}
    use_cases.add_file(call.session, call.caller, library_material_id, version=call.if_match, **told)
    return _shown(call, library_material_id)


@resource.get(f"{_ONE}/file", download=True, allow=READERS)
def file(call: Call, library_material_id: UUID) -> Download:
    """The latest version of its file."""
    return _download(queries.file_of(call.session, call.caller, library_material_id, None))


@resource.get(f"{_ONE}/files/<int:number>", download=True, allow=READERS)
def version_file(call: Call, library_material_id: UUID, number: int) -> Download:
    """A version of its file."""
    return _download(queries.file_of(call.session, call.caller, library_material_id, number))


@resource.post(f"{_ONE}/reach", body=LibraryReachIn, allow=SHARERS, **_CHANGES)
def share(call: Call, body: dict[str, Any], library_material_id: UUID) -> dict[str, Any]:
    """Decide who sees it: the teams of its territory, the network, anybody."""
    use_cases.share_material(call.session, call.caller, library_material_id, version=call.if_match, **body)
    return _shown(call, library_material_id)


@resource.post(f"{_ONE}/archiving", body=LibraryArchiveIn, allow=KEEPERS, **_CHANGES)
def archive(call: Call, body: dict[str, Any], library_material_id: UUID) -> dict[str, Any]:
    """Offer it no more; what uses it already keeps it."""
    use_cases.archive_material(call.session, call.caller, library_material_id, version=call.if_match, **body)
    return _shown(call, library_material_id)


@resource.post(f"{_ONE}/restoring", allow=KEEPERS, **_CHANGES)
def restore(call: Call, library_material_id: UUID) -> dict[str, Any]:
    """Offer it again."""
    use_cases.restore_material(call.session, call.caller, library_material_id, version=call.if_match)
    return _shown(call, library_material_id)


@public.get(query=LibraryPublicQuery, returns=LibraryPublicRow, paged=True, public=True, scoped=False)
def list_public(call: Call) -> Page:
    """What anybody may see, found the same way."""
    return queries.list_public(call.session, call.query, limit=call.limit, after=call.after)


@public.get("/choices", returns=LibraryChoices, public=True, scoped=False)
def public_choices(call: Call) -> dict[str, Any]:
    """The names of what they are told by."""
    return _choices(call)


@public.get(f"{_ONE}/file", download=True, public=True, scoped=False)
def public_file(call: Call, library_material_id: UUID) -> Download:
    """The latest version of a file that anybody may read."""
    return _download(queries.public_file(call.session, library_material_id))


def _shown(call: Call, material_id: UUID) -> dict[str, Any]:
    return queries.show_material(call.session, call.caller, material_id)


def _download(found: tuple[str, str, bytes]) -> Download:
    name, media_type, content = found
    return Download(content, name, media_type)


def _choices(call: Call) -> dict[str, Any]:
    edition = library.policy()

    def named(kind: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
        return [{"code": code, "name": names[call.language]} for code, names in kind.items()]

    return {
        "kinds": named(edition.kinds),
        "licences": [one | {"widest": edition.widest[one["code"]]} for one in named(edition.licences)],
        "languages": named(edition.languages),
        "topics": named({code: topic.names for code, topic in rounds.policy().topics.items()}),
        "families": FAMILIES,
        "file_megabytes": edition.file_megabytes,
        "valid_from": edition.valid_from,
        "source": edition.source,
    }
