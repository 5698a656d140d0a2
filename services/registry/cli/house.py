"""The registry as commands find it: its keys, its tables, and the operator at work in it."""

import getpass
import os
import sys
from typing import Any

import click

from services.registry.work import Directly
from shared.database import database_stands
from shared.identity import Caller
from shared.service import Service


def ready(house: Any) -> Service:
    """The registry, with its keys and its tables; territory's too where it runs in this process."""
    house.create_keys()
    settings = house.settings("registry")
    if not database_stands(settings.database_url):
        click.echo(f"En {settings.home} no había datos: se crea una casa vacía. ¿Falta CSEM_HOME?", err=True)
    beside = ["territory"] if settings.peer_urls["territory"].startswith("inprocess://") else []
    house.migrate("registry", *beside)
    service: Service = house.service("registry")
    return service


def directly(service: Service, show: Any = None) -> Directly:
    caller = Caller.operator(os.environ.get("CSEM_OPERATOR") or getpass.getuser())
    work = Directly(caller, service.database.transaction, service.database.reading)
    if show is not None:
        work.show = show
    return work


def progress(done: int, total: int | None) -> None:
    """The count on one line of a terminal; a file gets none of it."""
    if not sys.stderr.isatty():
        return
    end = f" de {total}" if total else ""
    click.echo(f"\r\033[K{done}{end}", nl=done == total, err=True)
