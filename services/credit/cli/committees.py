"""The commands of the committees: `verify`, `compliance`, `compliance-reports`."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from services.credit.cli.terminal import MONTH, fund_called, operator, reading, table
from services.credit.queries.compliance import report
from services.credit.queries.oversight import reports
from services.credit.rules import signatures
from services.credit.use_cases.issue_compliance import issue_due
from shared import files
from shared.database import Database
from shared.kernel import clock

_PROBLEMS = {
    "no_minutes": "no minutes of a committee, or what they say was altered",
    "not_signed": "not signed",
    "bad_signature": "the file was altered after it was signed",
    "other_key": "signed with another key",
    "broken_chain": "does not follow the others",
}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", default=None, help="The committee's public key, as its verification page shows it.")
def verify(files: tuple[Path, ...], *, key: str | None) -> None:
    """Check files of minutes with nothing but themselves: what they say, who signed them, their chain."""
    # A key that is copied from a paper brings the places with it where its line may break.
    key = "".join(sign for sign in key if sign.isascii() and not sign.isspace()) if key else None
    read = {path: signatures.read(path.read_bytes()) for path in files}
    wrong = 0
    for minutes, problems in signatures.check_chain(list(dict.fromkeys(read.values())), key):
        for path in (path for path, one in read.items() if one == minutes):
            said = ", ".join(_PROBLEMS[problem] for problem in problems) or "genuine"
            click.echo(f"{path}: {minutes.number or 'unknown'}: {said}")
            wrong += bool(problems)
        if minutes.hash:
            click.echo(f"  hash {minutes.hash}\n  follows {minutes.previous or 'none, it is the first'}")
            click.echo(f"  key {minutes.public_key or 'none'}")
    if wrong:
        raise SystemExit(1)


@click.command()
@click.argument("fund")
@click.option("--month", type=MONTH, default=None, help="A month such as 2026-03; this one unless given.")
@click.pass_obj
def compliance(house: Any, fund: str, *, month: datetime | None) -> None:
    """Each rule of the regulations of a fund (by its code) against what happened in a month, and what was refused."""
    first = month.date() if month else clock.today().replace(day=1)
    with reading(house) as session:
        told = report(session, fund_called(session, fund), first)
    table(
        ("rule", "examined", "state", "findings", "seen"),
        (
            (
                check["rule"],
                check["examined"],
                check["state"],
                "; ".join(f"{one['record']} {one['what']}" for one in check["findings"]),
                check["note"],
            )
            for check in told["checks"]
        ),
    )
    if told["attempts"]:
        click.echo("\nattempts refused")
        table(
            ("code", "record", "account", "times", "last"),
            (
                (one["code"], one["record"], one["subject"], one["times"], one["last_at"].isoformat())
                for one in told["attempts"]
            ),
        )


@click.command()
@click.pass_obj
def compliance_reports(house: Any) -> None:
    """Issue the monthly reports of compliance that are due, and list all that were issued."""
    settings = house.settings("credit")
    database = Database(settings.database_url)
    files.keep_in(database, settings.files)
    try:
        for number in issue_due(database, operator(), settings.public_url):
            click.echo(f"issued {number}")
        with database.reading() as session:
            rows = reports(session, operator())
    finally:
        database.dispose()
    table(
        ("number", "fund", "issued", "rules broken", "attempts", "hash"),
        (
            (one["number"], one["fund"], one["issued_at"].date(), one["broken"], one["attempts"], one["hash"][:12])
            for one in rows
        ),
    )


COMMANDS = (verify, compliance, compliance_reports)
