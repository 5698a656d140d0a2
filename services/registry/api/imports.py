"""Imports of the field inventory."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.registry.api.import_schemas import ImportForm, ImportOut, ImportRow, MappingIn, MappingOut
from services.registry.intake import form, template
from services.registry.intake.corrections import rows_to_correct
from services.registry.intake.dialects import columns_to_map
from services.registry.intake.guessing import FIELDS
from services.registry.models import ImportRun
from services.registry.models.intake import OVER
from services.registry.queries import imports as queries
from services.registry.rules.visibility import EDITORS
from services.registry.use_cases.import_inventory import (
    commit_dry_run,
    end_abandoned,
    find_run,
    receive_inventory,
    tell_columns,
)
from services.registry.use_cases.undo_import import ask_to_undo, hindrances, undoing
from shared import files, jobs
from shared.kernel import Refused
from shared.sandbox import run_limited
from shared.spreadsheets import CSV, XLSX, as_csv
from shared.web import Call, Download, Page, Resource

_IMPORTERS = EDITORS | {"network_coordinator"}
_READERS = _IMPORTERS | {"auditor"}
_REPORTED = ("sheet", "row", "column", "code", "message", "suggestion")

resource = Resource("imports", prefix="/imports", description="Imports of the field inventory.")


@resource.get(returns=ImportRow, paged=True, allow=_READERS)
def list_(call: Call) -> Page:
    """The caller's imports, latest first; a coordinator's list holds those of her whole territory."""
    return queries.list_imports(call.session, call.caller, limit=call.limit, after=call.after)


@resource.post(status=202, upload=True, body=ImportForm, returns=ImportOut, allow=_IMPORTERS)
def receive(call: Call) -> dict[str, Any]:
    """Bring a file in. The worker takes it from there: ask for the import until its state is done or failed. With
    `dry_run` nothing is written but the report.
    """
    upload = call.upload
    if upload is None:
        raise Refused("upload.missing")
    run = receive_inventory(
        call.session,
        call.caller,
        content=upload.content,
        name=upload.name,
        sha256=hashlib.sha256(upload.content).hexdigest(),
        dry_run=call.form["dry_run"] == "true",
    )
    return _shown(call, run.id)


@resource.get("/template.xlsx", download=True, allow=_READERS, scoped=False)
def template_workbook(call: Call) -> Download:
    """Our own template, to be filled in and brought in like any other file."""
    del call
    return Download(template.template_xlsx(), "plantilla-inventario.xlsx", XLSX)


@resource.get("/template.csv", download=True, allow=_READERS, scoped=False)
def template_table(call: Call) -> Download:
    """The same template as a table: UTF-8 with a byte order mark and semicolons."""
    del call
    return Download(template.template_csv(), "plantilla-inventario.csv", CSV)


@resource.get("/<uuid:import_id>", returns=ImportOut, allow=_READERS)
def show(call: Call, import_id: UUID) -> dict[str, Any]:
    """How an import stands, and its report once it is done."""
    return _shown(call, import_id)


@resource.post("/<uuid:import_id>/commit", status=202, returns=ImportOut, allow=_IMPORTERS)
def commit(call: Call, import_id: UUID) -> dict[str, Any]:
    """Take in for real the file of a dry run."""
    queries.visible_import(call.session, call.caller, import_id)
    run = commit_dry_run(call.session, call.caller, find_run(call.session, import_id))
    return _shown(call, run.id)


@resource.get("/<uuid:import_id>/mapping", returns=MappingOut, allow=_IMPORTERS)
def columns(call: Call, import_id: UUID) -> dict[str, Any]:
    """The columns of somebody's own table, with samples and what each is taken for, by its header or what stands in
    it; a column told before keeps what was told.
    """
    run = queries.visible_import(call.session, call.caller, import_id)
    if run.file_id is None:
        raise Refused("import.file_gone")
    found = run_limited(columns_to_map, files.read(call.session, run.file_id))
    if run.mapping is not None:
        found = [column | {"field": run.mapping.get(str(column["position"]))} for column in found]
    questions = [{"field": name, "title": form.title_of(name), "needed": name in form.ESSENTIAL} for name in FIELDS]
    return {"columns": found, "questions": questions}


@resource.post("/<uuid:import_id>/mapping", status=202, body=MappingIn, returns=ImportOut, allow=_IMPORTERS)
def tell(call: Call, body: dict[str, Any], import_id: UUID) -> dict[str, Any]:
    """Say which question each column answers, and try the file with that, or take it in (`dry_run` false)."""
    queries.visible_import(call.session, call.caller, import_id)
    told = {column["position"]: column["field"] for column in body["columns"]}
    run = tell_columns(call.session, call.caller, find_run(call.session, import_id), told, dry_run=body["dry_run"])
    return _shown(call, run.id)


@resource.post("/<uuid:import_id>/cancel", status=200, returns=ImportOut, allow=_IMPORTERS)
def cancel(call: Call, import_id: UUID) -> dict[str, Any]:
    """Stop an import that is under way; what was taken in already stays, and a second import goes on from there."""
    run = queries.visible_import(call.session, call.caller, import_id)
    if run.job_id is not None:
        jobs.cancel(call.session, replace(call.caller, subject=run.started_by), run.job_id)
        end_abandoned(call.session)
    return _shown(call, import_id)


@resource.post("/<uuid:import_id>/undo", status=202, returns=ImportOut, allow=_IMPORTERS)
def undo(call: Call, import_id: UUID) -> dict[str, Any]:
    """Undo an import: all that it changed stands as it stood before, whole or not at all. Refused where later work
    stands on it. The worker does it: ask for the import until `undo.state` is `undone`. Asking twice is asking once.
    """
    queries.visible_import(call.session, call.caller, import_id)
    ask_to_undo(call.session, call.caller, find_run(call.session, import_id))
    return _shown(call, import_id)


@resource.get("/<uuid:import_id>/problems.csv", download=True, allow=_READERS)
def problems(call: Call, import_id: UUID) -> Download:
    """The report as a table: UTF-8 with a byte order mark and semicolons, as spreadsheets here expect it."""
    run = queries.visible_import(call.session, call.caller, import_id)
    rows = queries.problems_of(call.session, import_id, _speaker(call))
    name = f"{run.file_name.rsplit('.', 1)[0]}-problemas.csv"
    return Download(as_csv(_REPORTED, ([row[column] for column in _REPORTED] for row in rows)), name, CSV)


@resource.get("/<uuid:import_id>/corrections.xlsx", download=True, allow=_IMPORTERS)
def corrections(call: Call, import_id: UUID) -> Download:
    """Only the rows with problems, in the columns of the template, each problem beside its cell: to be put right and
    sent again. Refused once the file is not kept any more, which is soon after it was taken in.
    """
    run = queries.visible_import(call.session, call.caller, import_id)
    if run.file_id is None:
        raise Refused("import.file_gone")
    told = queries.problems_of(call.session, import_id, _speaker(call))
    found = run_limited(rows_to_correct, files.read(call.session, run.file_id), told, run.mapping)
    name = f"{run.file_name.rsplit('.', 1)[0]}-por-corregir.xlsx"
    return Download(template.corrections_xlsx(found["rows"], found["notices"]), name, XLSX)


def _speaker(call: Call) -> queries.Speak:
    def speak(code: str, facts: Mapping[str, Any]) -> str:
        sentence: str = call.context.sentence(code, facts, call.language)
        return sentence

    return speak


def _shown(call: Call, import_id: UUID) -> dict[str, Any]:
    speak = _speaker(call)
    shown = queries.show_import(call.session, call.caller, import_id, speak)
    return shown | {"undo": _undo_of(call, queries.visible_import(call.session, call.caller, import_id), speak)}


def _undo_of(call: Call, run: ImportRun, speak: queries.Speak) -> dict[str, Any] | None:
    """Whether the import can be undone, or was; None for what changed nothing."""
    removes, restores = queries.changes_of(call.session, run.id)
    if run.dry_run or run.state not in OVER or removes + restores == 0:
        return None
    way = [] if run.undone_at else hindrances(call.session, run)
    if run.undone_at is None and run.undo_refusal == "permission.out_of_scope":
        way.append((run.undo_refusal, removes + restores))
    state = (
        "undone" if run.undone_at else "under_way" if undoing(call.session, run) else "hindered" if way else "possible"
    )
    return {
        "state": state,
        "removes": removes,
        "restores": restores,
        "undone_at": run.undone_at,
        "undone_by_name": run.undone_by_name,
        "hindrances": [{"code": code, "detail": speak(code, {"count": count})} for code, count in way],
    }
