"""`csem training questionnaire | measure | learned | evaluation | donor-report`."""

import getpass
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select

from services.training.composition import Composition
from services.training.documents.donor_report import MEDIA_TYPES
from services.training.models import LearningInstrument, TrainingGroup
from services.training.models.learning import MOMENTS
from services.training.queries.evaluation import evaluation as evaluate
from services.training.queries.learning_results import learning_result
from services.training.rules.learning.questionnaire import PURPOSES
from services.training.use_cases.measure_learning import open_measurement, write_instrument
from services.training.use_cases.print_donor_report import printed_report, told_report
from shared.database import Database
from shared.events.vocabulary import CHAINS
from shared.i18n import LANGUAGES
from shared.identity import Caller


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--code", required=True, help="What the questionnaire is known by, for example costos-precios.")
@click.option("--title", required=True)
@click.option("--purpose", type=click.Choice(PURPOSES), required=True)
@click.pass_obj
def questionnaire(house: Any, /, file: Path, **told: str) -> None:
    """Write the questions of FILE down as the next edition of a questionnaire."""
    with _database(house).transaction() as session:
        made = write_instrument(session, _operator(), questions=file.read_text(encoding="utf-8"), **told)
    click.echo(f"{made.code} {made.edition}: {len(made.items)}  {made.id}")


@click.command()
@click.argument("number", type=int)
@click.argument("code")
@click.option("--moment", type=click.Choice(MOMENTS), required=True)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day to answer.")
@click.pass_obj
def measure(house: Any, number: int, code: str, moment: str, until: datetime) -> None:
    """Ask group NUMBER the newest edition of the questionnaire CODE."""
    with _database(house).transaction() as session:
        group_id = session.scalar(select(TrainingGroup.id).where(TrainingGroup.number == number))
        if group_id is None:
            raise click.ClickException(f"There is no group {number}.")
        made = open_measurement(
            session,
            _operator(),
            group_id=group_id,
            instrument_id=_newest(session, code, None),
            moment=moment,
            closes_on=until.date(),
        )
    click.echo(str(made.id))


@click.command()
@click.argument("code")
@click.option("--edition", type=int, help="The newest one unless given.")
@click.option("--moment", type=click.Choice(MOMENTS[1:]), default=MOMENTS[1], show_default=True)
@click.option("--unit", help="Official code of a country, department or municipality.")
@click.option("--chain", type=click.Choice(CHAINS))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def learned(house: Any, /, code: str, edition: int | None, moment: str, as_json: bool, **filters: str | None) -> None:
    """What changed among the women who answered the questionnaire CODE both times."""
    with _database(house).reading() as session:
        told = learning_result(session, _operator(), _newest(session, code, edition), moment, filters)
    if as_json:
        click.echo(json.dumps(told, default=str))
        return
    matching = told["matching"]
    click.echo(f"{told['instrument']['title']}: {matching['both']} / {matching['women']}")
    if told["still_open"]:
        click.echo(f"Still taking answers, in no figure yet: {told['still_open']}")
    if told["score"]:
        click.echo(_line("score", told["score"]))
    for row in told["items"]:
        if row["change"]:
            click.echo(_line(str(row["number"]), row["change"]))


@click.command()
@click.option("--unit", help="Official code of a country, department or municipality.")
@click.option("--chain", type=click.Choice(CHAINS))
@click.pass_obj
def evaluation(house: Any, /, **filters: str | None) -> None:
    """Reaction, learning, behaviour and results of trainings, as JSON."""
    with _database(house).reading() as session:
        told = evaluate(session, _operator(), filters)
    click.echo(json.dumps(told, default=str))


@click.command("donor-report")
@click.option("--unit", help="Official code of a country, department or municipality.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The end of a month; of the last one unless given.")
@click.option("--format", "form", type=click.Choice(tuple(MEDIA_TYPES)), default="csv", show_default=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="es", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; printed unless given.")
@click.pass_obj
def donor_report(
    house: Any, /, unit: str | None, as_of: datetime | None, form: str, language: str, out: Path | None
) -> None:
    """Who was trained, for how long, who completed, and what was gained."""
    context: Composition = house.service("training").web.extensions["context"]
    with context.database.reading() as session:
        report = told_report(session, _operator(), context, unit=unit, as_of=as_of and as_of.date(), language=language)
    content, _ = printed_report(context, report, form, language)
    if out:
        out.write_bytes(content)
    else:
        click.echo(content.decode("utf-8-sig") if form == "csv" else content, nl=False)


def _line(name: str, change: dict[str, Any]) -> str:
    figures = f"{change['before']:7.1f} {change['after']:7.1f} {change['points']:+7.1f}"
    return f"{name:>6} {figures}  [{change['low']:.1f}; {change['high']:.1f}]"


def _newest(session: Any, code: str, edition: int | None) -> UUID:
    wanted = select(LearningInstrument.id).where(LearningInstrument.code == code)
    if edition is not None:
        wanted = wanted.where(LearningInstrument.edition == edition)
    found: UUID | None = session.scalar(wanted.order_by(LearningInstrument.edition.desc()).limit(1))
    if found is None:
        raise click.ClickException(f"There is no questionnaire {code}.")
    return found


def _operator() -> Caller:
    return Caller.operator(getpass.getuser())


def _database(house: Any) -> Database:
    found: Database = house.service("training").database
    return found


COMMANDS = [questionnaire, measure, learned, evaluation, donor_report]
