"""Imports of the field inventory."""

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.registry.api.import_schemas import ImportForm, ImportOut, ImportRow
from services.registry.queries import imports as queries
from services.registry.rules.visibility import EDITORS
from services.registry.use_cases.import_inventory import commit_dry_run, end_abandoned, find_run, receive_inventory
from shared import jobs
from shared.kernel import Refused
from shared.web import Call, Download, Page, Resource

_IMPORTERS = EDITORS | {"network_coordinator"}
_READERS = _IMPORTERS | {"auditor"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

resource = Resource("imports", prefix="/imports", description="Imports of the field inventory (KoboToolbox, XLSX).")


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


@resource.post("/<uuid:import_id>/cancel", status=200, returns=ImportOut, allow=_IMPORTERS)
def cancel(call: Call, import_id: UUID) -> dict[str, Any]:
    """Stop an import that is under way; what was taken in already stays, and a second import goes on from there."""
    run = queries.visible_import(call.session, call.caller, import_id)
    if run.job_id is not None:
        jobs.cancel(call.session, replace(call.caller, subject=run.started_by), run.job_id)
        end_abandoned(call.session)
    return _shown(call, import_id)


@resource.get("/<uuid:import_id>/problems.csv", download=True, allow=_READERS)
def problems(call: Call, import_id: UUID) -> Download:
    """The report as a table: UTF-8 with a byte order mark and semicolons, as spreadsheets here expect it."""
    run = queries.visible_import(call.session, call.caller, import_id)
    rows = queries.problems_of(call.session, import_id, _speaker(call))
    name = f"{run.file_name.rsplit('.', 1)[0]}-problemas.csv"
    return Download(_table(rows), name, "text/csv; charset=utf-8")


def _table(rows: list[dict[str, Any]]) -> bytes:
    columns = ("sheet", "row", "column", "code", "message", "suggestion")
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(row[name]) for name in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _speaker(call: Call) -> queries.Speak:
    def speak(code: str, facts: Mapping[str, Any]) -> str:
        sentence: str = call.context.sentence(code, facts, call.language)
        return sentence

    return speak


def _shown(call: Call, import_id: UUID) -> dict[str, Any]:
    return queries.show_import(call.session, call.caller, import_id, _speaker(call))
