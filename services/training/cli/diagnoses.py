"""`csem training diagnoses | diagnosis | benchmark | plans | plan | sme-link`."""

import getpass
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from services.training.api.sme_links import PURPOSE
from services.training.queries.action_plans import follow_up_board, show_plan
from services.training.queries.benchmarks import show_benchmark
from services.training.queries.diagnoses import list_diagnoses, show_diagnosis
from services.training.queries.sme_links import link_row
from services.training.rules.action_plans import STATES
from services.training.use_cases.link_sme import link_sme
from shared.database import Database
from shared.identity import Caller
from shared.tokens import Keyring

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_MOST = 10_000


@click.command()
@click.option("--sme", "sme_id", type=click.UUID, help="Of one firm.")
@_JSON
@click.pass_obj
def diagnoses(house: Any, sme_id: UUID | None, as_json: bool) -> None:
    """The diagnoses of firms, latest first."""
    with _database(house).reading() as session:
        rows = list_diagnoses(session, _operator(), {"sme_id": sme_id}, limit=_MOST, after=None).rows
    _print(rows, as_json, [f"{row['begun_on']}  {row['state']:<10} {row['id']}  {row['sme_name']}" for row in rows])


@click.command()
@click.argument("diagnosis_id", type=click.UUID)
@_JSON
@click.pass_obj
def diagnosis(house: Any, diagnosis_id: UUID, as_json: bool) -> None:
    """One diagnosis: its scores by area, exactly."""
    with _database(house).reading() as session:
        found = show_diagnosis(session, _operator(), diagnosis_id)
    lines = [
        f"{area['code']:<18} {_percent(area['score']):>7}  {area['exact'] or '-':>8}  "
        f"{area['answered']:>2}/{area['asked']}"
        for area in found["areas"]
    ]
    _print(found, as_json, [found["sme_name"], *lines, f"{'=':<18} {_percent(found['overall']):>7}"])


@click.command()
@_JSON
@click.pass_obj
def benchmark(house: Any, as_json: bool) -> None:
    """How firms stand beside each other: the mean of each group, small ones withheld."""
    with _database(house).reading() as session:
        found = show_benchmark(session, _operator(), live=True)
    lines = [
        f"{row['by']:<10} {row['label'] or row['value']:<30} {row['overall']['enterprises'] or '-':>5} "
        f"{_percent(row['overall']['mean']):>7}"
        for row in found["groups"]
    ]
    _print(found, as_json, lines)


@click.command()
@click.option("--state", type=click.Choice(STATES), help="Those whose plan is in this state.")
@_JSON
@click.pass_obj
def plans(house: Any, state: str | None, as_json: bool) -> None:
    """Where each firm stands: diagnosis, plan and light."""
    with _database(house).reading() as session:
        rows = follow_up_board(session, _operator(), {"plan_state": state}, limit=_MOST, after=None).rows
    lines = [
        f"{row['light']:<6} {row['plan_state'] or '-':<13} {_percent(row['overall']):>7}  "
        f"{row['plan_id'] or '-'}  {row['sme_name']}"
        for row in rows
    ]
    _print(rows, as_json, lines)


@click.command()
@click.argument("plan_id", type=click.UUID)
@_JSON
@click.pass_obj
def plan(house: Any, plan_id: UUID, as_json: bool) -> None:
    """One action plan."""
    with _database(house).reading() as session:
        found = show_plan(session, _operator(), plan_id)
    lines = [
        f"{one['number']:>2} {'*' if one['key'] else ' '} {one['begins_on']} {one['ends_on']}  {one['action']}"
        for one in found["actions"]
    ]
    _print(found, as_json, [f"{found['sme_name']}: {found['state']}, {found['light']}", *lines])


@click.command("sme-link")
@click.argument("sme_id", type=click.UUID)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day of the link.")
@click.pass_obj
def sme_link(house: Any, sme_id: UUID, until: datetime) -> None:
    """Give a firm a link of its own; prints the path of its pages."""
    key = Keyring(house.settings("training").keys, "training").secret(PURPOSE)
    with _database(house).transaction() as session:
        made = link_row(link_sme(session, _operator(), sme_id=sme_id, expires_on=until.date()), key)
    click.echo(f"/sme/{made['token']}")


def _print(found: Any, as_json: bool, lines: Sequence[str]) -> None:
    for line in [json.dumps(found, default=str)] if as_json else lines:
        click.echo(line)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _operator() -> Caller:
    return Caller.operator(getpass.getuser())


def _database(house: Any) -> Database:
    found: Database = house.service("training").database
    return found


COMMANDS = [diagnoses, diagnosis, benchmark, plans, plan, sme_link]
