"""`csem registry …`: the inventory itself, its imports and its lists."""

import hashlib
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import click
import orjson

from services.registry.cli.house import directly, progress, ready
from services.registry.cli.own_tables import ColumnTold, columns_of, tell_columns, write_corrections
from services.registry.codes import activities
from services.registry.composition import Composition
from services.registry.intake.template import template_csv, template_xlsx
from services.registry.intake.xlsform import form_version, form_xlsx
from services.registry.jobs import ASKING
from services.registry.models import ImportRun
from services.registry.queries import canonical
from services.registry.queries.dashboard import dashboard
from services.registry.queries.drafts import list_drafts
from services.registry.queries.enterprises import list_enterprises
from services.registry.queries.imports import changes_of, report_of
from services.registry.queries.institutions import list_institutions
from services.registry.rules.activities import found
from services.registry.rules.drafts import STATES
from services.registry.rules.rubrics import SUBJECTS
from services.registry.upkeep import grow_stale
from services.registry.use_cases.adopt_rubric import edition_on
from services.registry.use_cases.announce import announce_inventory
from services.registry.use_cases.import_here import carrying_out, end_killed
from services.registry.use_cases.import_inventory import begin_import
from services.registry.use_cases.undo_import import hindrances
from shared import i18n, places
from shared.kernel import Invalid, Refused, clock
from shared.service import Service
from shared.web.schemas import to_json
from shared.workbooks import AT_HAND

_LARGEST = AT_HAND.file_bytes
_STANDINGS = {"future": "aún no", "in_force": "vigente", "expiring": "vence pronto", "over": "vencido"}


@click.group("registry")
def group() -> None:
    """The inventory of women's enterprises."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what the import would do, and write nothing.")
@click.option(
    "--columns",
    "told",
    type=ColumnTold(),
    multiple=True,
    help="What a column of a table of one's own answers, as in 3=nombres; once for each.",
)
@click.option(
    "--corrections",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rows with problems into this workbook (XLSX), to be put right and brought in again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--language", type=click.Choice(i18n.LANGUAGES), default="es", show_default=True)
@click.pass_obj
def import_(
    house: Any,
    file: Path,
    dry_run: bool,
    told: tuple[tuple[int, str], ...],
    corrections: Path | None,
    as_json: bool,
    language: str,
) -> None:
    """Take the field inventory in FILE (KoboToolbox, ODK Central, our template, or a table of one's own whose columns
    are told) into the registry. A table whose columns have to be told is refused with what they are taken for.

    Ends with 0 when the file was taken in (what is wrong with its rows is in the report), with 1 when it cannot be
    read or is broken off (what was taken in until then stays, and can be undone), or is taken in and too large for the
    corrections to be written; with 2 when the command was written wrongly.
    """
    columns = columns_of(told)
    service = ready(house)
    composition: Composition = service.web.extensions["context"]
    run, report = _take_in(service, composition, file, columns, dry_run=dry_run, language=language, quiet=as_json)
    if as_json:
        click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    else:
        _tell(report, dry_run=dry_run)
    if corrections is not None:
        count = write_corrections(file, corrections, report["problems"], run.mapping)
        click.echo(f"{count} filas por corregir en {corrections}." if count else "Nada por corregir.", err=True)


@group.command()
@click.pass_obj
def settle(house: Any) -> None:
    """Ask territory for the places that are still pending."""
    service = ready(house)
    changed = service.web.extensions["context"].work.settle(directly(service), None)
    click.echo(f"{changed} lugares resueltos.")


@group.command("activities")
@click.argument("words", nargs=-1, required=True)
def find_activities(words: tuple[str, ...]) -> None:
    """The sections and classes of CIIU Rev. 4 that WORDS (of a title, or a code) find."""
    for activity in found(activities(), " ".join(words)):
        click.echo(f"{activity.code:<5}{activity.title}")


@group.command("agreements")
@click.pass_obj
def tell_agreements(house: Any) -> None:
    """The agreements with institutions, and which of them expire within 60 days."""
    work = directly(ready(house))
    with work.reading() as session:
        institutions = list_institutions(session, work.caller, {})
    for agreement in [one for institution in institutions for one in institution["agreements"]]:
        state, until = _STANDINGS[agreement["standing"]], agreement["valid_until"] or "sin término"
        click.echo(f"{state:<14}{until}  {agreement['institution_name']}: {agreement['purpose']}")


@group.command("stale")
@click.pass_obj
def mark_stale(house: Any) -> None:
    """Mark the records whose check is older than their centre's months; run again, it finds nothing to do."""
    click.echo(f"{grow_stale(directly(ready(house)))} fichas por renovar.")


