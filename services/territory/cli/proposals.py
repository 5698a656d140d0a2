"""Proposals: where they stand, a new one from a file, the next step, a correction."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.territory.api import proposals as api
from services.territory.api.lists import FORMATS
from services.territory.api.proposals_schemas import ProposalIn, ProposalsTableQuery
from services.territory.cli.asking import DAY, LANGUAGE, asking, content_of, database, form_of, kept, operator, to_file
from services.territory.cli.proposal_papers import COMMANDS as PAPERS
from services.territory.models import Proposal
from services.territory.queries.proposals import all_proposals, board, show_proposal
from services.territory.rules.proposals import STATES, STEPS
from services.territory.use_cases.follow_proposal import advance_proposal, correct_proposal
from services.territory.use_cases.propose import proposal_in_scope, propose, rewrite_proposal
from shared import places
from shared.incoming import parse_json
from shared.kernel import COUNTRY_CURRENCY, Money, clock
from shared.web.schemas import load

LARGEST = 1_000_000


@click.group()
def proposal() -> None:
    """Proposals of women's organizations and the centre, and what becomes of them."""


@proposal.command("list")
@click.option("--unit", default=None, help="That place and what lies in it: an official code.")
@click.option("--state", type=click.Choice(STATES), default=None)
@click.option("--year", type=int, default=None, help="The year it was proposed.")
@to_file(required=False, about="Write the whole list into a .csv or .xlsx.")
@LANGUAGE
@click.pass_obj
def list_(house: Any, /, output: Path | None, language: str, **told: Any) -> None:
    """The proposals, latest first."""
    if output is not None:
        form = form_of(output, FORMATS)
        with asking(house, ProposalsTableQuery, told | {"format": form}, language=language) as call:
            kept(api.download(call), output)
        return
    with database(house).reading() as session:
        for row in all_proposals(session, operator(), told):
            asked = f"{row['asked']} {row['currency']}"
            click.echo(f"{row['id']}  {row['unit']:<6}  {row['state']:<9}  {row['days_at_state']:>4} d  {asked:>18}")
            click.echo(f"  {row['title']} ({row['organization']}, {places.name_of(row['unit'])})")


@proposal.command("board")
@click.option("--unit", default=None, help="That place and what lies in it: an official code.")
@click.pass_obj
def board_(house: Any, unit: str | None) -> None:
    """How many proposals stand at each state, what they ask, what was approved and executed, the oldest in days."""
    with database(house).reading() as session:
        for row in board(session, operator(), {"unit": unit}):
            amounts = "  ".join(f"{row[name]!s:>14}" for name in ("asked", "approved", "executed"))
            currency = row["asked"].currency
            click.echo(f"{row['state']:<9}  {row['proposals']:>4}  {amounts} {currency}  {row['oldest_days']} d")


@proposal.command()
@click.argument("proposal_id", type=click.UUID)
@click.pass_obj
def show(house: Any, proposal_id: UUID) -> None:
    """The way of the proposal with this id: its steps, acts and amounts."""
    with database(house).reading() as session:
        row = show_proposal(session, operator(), proposal_id)
    click.echo(f"{row['title']} ({row['organization']}): {row['asked']} {row['currency']}")
    for step in row["steps"]:
        mark = "*" if step["corrects"] else " "
        told = [step["act"], str(step["amount"]) if step["amount"] else None, step["reason"], step["recorded_by_name"]]
        said = " · ".join(filter(None, told))
        click.echo(f"{mark} {step['number']:>2}  {step['day']}  {step['days']:>4} d  {step['state']:<9}  {said}")
    for one in row["evidence"]:
        click.echo(f"  {one['id']}  {one['published']}  {one['kind']}  {one['hash'][:16]}")


@proposal.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def write(house: Any, file: Path) -> None:
    """Write the proposal in FILE down: JSON as the API takes it (POST /proposals)."""
    told = _told(file)
    with database(house).transaction() as session:
        click.echo(propose(session, operator(), told).id)


@proposal.command()
@click.argument("proposal_id", type=click.UUID)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def rewrite(house: Any, proposal_id: UUID, file: Path) -> None:
    """Write a proposal that was not submitted yet anew, as it stands in FILE (see `proposal write`)."""
    told = _told(file)
    with database(house).transaction() as session:
        rewrite_proposal(session, operator(), proposal_id, version=None, told=told)


def _step_options(command: Any) -> Any:
    """What a step and a correction are told with."""
    for option in (
        click.option("--reason", default=None, help="Wanted for a rejection and a correction."),
        click.option("--amount", default=None, help="What was approved or executed, such as 1250.00."),
        click.option("--council", "council_id", type=click.UUID, default=None),
        click.option("--act", default=None, help="The act that says so."),
        click.option("--on", "day", type=DAY, default=None, help="The day it happened; today by default."),
    ):
        command = option(command)
    return command


@proposal.command()
@click.argument("proposal_id", type=click.UUID)
@click.argument("state", type=click.Choice(STEPS))
@_step_options
@click.pass_obj
def advance(house: Any, /, *, proposal_id: UUID, **told: Any) -> None:
    """Record that the proposal with this id came to STATE."""
    _record(house, advance_proposal, proposal_id, told)


@proposal.command()
@click.argument("proposal_id", type=click.UUID)
@click.argument("state", type=click.Choice(STATES))
@_step_options
@click.pass_obj
def correct(house: Any, /, *, proposal_id: UUID, **told: Any) -> None:
    """The proposal with this id really stands at STATE; what was recorded stays beside it."""
    _record(house, correct_proposal, proposal_id, told)


def _told(file: Path) -> dict[str, Any]:
    told: dict[str, Any] = load(ProposalIn(), parse_json(content_of(file, LARGEST)))
    return told


def _record(house: Any, use_case: Any, proposal_id: UUID, told: dict[str, Any]) -> None:
    day, amount = told.pop("day"), told.pop("amount")
    with database(house).transaction() as session:
        found: Proposal = proposal_in_scope(session, operator(), proposal_id)
        money = None if amount is None else Money.parse(amount, COUNTRY_CURRENCY[found.unit[:2]])
        on = day.date() if isinstance(day, datetime) else clock.today()
        done = use_case(session, operator(), proposal_id, version=None, day=on, amount=money, **told)
        click.echo(f"{done.state}  {done.since}")


for one in PAPERS:
    proposal.add_command(one)
COMMANDS = (proposal,)
