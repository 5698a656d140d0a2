"""`csem events`: what was set aside, trying it again, giving it up, and rebuilding copies from history."""

import getpass
import json
from typing import Any

import click

from shared.bus import log, parked, state
from shared.bus import replay as rebuilding
from shared.bus.lane import Lane
from shared.identity import Caller
from shared.service import Service
from shared.settings import SERVICES

_service = click.argument("name", metavar="SERVICE", type=click.Choice(SERVICES))
_source = click.argument("source", type=click.Choice(SERVICES))
_position = click.argument("position", type=click.IntRange(1, 2**62))
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, for programs.")


@click.group("events")
def group() -> None:
    """The events between services: what waits, and what to do about it."""


@group.command("status")
@_service
@_json
@click.pass_context
def status(context: click.Context, name: str, as_json: bool) -> None:
    """How far SERVICE has taken each source, and how far its own log was published."""
    with _open(context, name).database.reading() as session:
        own, sources = state.own_log(session), state.sources(session)
    if as_json:
        _print_json({"log": own, "sources": sources})
        return
    click.echo(f"log {own['log_id']}: {own['head']} events, published through {own['published_through']}")
    for row in sources:
        stopped = f"  STOPPED: {row['stopped']}" if row["stopped"] else ""
        click.echo(f"{row['source']:<10} {row['position']}/{row['head']}  parked {row['parked']}{stopped}")


@group.command("parked")
@_service
@click.option("--discarded", is_flag=True, help="Those given up too.")
@_json
@click.pass_context
def list_parked(context: click.Context, name: str, discarded: bool, as_json: bool) -> None:
    """The events of other services that SERVICE could not apply, and those held behind them."""
    with _open(context, name).database.reading() as session:
        rows = [dict(row) for row in parked.listed(session, with_discarded=discarded)]
    if as_json:
        _print_json(rows)
        return
    if not rows:
        click.echo("nothing is parked")
    for row in rows:
        place = f"{row['source']:<10} {row['position']:>8}"
        click.echo(f"{place}  {row['state']:<9} {row['attempts']:>3} tries  {row['type']}  {row['error'][:100]}")


@group.command("show")
@_service
@_source
@_position
@click.pass_context
def show(context: click.Context, name: str, source: str, position: int) -> None:
    """One parked event of SERVICE with its error and what it says."""
    with _open(context, name).database.reading() as session:
        _print_json(parked.shown(session, source, position))


@group.command("retry")
@_service
@_source
@_position
@click.pass_context
def retry(context: click.Context, name: str, source: str, position: int) -> None:
    """Make a parked event due now; the worker of SERVICE tries it within seconds."""
    with _open(context, name).database.transaction() as session:
        parked.retry(session, _operator(), source, position)
    click.echo("due now: the worker tries it within seconds")


@group.command("discard")
@_service
@_source
@_position
@click.option("--reason", required=True, help="Why; it is remembered with your name.")
@click.pass_context
def discard(context: click.Context, name: str, source: str, position: int, reason: str) -> None:
    """Give a parked event up for ever; what was held behind it goes on."""
    with _open(context, name).database.transaction() as session:
        parked.discard(session, _operator(), source, position, reason=reason)
    click.echo("discarded")


@group.command("replay")
@_service
@click.option("--accept-other-log", is_flag=True, help="Follow a source anew whose log was restored or reset.")
@click.pass_context
def replay(context: click.Context, name: str, accept_other_log: bool) -> None:
    """Drop the copies that SERVICE keeps of others' facts and rebuild them from the first event."""
    service = _open(context, name)
    consumer = next((loop.consumer for loop in service.worker.loops if isinstance(loop, Lane)), None)
    if consumer is None:
        raise click.ClickException(f"{name} listens to nobody")
    for source, count in rebuilding.replay(consumer, accept_other_log=accept_other_log).items():
        click.echo(f"{source:<10} {count} events")


@group.command("new-log")
@_service
@click.confirmation_option(prompt="Every consumer stops until it accepts the new log. Go on?")
@click.pass_context
def new_log(context: click.Context, name: str) -> None:
    """Give the log of SERVICE a new identity, after its database was restored from a backup."""
    with _open(context, name).database.transaction() as session:
        click.echo(f"log {log.renew(session)}")


def _open(context: click.Context, name: str) -> Service:
    """The context's object opens services: a callable, or one with a method `service`."""
    opened: Service = getattr(context.obj, "service", context.obj)(name)
    return opened


def _operator() -> Caller:
    return Caller.operator(getpass.getuser())


def _print_json(told: Any) -> None:
    click.echo(json.dumps(told, indent=2, ensure_ascii=False, default=str))
