"""Curricula: begun, revised; and the versions of them, written, proposed, talked over and accepted."""

from typing import Any
from uuid import UUID

from services.training.api import curriculum_schemas as schemas
from services.training.api.names import with_names
from services.training.api.schemas import READERS, TEAM
from services.training.queries import curricula as queries
from services.training.queries.group_curricula import show_group_curriculum
from services.training.reference.curricula import policy
from services.training.reference.rounds import policy as rounds_policy
from services.training.use_cases import accept_curriculum, contribute, keep_curriculum, write_modules
from services.training.use_cases.use_curriculum import choose_curriculum
from shared import files
from shared.papers import LARGEST_FILE
from shared.web import Call, Download, Page, Resource

resource = Resource("curricula", prefix="/curricula", description="Curricula, put together by three voices.")
versions = Resource("curriculum_versions", prefix="/curriculum-versions", description="Versions of curricula.")
of_groups = Resource("group_curricula", prefix="/groups", description="The curriculum that a group learns by.")
_ONE = "/<uuid:curriculum_version_id>"
_MODULE = f"{_ONE}/modules/<uuid:curriculum_module_id>"
_FILE = f"{_MODULE}/files/<uuid:curriculum_file_id>"
_SHOWN: dict[str, Any] = {"returns": schemas.CurriculumVersionOut, "allow": TEAM}
_CHANGED: dict[str, Any] = {**_SHOWN, "if_match": True, "status": 200}


