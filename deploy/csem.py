"""The `csem` command: runs the house, and the commands of each service in the service's own rooms."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO, cast

import click

from deploy.house import House
from deploy.journal import Journal
from deploy.probe import Probe, address
from shared import i18n, logs
from shared.garbage import collect_rarely
from shared.kernel import Refused
from shared.settings import SERVICES, SettingsError

_GROUPS = {
    "registry": ("services.registry.cli", "The inventory of women's enterprises."),
    "territory": ("services.territory.cli", "Boundaries, figures, analyses, plans and reports of the territory."),
    "credit": ("services.credit.cli", "The trust funds, their committees and their loans."),
    "training": ("services.training.cli", "Needs, groups, curricula, sessions and workshops of training."),
    "portal": ("services.portal.cli", "Accounts of the people who sign in."),
    "events": ("shared.bus.cli", "The events between services: what waits, and what to do about it."),
    "keys": ("deploy.keys", "The keys with which services sign for themselves, and the portal for people."),
    "history": ("deploy.history", "Who changed what, before and after."),
}
"""The module of each group of commands, and what the group is for: to load them all only to tell it takes seconds."""

_OTHERS_WORK = 3


class _Csem(click.Group):
    """Loads a group of commands only when they are asked for, and tells refusals in sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_GROUPS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _GROUPS:
            group: click.Command = import_module(_GROUPS[cmd_name][0]).group
            return group
        return super().get_command(ctx, cmd_name)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = {name: command.get_short_help_str(80) for name, command in self.commands.items() if not command.hidden}
        groups = {name: about for name, (_, about) in _GROUPS.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted((own | groups).items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.ClickException(str(error)) from None
        except Refused as refused:
            raise click.ClickException(_sentence(refused, ctx.invoked_subcommand)) from None


def _sentence(refused: Refused, spoken: str | None) -> str:
    """What was refused, first in the words of the service whose command was given: two may use the same code."""
    root = Path(__file__).parent.parent / "services"
    catalogue = i18n.Catalogue([root / name / "locale" for name in sorted(SERVICES, key=lambda name: name == spoken)])
    language = i18n.choose(os.environ.get("LANG", "es")[:2])
    told = [f"{catalogue.sentence(refused.code, refused.facts, language)} [{refused.code}]"]
    mistakes: Sequence[tuple[str, str, Mapping[str, object]]] = getattr(refused, "mistakes", ())
    for pointer, code, facts in mistakes:
        told.append(f"  {pointer.removeprefix('/')}: {catalogue.sentence(code, facts, language)} [{code}]")
    return "\n".join(told)


@click.group(cls=_Csem)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Red CSEM: inventory, territory, credit and training of the CSEM network."""
    if ctx.obj is None:
        logs.configure(os.environ.get("CSEM_LOG_FORMAT", "console"))
        collect_rarely()
        ctx.obj = House(os.environ)


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo/--no-demo", default=True, show_default=True, help="Load the demonstration territory once.")
@click.pass_obj
def run(house: House, port: int, demo: bool) -> None:
    """Run everything in this one process (SQLite, bus in memory)."""
    from deploy.embedded import Embedded

    os.environ.setdefault("CSEM_PUBLIC_URL", f"http://127.0.0.1:{port}")
    home = house.settings("portal").home
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    logs.configure("json", cast("TextIO", Journal(home / "csem.log")))
    house.create_keys()
    house.migrate()
    demo = demo and _load_demonstration()
    Embedded(house, port=port, ready=lambda: _greet(port, home, demo=demo)).run()


def _load_demonstration() -> bool:
    """Whether the demonstration is in the house. A process of its own loads it and ends: the printer's threads, begun
    here, would be missing after the fork, and every document would wait for them.
    """
    loading = subprocess.run([sys.executable, "-m", "deploy.csem", "demonstration"], check=False)
    if loading.returncode not in {0, _OTHERS_WORK}:
        raise click.ClickException("La demostración no se pudo cargar. / The demonstration could not be loaded.")
    return loading.returncode == 0


@main.command(hidden=True)
@click.pass_obj
def demonstration(house: House) -> None:
    """Load the demonstration territory where it is not yet; ends with 3 where somebody else has worked."""
    from deploy.demonstration import load_once

    logs.configure("json", cast("TextIO", Journal(house.settings("portal").home / "csem.log")))
    if not load_once(house, click.echo):
        sys.exit(_OTHERS_WORK)


def _greet(port: int, home: Path, *, demo: bool) -> None:
    click.echo(f"\n  Red CSEM  http://127.0.0.1:{port}\n")
    if demo:
        from deploy.demonstration import ACCOUNTS, PASSWORD

        for account in ACCOUNTS:
            click.echo(f"  {account.username:<14} {account.told}")
        click.echo(f"\n  La contraseña de todas las cuentas de demostración es: {PASSWORD}")
    else:
        click.echo("  Cree la primera cuenta con: csem portal account --admin")
    click.echo(f"  Los datos están en {home}; Ctrl-C detiene.\n")


@main.command()
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
@click.pass_obj
def migrate(house: House, services: tuple[str, ...]) -> None:
    """Bring the databases of SERVICES (all of them by default) to the newest version."""
    house.migrate(*services)


@main.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option("--probe", "watched", metavar="HOST:PORT", help="Serve /livez and /metrics there.")
@click.pass_obj
def worker(house: House, service: str, watched: str | None) -> None:
    """Run the worker of SERVICE: its relay, subscribers and jobs."""
    settings = house.settings(service)
    settings.require_separate()
    logs.configure(settings.log_format)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    running = house.service(service).worker
    running.start()
    probe = Probe(address(watched), lambda: running.alive) if watched else None
    stop.wait()
    running.stop()
    if probe:
        probe.close()


if __name__ == "__main__":
    sys.exit(main())
