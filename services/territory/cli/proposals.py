"""Proposals: where they stand, a new one from a file, the next step, a correction, and the indicators."""

import getpass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.territory.api.proposals_schemas import ProposalIn
from services.territory.models import Proposal
from services.territory.queries.influence import DIMENSIONS, influence
from services.territory.queries.proposals import all_proposals, show_proposal
from services.territory.rules.proposals import STATES, STEPS
from services.territory.use_cases.follow_proposal import advance_proposal, correct_proposal
from services.territory.use_cases.propose import proposal_in_scope, propose
from shared import places
from shared.identity import Caller
from shared.kernel import COUNTRY_CURRENCY, Money, clock
from shared.service import Service
from shared.web.body import parse_json
from shared.web.schemas import load

DAY = click.DateTime(["%Y-%m-%d"])
LARGEST = 1_000_000


@click.group()
def proposal() -> None:
    """Proposals of women's organizations and the centre, and what becomes of them."""


@proposal.command("list")
@click.option("--unit", default=None, help="That place and what lies in it: an official code.")
@click.option("--state", type=click.Choice(STATES), default=None)
@click.option("--year", type=int, default=None, help="The year it was proposed.")
@click.pass_obj
def list_(house: Any, /, **told: Any) -> None:
    """The proposals, latest first."""
    service: Service = house.service("territory")
    with service.database.reading() as session:
        for row in all_proposals(session, _operator(), told):
            asked = f"{row['asked']} {row['currency']}"
            click.echo(f"{row['id']}  {row['unit']:<6}  {row['state']:<9}  {row['days_at_state']:>4} d  {asked:>18}")
            click.echo(f"  {row['title']} ({row['organization']}, {places.name_of(row['unit'])})")


@proposal.command()
@click.argument("proposal_id", type=click.UUID)
@click.pass_obj
def show(house: Any, proposal_id: UUID) -> None:
    """The way of the proposal with this id: its steps, acts and amounts."""
    service: Service = house.service("territory")
    with service.database.reading() as session:
        row = show_proposal(session, _operator(), proposal_id)
    click.echo(f"{row['title']} ({row['organization']}): {row['asked']} {row['currency']}")
    for step in row["steps"]:
        mark = "*" if step["corrects"] else " "
        told = [step["act"], str(step["amount"]) if step["amount"] else None, step["reason"], step["recorded_by_name"]]
        said = " · ".join(filter(None, told))
        click.echo(f"{mark} {step['number']:>2}  {step['day']}  {step['days']:>4} d  {step['state']:<9}  {said}")


@proposal.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def write(house: Any, file: Path) -> None:
    """Write the proposal in FILE down: JSON as the API takes it (POST /proposals)."""
    if file.stat().st_size > LARGEST:
        raise click.BadParameter(f"{file.name} is larger than {LARGEST // 1_000_000} MB", param_hint="FILE")
    told = load(ProposalIn(), parse_json(file.read_bytes()))
    service: Service = house.service("territory")
    with service.database.transaction() as session:
        click.echo(propose(session, _operator(), told).id)


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


@click.command("influence")
@click.option("--unit", default=None, help="That place and what lies in it: an official code.")
@click.option("--year", type=int, default=None, help="The year they were proposed.")
@click.option("--by", type=click.Choice(DIMENSIONS), default=None)
@click.pass_obj
def influence_(house: Any, /, **told: Any) -> None:
    """What came of the proposals, and the seats that women's organizations hold."""
    service: Service = house.service("territory")
    with service.database.reading() as session:
        found = influence(session, _operator(), told)
    for row in found["rows"] or found["total"]:
        shares = [row["inclusion_rate"], row["approved_share"], row["executed_share"]]
        written = "  ".join("–" if share is None else f"{share:.1%}" for share in shares)  # noqa: RUF001
        counts = f"{row['included']}/{row['submitted']}/{row['proposals']}"
        click.echo(f"{row['key'] or '*'}  {row['currency']}  {counts}  {written}")
    for pace in found["steps"]:
        if pace["n"]:
            click.echo(f"  {pace['state']:<9}  n={pace['n']}  {pace['median_days']:g} d")
    click.echo(f"  {found['women_seats']}/{found['all_seats']}  {found['day']}")


def _record(house: Any, use_case: Any, proposal_id: UUID, told: dict[str, Any]) -> None:
    service: Service = house.service("territory")
    day, amount = told.pop("day"), told.pop("amount")
    with service.database.transaction() as session:
        found: Proposal = proposal_in_scope(session, _operator(), proposal_id)
        money = None if amount is None else Money.parse(amount, COUNTRY_CURRENCY[found.unit[:2]])
        on = day.date() if isinstance(day, datetime) else clock.today()
        done = use_case(session, _operator(), proposal_id, version=None, day=on, amount=money, **told)
        click.echo(f"{done.state}  {done.since}")


def _operator() -> Caller:
    return Caller.operator(getpass.getuser())


COMMANDS = (proposal, influence_)
