"""What is published and printed of a municipality or a department."""

import getpass
from pathlib import Path
from typing import Any

import click

from services.territory.api.seeing import ensure_published
from services.territory.composition import Composition
from services.territory.queries import views
from services.territory.queries.report_subjects import municipal
from services.territory.queries.reports import report_of
from services.territory.use_cases.print_report import PrintedReport, issue_report
from services.territory.use_cases.publish_figures import publish_figures
from shared import i18n, places
from shared.identity import Caller
from shared.service import Service


@click.command()
@click.argument("municipality")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--language", type=click.Choice(i18n.LANGUAGES), default="es", show_default=True)
@click.pass_obj
def report(house: Any, municipality: str, output: Path, language: str) -> None:
    """Write the report of MUNICIPALITY (an official code, such as HN1709) as PDF."""
    service: Service = house.service("territory")
    context: Composition = service.web.extensions["context"]
    subject = municipal(views.municipality_of(Caller.operator(getpass.getuser()), municipality))
    ensure_published(service.database, Caller.operator(getpass.getuser()), subject.selection.departments)
    with service.database.transaction() as session:
        view = views.published(session, subject.selection)
        printed = PrintedReport(report_of(session, view, subject, context.words(language), language=language), language)
        issue_report(session, printed)
    output.write_bytes(printed.render(context.public_url))
    click.echo(f"{output}: {places.full_name(municipality)}")


@click.command()
@click.argument("department")
@click.pass_obj
def publish(house: Any, department: str) -> None:
    """Publish the figures of DEPARTMENT (such as HN17) of today in place of this month's."""
    service: Service = house.service("territory")
    with service.database.transaction() as session:
        made = publish_figures(session, Caller.operator(getpass.getuser()), department)
        click.echo(f"{places.name_of(made.department)}: {made.month}")


COMMANDS = (report, publish)