@group.command()
@click.pass_obj
def announce(house: Any) -> None:
    """Tell the other services what they have not heard yet of the records that stand, as after an upgrade that tells
    more of each. Broken off, it goes on where it was when it is begun again.
    """
    seen, told = announce_inventory(directly(ready(house), progress))
    click.echo(f"{seen} fichas; de {told} se avisó a los demás servicios.")


@group.command("rubric")
@click.argument("municipality", default="")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="On this day instead of today.")
@click.pass_obj
def tell_rubric(house: Any, municipality: str, day: datetime | None) -> None:
    """The rubric in force in MUNICIPALITY (a code such as HN1709), or the network's."""
    on = day.date() if day else clock.today()
    with directly(ready(house)).reading() as session:
        edition = edition_on(session, municipality, on)
    rubric = edition.rubric
    click.echo(f"Rúbrica {'del centro' if edition.centre_id else 'de la red'}, vigente desde {edition.valid_from}.")
    click.echo(
        f"Estratégico desde {rubric.strategic_from} puntos; la verificación vale {rubric.stale_after_months} meses."
    )
    for subject in SUBJECTS:
        click.echo(f"{subject:<16}peso {rubric.weights[subject]:>2}  mínimo {rubric.minimums[subject]}")
        for level, words in enumerate(rubric.levels[subject]):
            click.echo(f"  {level}  {words['es']}")


@group.command("find")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True)
@click.pass_obj
def find_records(house: Any, words: tuple[str, ...], limit: int) -> None:
    """The records that WORDS find: a name or a product as written or as it sounds, a place, a telephone, a document.

    Ends with 1 where nothing is found.
    """
    service = ready(house)
    work, sealer = directly(service), service.web.extensions["context"].sealer
    with work.reading() as session:
        page = list_enterprises(session, work.caller, {"q": " ".join(words)}, limit=limit, after=None, sealer=sealer)
    for row in page.rows:
        owners = ", ".join(f"{owner['given_names']} {owner['surnames']}" for owner in row["owners"])
        click.echo(f"{row['id']}  {row['name']} ({owners}), {row['municipality_name']}")
    if page.next:
        click.echo("Hay más: escriba más palabras, o pida más con --limit.", err=True)
    if not page.rows:
        click.echo("Nada se encuentra con esas palabras.", err=True)
        sys.exit(1)


@group.command("dashboard")
@click.option("--centre", type=click.UUID, help="Of one centre (its id); of everything where none is named.")
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON.")
@click.pass_obj
def tell_dashboard(house: Any, centre: UUID | None, as_json: bool) -> None:
    """What stands and what waits in the inventory."""
    work = directly(ready(house))
    with work.reading() as session:
        told = dashboard(session, work.caller, centre)
    if as_json:
        click.echo(to_json(told))
        return
    click.echo(f"{told['centre_name'] or 'Toda la red'}: {told['total']} registros")
    for one in [*told["groups"], {"name": "phases", "cells": told["phases"]}, *told["consents"]]:
        cells = [f"{cell['code']} {cell['count']}" for cell in one["cells"] if cell["count"]]
        click.echo(f"{one['name']:<16}{', '.join(cells) or '0'}")
    click.echo(f"{'visits':<16}made {told['visits_made']}, late {told['visits_late']}")


@group.command()
@click.argument("import_id", type=click.UUID)
@click.pass_obj
def undo(house: Any, import_id: UUID) -> None:
    """Undo the import IMPORT_ID: all that it changed stands as it stood before, whole or not at all.

    Ends with 0 when it is undone (or was before), with 1 where later work stands on it.
    """
    service = ready(house)
    work = directly(service)
    end_killed(service.database)
    service.web.extensions["context"].work.undo(work, import_id)
    with work.reading() as session:
        run = session.get_one(ImportRun, import_id)
        if run.undone_at is None:
            raise Refused(
                run.undo_refusal or "undo.under_way",
                count=dict(hindrances(session, run)).get(run.undo_refusal or "", 0),
            )
        removed, restored = changes_of(session, run.id)
    click.echo(f"Importación deshecha: {removed} registros quitados, {restored} como antes.")


