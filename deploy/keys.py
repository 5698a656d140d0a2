"""`csem keys`: the key with which each service signs what it says."""

from pathlib import Path

import click

from deploy.house import House
from shared.settings import SERVICES
from shared.tokens import create_keys, rotate_key


@click.group("keys")
def group() -> None:
    """The keys with which services sign for themselves, and the portal for people."""


@group.command()
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
@click.pass_obj
def create(house: House, services: tuple[str, ...]) -> None:
    """Make the signing key and the secret of SERVICES (all of them by default) where there are none."""
    for name in services or SERVICES:
        create_keys(house.settings(name).keys, name)


@group.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.pass_obj
def rotate(house: House, service: str) -> None:
    """Have SERVICE sign with a new key from its next start on.

    What the old key signed is believed until its public half is removed: at once where the key was stolen, else a
    quarter of an hour after the service was started again.
    """
    folder: Path = house.settings(service).keys
    if not (folder / f"{service}.private.json").exists():
        raise click.ClickException(f"{service} has no key yet: csem keys create {service}")
    click.echo(f"the old key is believed until this file is removed: {rotate_key(folder, service)}")
    click.echo(f"start {service} again now, its web and its worker")
