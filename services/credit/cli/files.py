"""The commands of applications: `eligibility`, `pipeline`, `file`, `attach`."""

from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.credit.cli.terminal import fund_called, numbered, operator, reading, table, writing
from services.credit.models import Application
from services.credit.queries import files as file_queries
from services.credit.queries.eligibility import eligibility as eligibility_of
from services.credit.queries.pipeline import pipeline as stages_of
from services.credit.rules.completeness import KINDS
from services.credit.use_cases import find
from services.credit.use_cases.keep_file import attach_paper
from shared import places
from shared.kernel import Refused
from shared.papers import LARGEST_FILE


@click.command()
@click.argument("enterprise", type=click.UUID)
@click.option("--fund", required=True, help="The code of the fund.")
@click.pass_obj
def eligibility(house: Any, enterprise: UUID, fund: str) -> None:
    """Whether a fund may lend to ENTERPRISE (its id) today: each rule, what it asks, what is known."""
    with reading(house) as session:
        try:
            asking = find.enterprise(session, operator(), enterprise)
        except Refused as refusal:
            raise click.ClickException(str(refusal)) from refusal
        told = eligibility_of(session, fund_called(session, fund), asking)
    checks = told["checks"]
    if all(check["rule"] != told["coherence"]["rule"] for check in checks):
        checks = [*checks, told["coherence"]]
    asked = {check["rule"] for check in told["checks"]}
    table(
        ("rule", "asked", "known", "result"),
        (
            (
                check["rule"],
                _said(check["needed"]) if check["rule"] in asked else "not asked",
                "not known" if check["known"] is None else _said(check["known"]),
                "met" if check["met"] else "not met",
            )
            for check in checks
        ),
    )
    known = f" (known since {told['needs_on']})" if told["needs_on"] else ""
    click.echo(f"needs: {', '.join(told['needs']) or 'none'}{known}")
    click.echo("eligible" if told["eligible"] else f"not eligible: {', '.join(told['failed_rules'])}")


def _said(facts: dict[str, Any]) -> str:
    """`at_least 12, within_months 24`."""
    told = ((name, " / ".join(map(str, value)) if isinstance(value, list) else value) for name, value in facts.items())
    return ", ".join(f"{name} {value}" for name, value in told)


@click.command()
@click.option("--fund", default=None, help="The code of a fund; all of them unless given.")
@click.pass_obj
def pipeline(house: Any, fund: str | None) -> None:
    """The applications that wait, stage by stage, those that have waited longest first."""
    with reading(house) as session:
        asked = {"fund": fund_called(session, fund).id if fund else None}
        stages = stages_of(session, operator(), asked)
    for stage in stages:
        amounts = ", ".join(f"{amount} {amount.currency}" for amount in stage["amounts"])
        late = f", {stage['late']} late" if stage["late"] else ""
        click.echo(f"{stage['state']}: {stage['count']}, {amounts}{late}")
        table(
            ("application", "municipality", "amount", "days", ""),
            (
                (
                    row["number"],
                    places.full_name(row["municipality"]),
                    row["amount"],
                    row["days_in_stage"],
                    "late" if row["late"] else "",
                )
                for row in stage["items"]
            ),
        )
        if stage["count"] > len(stage["items"]):
            click.echo(f"and {stage['count'] - len(stage['items'])} more")
    if not stages:
        click.echo("Nothing is waiting.")


@click.command()
@click.argument("application")
@click.pass_obj
def file(house: Any, application: str) -> None:
    """The papers in the file of APPLICATION (its number), and what the regulations want beside them."""
    with reading(house) as session:
        held = file_queries.held(session, numbered(session, Application, application))
    table(
        ("paper", "name", "since", "by"),
        ((row["kind"], row["name"], row["added_at"].date(), row["added_by_name"]) for row in held["attachments"]),
    )
    for piece in held["lacking"]:
        click.echo(f"missing: {piece['name']} ({piece['held']} of {piece['needed']} {piece['kind']})")
    click.echo("complete" if held["complete"] else "not complete")


@click.command()
@click.argument("application")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def attach(house: Any, application: str, kind: str, path: Path) -> None:
    """Put the PDF or picture at PATH into the file of APPLICATION (its number) as a paper of this KIND."""
    if path.stat().st_size > LARGEST_FILE:
        raise click.BadParameter(f"{path.name} is larger than {LARGEST_FILE // 1_000_000} MB", param_hint="PATH")
    with writing(house) as session:
        found = numbered(session, Application, application)
        attach_paper(session, operator(), application_id=found.id, kind=kind, name=path.name, content=path.read_bytes())
        lacking = found.lacking()
    click.echo("complete" if not lacking else f"still missing: {'; '.join(map(str, lacking))}")


COMMANDS = (eligibility, pipeline, file, attach)