@group.command()
@click.option("--xlsx", "kind", flag_value="xlsx", default=True, help="As a workbook with lists of answers (default).")
@click.option("--csv", "kind", flag_value="csv", help="As a table: UTF-8 with its mark, semicolons.")
@click.argument("file", type=click.File("wb"), default="-")
def template(kind: str, file: BinaryIO) -> None:
    """Write the template of the inventory into FILE (standard output where none is named)."""
    file.write(template_csv() if kind == "csv" else template_xlsx())


@group.command()
@click.argument("file", type=click.File("wb"), default="-")
def xlsform(file: BinaryIO) -> None:
    """Write our own field form (XLSForm, for KoboToolbox or ODK) into FILE (standard output where none is named)."""
    file.write(form_xlsx())
    click.echo(f"Versión {form_version()}", err=True)


@group.command("drafts")
@click.option("--state", type=click.Choice(STATES), default="waiting", show_default=True)
@click.pass_obj
def tell_drafts(house: Any, state: str) -> None:
    """The submissions that form servers sent one by one: those that wait to be looked at, or of another STATE."""
    work = directly(ready(house))
    after: str | None = None
    while True:
        with work.reading() as session:
            page = list_drafts(session, work.caller, state=state, limit=200, after=after)
        for row in page.rows:
            kind = "cambio" if row["known"] else "nuevo"
            place = places.full_name(row["municipality"])
            click.echo(f"{row['id']}  {row['changed_at']:%Y-%m-%d %H:%M}  {kind:<6}  {place}  {row['form']}")
        if page.next is None:
            return
        after = page.next


@group.command()
@click.pass_obj
def digest(house: Any) -> None:
    """Print the SHA-256 of all records in their canonical form: equal for equal registries, whatever their keys."""
    service = ready(house)
    sealer = service.web.extensions["context"].sealer
    with service.database.transaction() as session:  # all tables as of one moment
        click.echo(canonical.digest(session, sealer))


def _take_in(
    service: Service,
    composition: Composition,
    file: Path,
    columns: Mapping[int, str],
    *,
    dry_run: bool,
    language: str,
    quiet: bool,
) -> tuple[ImportRun, dict[str, Any]]:
    if file.stat().st_size > _LARGEST:
        raise Invalid("file.too_large", megabytes=file.stat().st_size // 1_000_000, maximum=_LARGEST // 1_000_000)
    work = directly(service, None if quiet else progress)
    end_killed(service.database)
    with file.open("rb") as content, ExitStack() as under_way:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        with work.transaction() as session:
            name = file.name[-200:]
            run = begin_import(session, work.caller, name=name, sha256=sha256, dry_run=dry_run, columns=columns)
            under_way.enter_context(carrying_out(service.database, run.id))
        try:
            composition.work.take_in(work, run.id, content, AT_HAND)
        except BaseException:
            click.echo(
                f"La importación se interrumpió. Lo que ya entró se quita con: csem registry undo {run.id}", err=True
            )
            raise
    with work.reading() as session:
        over = session.get_one(ImportRun, run.id)
        if over.refusal == ASKING:
            tell_columns(file)
        if over.refusal is not None:
            raise Invalid(over.refusal, **over.refusal_facts)
        return over, report_of(session, over, lambda code, facts: composition.sentence(code, facts, language))


def _tell(report: dict[str, Any], *, dry_run: bool) -> None:
    click.echo("Ensayo: no se guardó nada." if dry_run else "Importación terminada.")
    for name, label in (
        ("records", "envíos"),
        ("created", "nuevos"),
        ("updated", "cambiados"),
        ("unchanged", "iguales"),
    ):
        click.echo(f"  {report[name]:>6} {label}")
    click.echo(f"  {len(report['problems']):>6} avisos")
    for problem in report["problems"]:
        where = (
            f"{problem['sheet']}, fila {problem['row']}, {problem['column']}" if problem["row"] else problem["column"]
        )
        click.echo(f"- {where}: {problem['message']} {problem['suggestion']} [{problem['code']}]")
