"""What people score a chain by, where data say nothing."""

from typing import Any
from uuid import UUID

import click

from services.territory.cli.asking import MANY, database, operator
from services.territory.queries.scores import list_scores, show_score
from services.territory.rules.selecting import CANDIDATES, CRITERIA, HIGHEST
from services.territory.use_cases.score_chain import score_again, score_chain

_SCORE = click.IntRange(0, HIGHEST)


@click.group()
def scores() -> None:
    """Scores of the selection matrix."""


@scores.command("list")
@click.option("--unit", default=None, help="Of this place alone: an official code.")
@click.option("--chain", type=click.Choice(CANDIDATES), default=None)
@click.pass_obj
def list_(house: Any, unit: str | None, chain: str | None) -> None:
    """The scores, latest first, with their evidence."""
    with database(house).reading() as session:
        rows = list_scores(session, operator(), {"unit": unit, "chain": chain}, limit=MANY, after=None).rows
    for row in rows:
        told = "-" if row["score"] is None else row["score"]
        click.echo(
            f"{row['id']}  {row['unit']:<6}  {row['chain']:<16} {row['criterion']:<18} {told}  {row['evidence']}"
        )


@scores.command("show")
@click.argument("score_id", type=click.UUID)
@click.pass_obj
def show_(house: Any, score_id: UUID) -> None:
    """One score with everything that it was, the latest first."""
    with database(house).reading() as session:
        row = show_score(session, operator(), score_id)
    click.echo(f"{row['unit']}  {row['chain']}  {row['criterion']}")
    for said in row["history"]:
        told = "-" if said["score"] is None else said["score"]
        click.echo(f"  {said['at']:%Y-%m-%d}  {told}  {said['evidence']} ({said['by']})")


@scores.command()
@click.argument("unit")
@click.argument("chain", type=click.Choice(CANDIDATES))
@click.argument("criterion", type=click.Choice(CRITERIA))
@click.argument("score", type=_SCORE)
@click.option("--evidence", required=True)
@click.pass_obj
def give(house: Any, /, **told: Any) -> None:
    """Score CHAIN in UNIT by CRITERION for the first time."""
    with database(house).transaction() as session:
        click.echo(score_chain(session, operator(), **told).id)


@scores.command()
@click.argument("score_id", type=click.UUID)
@click.option("--score", type=_SCORE, default=None, help="Left out: the score is taken back.")
@click.option("--evidence", required=True)
@click.pass_obj
def change(house: Any, score_id: UUID, score: int | None, evidence: str) -> None:
    """Score anew what has the id SCORE_ID, or take the score back."""
    with database(house).transaction() as session:
        score_again(session, operator(), score_id, score=score, evidence=evidence, version=None)


COMMANDS = (scores,)
