"""`csem registry duplicates …`: who may be in the inventory twice, from the command line."""

from typing import Any
from uuid import UUID

import click
import orjson

from services.registry import duplicates
from services.registry.cli.house import directly, progress, ready
from services.registry.queries import duplicates as queries
from services.registry.use_cases.undo_merge import undo_merge
from shared.web.schemas import to_json

_DECISIONS = {"same": "segura", "look_at": "por revisar"}


@click.group("duplicates")
def group() -> None:
    """Women who may be in the inventory twice."""


@group.command()
@click.option("--thorough", is_flag=True, help="Compare every pair anew, and not only what changed.")
@click.pass_obj
def scan(house: Any, thorough: bool) -> None:
    """Search the inventory, and put the pairs that may be one woman into the queue."""
    service = ready(house)
    sealer = service.web.extensions["context"].sealer
    told = duplicates.search(directly(service, progress), sealer, thorough=thorough)
    with service.database.reading() as session:
        counted = queries.count_pairs(session, directly(service).caller)
    click.echo(f"{told['records']} mujeres, {told['compared']} pares comparados.")
    click.echo(f"{counted['open']} pares pendientes, de ellos {counted['certain']} seguros.")
    left = sum(one["pairs"] for one in told["left_out"])
    click.echo(f"Sin comparar: {left} pares (demasiado parecidos) y {told['uncompared']} mujeres (pocos datos).")


@group.command("list")
@click.option("--state", type=click.Choice(("open", "not_duplicates", "merged")), default="open")
@click.option("--decision", type=click.Choice(tuple(_DECISIONS)), default=None)
@click.option("--json", "as_json", is_flag=True, help="Print one pair per line as JSON.")
@click.pass_obj
def list_(house: Any, state: str, decision: str | None, as_json: bool) -> None:
    """The pairs of the queue, those with the most points first."""
    service = ready(house)
    filters = {"state": state} | ({"decision": decision} if decision else {})
    after: str | None = None
    while True:
        with service.database.reading() as session:
            page = queries.list_pairs(session, directly(service).caller, filters, limit=200, after=after)
        for row in page.rows:
            click.echo(orjson.dumps(orjson.loads(to_json(row))) if as_json else _line(row))
        after = page.next
        if after is None:
            return


@group.command("merge-certain")
@click.confirmation_option(prompt="¿Unir todos los pares seguros? Cada unión se puede deshacer")
@click.pass_obj
def merge_certain(house: Any) -> None:
    """Merge the pairs that are certain, each by itself. Asks first, unless --yes is given."""
    service = ready(house)
    told = duplicates.merge_all_certain(directly(service, progress), service.web.extensions["context"].sealer)
    click.echo(f"{told['merged']} pares unidos; {told['passed_over']} quedan en la lista.")


@group.command()
@click.argument("merge_id", type=click.UUID)
@click.pass_obj
def undo(house: Any, merge_id: UUID) -> None:
    """Undo the merge MERGE_ID: both records stand exactly as before. Ends with 1 where later work stands on it."""
    service = ready(house)
    caller, sealer = directly(service).caller, service.web.extensions["context"].sealer
    service.database.insist(lambda session: undo_merge(session, caller, sealer, merge_id))
    click.echo("Unión deshecha: los dos registros están como antes.")


def _line(row: dict[str, Any]) -> str:
    names = " | ".join(f"{row[side]['given_names']} {row[side]['surnames']}" for side in ("one", "other"))
    return f"{row['points']:6.1f}  {_DECISIONS[row['decision']]:<12}{row['id']}  {names}"