@resource.get(query=schemas.CurriculaQuery, returns=schemas.CurriculumRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The curricula of the caller's territory and of what it lies in, the latest first, with its latest version."""
    return queries.list_curricula(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=schemas.CurriculumIn, returns=schemas.CurriculumOut, allow=TEAM)
def begin(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Begin a curriculum; its first version is an empty draft."""
    begun = keep_curriculum.begin_curriculum(call.session, call.caller, **body)
    return queries.show_curriculum(call.session, call.caller, begun.id)


@resource.get("/choices", returns=schemas.CurriculumChoicesOut, allow=READERS, scoped=False)
def choices(call: Call) -> dict[str, Any]:
    """What curricula and strategies can be made of, each with its name in the caller's language."""
    edition, rounds, spoken = policy(), rounds_policy(), call.language
    named = {"languages": rounds.languages, "methods": edition.methods, "forms": edition.forms}
    topics = [{"code": one.code, "need": one.need, "name": one.names[spoken]} for one in rounds.topics.values()]
    return {"topics": topics} | {
        kind: [{"code": code, "name": names[spoken]} for code, names in kept.items()] for kind, kept in named.items()
    }


@resource.get("/<uuid:curriculum_id>", returns=schemas.CurriculumOut, allow=READERS)
def show(call: Call, curriculum_id: UUID) -> dict[str, Any]:
    """One curriculum with its versions, the latest first."""
    return queries.show_curriculum(call.session, call.caller, curriculum_id)


@resource.patch("/<uuid:curriculum_id>", body=schemas.CurriculumHeadIn, returns=schemas.CurriculumOut, allow=TEAM)
def change(call: Call, body: dict[str, Any], curriculum_id: UUID) -> dict[str, Any]:
    """Change its head, until a version is proposed."""
    which: dict[str, Any] = {"curriculum_id": curriculum_id, "version": call.if_match}
    keep_curriculum.change_curriculum(call.session, call.caller, **which, **body)
    return queries.show_curriculum(call.session, call.caller, curriculum_id)


@resource.post(
    "/<uuid:curriculum_id>/versions",
    body=schemas.CurriculumRevisionIn,
    returns=schemas.CurriculumVersionOut,
    allow=TEAM,
)
def revise(call: Call, body: dict[str, Any], curriculum_id: UUID) -> dict[str, Any]:
    """Begin the next version with what the latest says."""
    made = keep_curriculum.revise_curriculum(call.session, call.caller, curriculum_id=curriculum_id, **body)
    return _shown(call, made.id)


@versions.get(_ONE, returns=schemas.CurriculumVersionOut, allow=READERS)
def show_version(call: Call, curriculum_version_id: UUID) -> dict[str, Any]:
    """One version: its modules, who accepted it and who still must, what was contributed, who learns by it."""
    return _shown(call, curriculum_version_id)


@versions.post(f"{_ONE}/modules", body=schemas.CurriculumModuleIn, **_CHANGED)
def write_module(call: Call, body: dict[str, Any], curriculum_version_id: UUID) -> dict[str, Any]:
    """Add a module at the end of a draft."""
    write_modules.write_module(call.session, call.caller, **_which(call, curriculum_version_id), module=body)
    return _shown(call, curriculum_version_id)


@versions.put(_MODULE, body=schemas.CurriculumModuleIn, **_SHOWN)
def rewrite_module(
    call: Call, body: dict[str, Any], curriculum_version_id: UUID, curriculum_module_id: UUID
) -> dict[str, Any]:
    """Write a module of a draft anew; its files stay."""
    which = _which(call, curriculum_version_id, module_id=curriculum_module_id)
    write_modules.rewrite_module(call.session, call.caller, **which, module=body)
    return _shown(call, curriculum_version_id)


@versions.post(f"{_MODULE}/removal", **_CHANGED)
def remove_module(call: Call, curriculum_version_id: UUID, curriculum_module_id: UUID) -> dict[str, Any]:
    """Take a module out of a draft."""
    write_modules.remove_module(
        call.session, call.caller, **_which(call, curriculum_version_id, module_id=curriculum_module_id)
    )
    return _shown(call, curriculum_version_id)


@versions.post(f"{_MODULE}/place", body=schemas.ModulePlaceIn, **_CHANGED)
def place_module(
    call: Call, body: dict[str, Any], curriculum_version_id: UUID, curriculum_module_id: UUID
) -> dict[str, Any]:
    """Put a module of a draft at another place."""
    write_modules.place_module(
        call.session, call.caller, **_which(call, curriculum_version_id, module_id=curriculum_module_id), **body
    )
    return _shown(call, curriculum_version_id)


@versions.post(f"{_MODULE}/files", upload=LARGEST_FILE, **_CHANGED)
def attach_file(call: Call, curriculum_version_id: UUID, curriculum_module_id: UUID) -> dict[str, Any]:
    """Give a module of a draft a file: a PDF or a picture."""
    assert call.upload is not None
    sent: dict[str, Any] = {"name": call.upload.name, "content": call.upload.content}
    which = _which(call, curriculum_version_id, module_id=curriculum_module_id)
    write_modules.attach_file(call.session, call.caller, **which, **sent)
    return _shown(call, curriculum_version_id)


@versions.get(_FILE, download=True, allow=READERS)
def download_file(
    call: Call, curriculum_version_id: UUID, curriculum_module_id: UUID, curriculum_file_id: UUID
) -> Download:
    """A file of a module as it was stored."""
    found = queries.readable_version(call.session, call.caller, curriculum_version_id)
    file = files.find(call.session, queries.file_of(found, curriculum_module_id, curriculum_file_id))
    return Download(files.read(call.session, file.id), file.name, file.media_type, inline=True)


@versions.post(f"{_FILE}/removal", **_CHANGED)
def detach_file(
    call: Call, curriculum_version_id: UUID, curriculum_module_id: UUID, curriculum_file_id: UUID
) -> dict[str, Any]:
    """Take a file out of a module of a draft."""
    which = _which(call, curriculum_version_id, module_id=curriculum_module_id, file_id=curriculum_file_id)
    write_modules.detach_file(call.session, call.caller, **which)
    return _shown(call, curriculum_version_id)


@versions.post(f"{_ONE}/proposal", **_CHANGED)
def propose(call: Call, curriculum_version_id: UUID) -> dict[str, Any]:
    """From now on the version says what it says, and is accepted by the three voices."""
    keep_curriculum.propose_version(call.session, call.caller, **_which(call, curriculum_version_id))
    return _shown(call, curriculum_version_id)


@versions.post(f"{_ONE}/withdrawal", body=schemas.CurriculumWithdrawalIn, **_CHANGED)
def withdraw(call: Call, body: dict[str, Any], curriculum_version_id: UUID) -> dict[str, Any]:
    """Nothing more is planned with the version, with the reason."""
    keep_curriculum.withdraw_version(call.session, call.caller, **_which(call, curriculum_version_id), **body)
    return _shown(call, curriculum_version_id)


@versions.post(f"{_ONE}/contributions", body=schemas.ContributionIn, **_SHOWN)
def say(call: Call, body: dict[str, Any], curriculum_version_id: UUID) -> dict[str, Any]:
    """Contribute to a version or a module, as a teacher (trainer) or as an expert (technician, coordinator)."""
    contribute.contribute(call.session, call.caller, version_id=curriculum_version_id, **body)
    return _shown(call, curriculum_version_id)


@versions.post(
    f"{_ONE}/contributions/<uuid:contribution_id>/answer", body=schemas.ContributionAnswerIn, status=200, **_SHOWN
)
def answer(call: Call, body: dict[str, Any], curriculum_version_id: UUID, contribution_id: UUID) -> dict[str, Any]:
    """Say what was made of a contribution, and why."""
    which: dict[str, Any] = {"version_id": curriculum_version_id, "contribution_id": contribution_id}
    contribute.answer_contribution(call.session, call.caller, **which, **body)
    return _shown(call, curriculum_version_id)


@versions.post(f"{_ONE}/acceptances", body=schemas.AcceptanceIn, **_SHOWN)
def accept(call: Call, body: dict[str, Any], curriculum_version_id: UUID) -> dict[str, Any]:
    """Accept exactly what was read, as a teacher (trainer) or as an expert (technician, coordinator)."""
    accept_curriculum.accept_version(call.session, call.caller, version_id=curriculum_version_id, **body)
    return _shown(call, curriculum_version_id)


@of_groups.get("/<uuid:group_id>/curriculum", returns=schemas.GroupCurriculumOut, allow=READERS)
def show_of_group(call: Call, group_id: UUID) -> dict[str, Any]:
    """The curriculum of a group: who must still accept it, and the hours of each module planned and held."""
    return _of_group(call, group_id)


@of_groups.post(
    "/<uuid:group_id>/curriculum", body=schemas.GroupCurriculumIn, returns=schemas.GroupCurriculumOut, allow=TEAM
)
def choose(call: Call, body: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """From now on the group learns by this version."""
    choose_curriculum(call.session, call.caller, group_id=group_id, **body)
    return _of_group(call, group_id)


def _which(call: Call, curriculum_version_id: UUID, **more: UUID) -> dict[str, Any]:
    return {"version_id": curriculum_version_id, "version": call.if_match, **more}


def _shown(call: Call, curriculum_version_id: UUID) -> dict[str, Any]:
    shown = queries.show_version(call.session, call.caller, curriculum_version_id)
    return shown | {name: named(call, shown[name]) for name in ("acceptances", "contributions")}


def _of_group(call: Call, group_id: UUID) -> dict[str, Any]:
    shown = show_group_curriculum(call.session, call.caller, group_id)
    if taught := shown["curriculum"]:
        taught["acceptances"] = named(call, taught["acceptances"])
    return shown


def named(call: Call, rows: list[dict[str, Any]], own: str = "by_name") -> list[dict[str, Any]]:
    """The rows of who spoke with their `name`: a woman's as the registry shows it to the caller."""
    women = [row for row in rows if row["entrepreneur_id"] and row["enterprise_id"]]
    told = {row["id"]: row["name"] for row in with_names(call, women)} if women else {}
    return [{**row, "name": told.get(row["id"], row[own])} for row in rows]
