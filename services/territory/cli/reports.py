"""What is published and printed of municipalities, departments and value chains."""

import getpass
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from services.territory import reference
from services.territory.composition import Composition
from services.territory.queries import views
from services.territory.queries.report_subjects import (
    CHAIN,
    MUNICIPAL,
    Subject,
    department_of,
    departmental,
    municipal,
    of_chain,
    territory_of,
)
from services.territory.queries.reports import report_of, shapes_of
from services.territory.use_cases.print_many import PACKED, Press, chains_in, print_many, subjects
from services.territory.use_cases.print_report import FORMATS, PrintedReport, issue_report
from services.territory.use_cases.publish_figures import ensure_published, publish_figures
from shared import i18n, places
from shared.identity import Caller
from shared.service import Service

HASHES = "reports.json"
"""Lies beside the reports of a folder: the hash of what each says."""


@click.command()
@click.argument("units", metavar="PLACE...", nargs=-1, required=True)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--chain", help="Of this value chain (such as coffee) in a department, a country or several PLACEs.")
@click.option("--language", type=click.Choice(i18n.LANGUAGES), default="es", show_default=True)
@click.option("--format", "form", type=click.Choice(FORMATS), default="pdf", show_default=True)
@click.pass_obj
def report(house: Any, /, units: tuple[str, ...], output: Path, chain: str | None, language: str, form: str) -> None:
    """Write the report of PLACE: of a municipality (HN1709), of a department (HN17), of a country or of several places
    together, or of a value chain in them.
    """
    service: Service = house.service("territory")
    context: Composition = service.web.extensions["context"]
    caller = Caller.operator(getpass.getuser())
    subject = _subject(caller, units, chain)
    ensure_published(service.database, caller, subject.selection.departments)
    with service.database.transaction() as session:
        view = views.published(session, subject.selection)
        printed = PrintedReport(report_of(session, view, subject, context.words(language), language=language), language)
        issue_report(session, printed.issue)
        shapes = shapes_of(session, printed.report) if form == "gpkg" else {}
    output.write_bytes(printed.written(form, context.words(language), shapes, context.public_url))
    click.echo(f"{output}: {printed.report['name']}")


def _subject(caller: Caller, units: Sequence[str], chain: str | None) -> Subject:
    if chain:
        return of_chain(chain, views.units_asked(caller, units))
    if len(units) > 1 or len(units[0]) < len("HN17"):
        return territory_of(caller, units)
    if len(units[0]) == len("HN17"):
        return departmental(department_of(caller, units[0]))
    return municipal(views.municipality_of(caller, units[0]))


@click.command()
@click.option("--all", "units", multiple=True, required=True, help="A country, department or municipality; repeat.")
@click.option("-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--kind", "kinds", multiple=True, type=click.Choice(PACKED), default=(MUNICIPAL,), show_default=True)
@click.option("--language", type=click.Choice(i18n.LANGUAGES), default="es", show_default=True)
@click.option("--format", "form", type=click.Choice(FORMATS), default="pdf", show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@click.pass_obj
def reports(house: Any, /, units: tuple[str, ...], output: Path, **how: Any) -> None:
    """Write the reports of every place in UNITs into a folder. Begun again, it makes only those that are not there yet
    or would say something else by now.
    """
    service: Service = house.service("territory")
    context: Composition = service.web.extensions["context"]
    caller = Caller.operator(getpass.getuser())
    inside = views.units_asked(caller, units)
    departments = sorted({code[:4] for code in reference.municipalities() if code.startswith(inside)})
    _publish(service, caller, departments)
    chains: dict[str, list[str]] = {}
    if CHAIN in how["kinds"]:
        with service.database.reading() as session:
            chains = chains_in(session, departments)
    wanted = subjects(inside, how["kinds"], chains)
    press = Press(service.settings.database_url, context.locale, context.public_url, how["language"], how["form"])
    output.mkdir(parents=True, exist_ok=True)
    made = _written(service, press, wanted, output, how["processes"])
    click.echo(f"{output}: {made} new of {len(wanted)}")


def _publish(service: Service, caller: Caller, departments: Sequence[str]) -> None:
    """This month's publication of each department exists."""
    with click.progressbar(departments, label="Publications", file=sys.stderr) as shown:
        for department in shown:
            ensure_published(service.database, caller, [department])


def _written(service: Service, press: Press, wanted: Sequence[Subject], output: Path, processes: int) -> int:
    """How many reports were written; the others were there already."""
    listed = output / HASHES
    have = json.loads(listed.read_bytes()) if listed.exists() else {}
    have = {name: digest for name, digest in have.items() if (output / name).exists()}
    made = 0
    with click.progressbar(length=len(wanted), label="Reports", file=sys.stderr) as shown:
        for papers in print_many(press, wanted, processes=processes, have=have):
            for paper in papers:
                if paper.content is not None:
                    (output / paper.name).write_bytes(paper.content)
                    made += 1
            have |= {paper.name: paper.issue.hash for paper in papers}
            listed.write_text(json.dumps(have, indent=1, sort_keys=True))
            with service.database.transaction() as session:
                for paper in papers:
                    issue_report(session, paper.issue)
            shown.update(len(papers))
    return made


@click.command()
@click.argument("department")
@click.pass_obj
def publish(house: Any, department: str) -> None:
    """Publish the figures of DEPARTMENT (such as HN17) of today in place of this month's."""
    service: Service = house.service("territory")
    with service.database.transaction() as session:
        made = publish_figures(session, Caller.operator(getpass.getuser()), department)
        click.echo(f"{places.name_of(made.department)}: {made.month}")


COMMANDS = (report, reports, publish)
