"""The commands of the instruments: `regulations show|check|adopt|take-back`, `agreement show|adopt`, `assents`,
`concentration`.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.cli.terminal import DAY, EDITION, fund_called, operator, reading, table, writing
from services.credit.models import CreditRegulations, TrustFund, regulations_in_force
from services.credit.queries import assents as assent_queries
from services.credit.queries import instruments as queries
from services.credit.queries.concentration import concentrations
from services.credit.use_cases.keep_fund import adopt_regulations
from services.credit.use_cases.keep_instruments import (
    adopt_agreement,
    keep_agreement_file,
    keep_regulations_file,
    take_back_regulations,
)
from shared.kernel import Invalid, Refused, clock

_PATH = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("regulations")
def regulations() -> None:
    """The editions of the Credit Regulations of a fund (by its code)."""


@regulations.command("show")
@click.argument("fund")
@click.option("--edition", type=EDITION, default=None, help="The number of an edition; the one in force unless given.")
@click.option("--json", "as_json", is_flag=True, help="Its parameters as JSON, to be edited and adopted.")
@click.pass_obj
def show(house: Any, fund: str, *, edition: int | None, as_json: bool) -> None:
    """Each line of an edition, since when it stands and where it comes from."""
    with reading(house) as session:
        found = fund_called(session, fund)
        told = queries.edition(session, found, _edition(session, found, edition))
    if as_json:
        click.echo(json.dumps(told["parameters"], ensure_ascii=False, indent=2))
        return
    table(("parameter", "value", "since", "source"), [_line(line) for line in told["lines"]])
    click.echo(f"edition {told['edition']}, {told['title']}, from {told['valid_from']}: {told['source']}")
    _tell_file(told["file"])


@regulations.command("check")
@click.argument("fund")
@click.argument("file", type=_PATH)
@click.pass_context
def check(context: click.Context, fund: str, file: Path) -> None:
    """What is wrong with the parameters in FILE (JSON) and what they would change; ends with 1 where they are wrong."""
    with reading(context.obj) as session:
        found = fund_called(session, fund)
        problems, changes = queries.checked(session, found, _parameters(file))
    table(("changes", "from", "to"), [(one["path"], _shown(one["before"]), _shown(one["after"])) for one in changes])
    _tell(problems)
    if problems:
        context.exit(1)


@regulations.command("adopt")
@click.argument("fund")
@click.argument("file", type=_PATH)
@click.option("--title", required=True)
@click.option("--source", required=True, help="Where it was agreed, for example the number of the agreement.")
@click.option("--valid-from", type=DAY, required=True, help="Today or later.")
@click.option("--signatory", "signatories", multiple=True, required=True, help='"Name; Office", once for each.')
@click.option("--signed", type=_PATH, default=None, help="The signed file, a PDF.")
@click.pass_obj
def adopt(
    house: Any,
    fund: str,
    file: Path,
    *,
    title: str,
    source: str,
    valid_from: datetime,
    signatories: tuple[str, ...],
    signed: Path | None,
) -> None:
    """Adopt the parameters in FILE (JSON) as the next edition."""
    parameters = _parameters(file)
    with writing(house) as session:
        found = fund_called(session, fund)
        problems, _changes = queries.checked(session, found, parameters)
        if problems:
            _tell(problems)
            raise click.ClickException("Nothing was adopted.")
        row = adopt_regulations(
            session,
            operator(),
            fund_id=found.id,
            title=title,
            source=source,
            valid_from=valid_from.date(),
            signatories=[_signatory(text) for text in signatories],
            parameters=parameters,
        )
        if signed is not None:
            keep_regulations_file(
                session,
                operator(),
                fund_id=found.id,
                regulations_id=row.id,
                name=signed.name,
                content=signed.read_bytes(),
            )
        kept = queries.file_of(session, row.file_id)
    click.echo(f"edition {row.edition} is adopted, in force from {row.valid_from}")
    _tell_file(kept)


@regulations.command("take-back")
@click.argument("fund")
@click.argument("edition", type=EDITION)
@click.option("--reason", required=True)
@click.pass_obj
def take_back(house: Any, fund: str, *, edition: int, reason: str) -> None:
    """Take back EDITION (its number), which has not begun; it is kept with the reason."""
    with writing(house) as session:
        found = fund_called(session, fund)
        row = _edition(session, found, edition)
        take_back_regulations(session, operator(), fund_id=found.id, regulations_id=row.id, reason=reason)
    click.echo(f"edition {edition} is taken back")


@click.group("agreement")
def agreement() -> None:
    """The Agreement Letters of a fund (by its code) with its trustee."""


@agreement.command("show")
@click.argument("fund")
@click.pass_obj
def show_agreements(house: Any, fund: str) -> None:
    """Every letter, newest first, with its clauses and its signed file."""
    with reading(house) as session:
        told = queries.letters(session, fund_called(session, fund))
    for one in told:
        until = f" until {one['valid_until']}" if one["valid_until"] else ""
        state = " (in force)" if one["in_force"] else ""
        click.echo(f"letter {one['edition']}, {one['title']}, from {one['valid_from']}{until}{state}")
        click.echo(f"  {one['trustee']}, {one['trustee_account']}")
        for name, value in one["parameters"].items():
            click.echo(f"  {name}: {_shown(value)}")
        _tell_file(one["file"])


@agreement.command("adopt")
@click.argument("fund")
@click.argument("file", type=_PATH)
@click.option("--signed", type=_PATH, default=None, help="The signed file, a PDF.")
@click.pass_obj
def adopt_letter(house: Any, fund: str, file: Path, *, signed: Path | None) -> None:
    """Adopt the letter in FILE: a JSON object with title, source, valid_from, valid_until, trustee, trustee_account,
    parties, signatories and parameters, as the API takes it.
    """
    body = _parameters(file)
    try:
        days = {name: _day(body.get(name)) for name in ("valid_from", "valid_until")}
    except (TypeError, ValueError) as problem:
        raise click.ClickException(f"{file}: {problem}") from problem
    with writing(house) as session:
        found = fund_called(session, fund)
        try:
            row = adopt_agreement(session, operator(), fund_id=found.id, **{**body, **days})
        except TypeError as problem:
            raise click.ClickException(f"{file}: {problem}") from problem
        if signed is not None:
            content = signed.read_bytes()
            keep_agreement_file(
                session, operator(), fund_id=found.id, agreement_id=row.id, name=signed.name, content=content
            )
        kept = queries.file_of(session, row.file_id)
    click.echo(f"letter {row.edition} is adopted, in force from {row.valid_from}")
    _tell_file(kept)


@click.command("assents")
@click.argument("fund")
@click.pass_obj
def assents(house: Any, fund: str) -> None:
    """The approvals of a fund that need the assent of the Trust Fund Committee and are not paid out yet."""
    with reading(house) as session:
        rows = assent_queries.waiting(session, fund_called(session, fund), operator())
    table(
        ("application", "resolution", "amount", "level", "needed", "yes", "no", "state"),
        [
            (
                row["number"],
                row["resolution"],
                row["amount"],
                row["level"],
                row["needed"],
                sum(one["gives"] for one in row["said"]),
                sum(not one["gives"] for one in row["said"]),
                row["state"],
            )
            for row in rows
        ],
    )


@click.command("concentration")
@click.argument("fund")
@click.pass_context
def concentration(context: click.Context, fund: str) -> None:
    """With whom, in what and where the money of a fund lies; ends with 1 where somebody is beyond a limit."""
    with reading(context.obj) as session:
        rows = concentrations(session, fund_called(session, fund))
    table(
        ("of", "which", "owed and promised", "%", "limit %", ""),
        [
            (
                row["kind"],
                row["of"],
                row["held"],
                row["percent"],
                row["limit"] or "-",
                "beyond" if row["exceeds"] else "",
            )
            for row in rows
        ],
    )
    if any(row["exceeds"] for row in rows):
        context.exit(1)


def _edition(session: Session, fund: TrustFund, number: int | None) -> CreditRegulations:
    if number is None:
        try:
            return regulations_in_force(session, fund.id, clock.today())
        except Refused as refused:
            raise click.ClickException(f"{fund.code} has no edition in force.") from refused
    wanted = select(CreditRegulations).where(CreditRegulations.fund_id == fund.id, CreditRegulations.edition == number)
    found = session.scalar(wanted)
    if found is None:
        raise click.ClickException(f"{fund.code} has no edition {number}.")
    return found


def _parameters(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise click.ClickException(f"{file} is not JSON: {problem}") from problem
    if not isinstance(read, dict):
        raise click.ClickException(f"{file} holds no JSON object.")
    return read


def _day(text: Any) -> Any:
    return None if text is None else datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, no moment


def _signatory(text: str) -> dict[str, str]:
    name, semicolon, office = (part.strip() for part in text.partition(";"))
    if not (name and semicolon and office):
        raise click.ClickException(f'Write a signatory as "Name; Office", not {text!r}.')
    return {"name": name, "office": office}


def _tell(problems: Any) -> None:
    problem: Invalid
    for problem in problems:
        click.echo(f"{problem.pointer}: {problem}", err=True)


def _tell_file(file: dict[str, Any] | None) -> None:
    if file is None:
        click.echo("no signed file is kept")
        return
    whole = "whole" if file["whole"] else "DAMAGED"
    click.echo(f"signed file {file['name']}, {file['size']} bytes, sha256 {file['sha256']}, {whole}")


def _line(line: dict[str, Any]) -> tuple[str, str, str, str]:
    return line["path"], _shown(line["value"]), str(line["since"]), line["source"] or "not stated"


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


COMMANDS = (regulations, agreement, assents, concentration)
