"""`csem training diplomas issue | list | show | pdf | badge | revoke | reissue | keys | verify`."""

import getpass
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.directory import Directory
from services.training.documents.diploma import as_badge, as_status_list, printed
from services.training.models import Diploma, DiplomaBatch, TrainingGroup
from services.training.models.diplomas import REASONS
from services.training.queries.diplomas import (
    holder_of,
    keys_of,
    list_diplomas,
    members_of,
    revoked_places,
    show_batch,
    standing_of,
)
from services.training.queries.needs import as_they_stand
from services.training.reference.diplomas import contexts
from services.training.rules.diplomas import badge as badges
from services.training.rules.diplomas import payload
from services.training.rules.diplomas.award import KINDS
from services.training.use_cases.award_groups import Names, Taught, award_groups
from services.training.use_cases.issue_diplomas import ensure_key
from services.training.use_cases.revoke_diploma import reissue_diploma, revoke_diploma
from shared import files
from shared.database import Database
from shared.identity import Caller
from shared.kernel import Refused
from shared.settings import Settings
from shared.tokens import Keyring
from shared.web import Peers

LANGUAGE = click.option("--language", type=click.Choice(["es", "en"]), default="es", show_default=True)


@click.group()
def diplomas() -> None:
    """Issue diplomas, take them back, and check them."""


@diplomas.command()
@click.argument("number", type=int)
@click.option("--title", required=True, help="What the diploma calls the training.")
@click.option("--hours", type=click.FloatRange(0.5, 2_000), required=True, help="How long the training was.")
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True)
@click.option(
    "--attended", multiple=True, metavar="WOMAN=HOURS", help="May be repeated; all who completed it, unless given."
)
@LANGUAGE
@click.pass_obj
def issue(house: Any, /, number: int, title: str, hours: float, attended: tuple[str, ...], **how: Any) -> None:
    """Issue diplomas to the women of group NUMBER who earned one."""
    place = _Place(house)
    with place.reading() as session:
        group = session.scalar(select(TrainingGroup).where(TrainingGroup.number == number))
        if group is None:
            raise click.ClickException(f"There is no group {number}.")
        names = place.names(session, members_of(session, [group.id]))
    taught = Taught(group.id, title, round(hours * 10), _attended(attended))
    with place.writing() as session:
        batch = award_groups(session, _operator(), place.keyring, names, groups=[taught], **how)
        echo_batch(session, batch)


def echo_batch(session: Session, batch: DiplomaBatch) -> None:
    """Print who got a diploma, and who got none and why."""
    told = show_batch(session, batch)
    found = list_diplomas(session, _operator(), {"batch_id": batch.id}, limit=200, after=None)
    for row in reversed(found.rows):
        click.echo(f"{row['number']}  {row['id']}  {row['name']}")
    for row in told["left_out"]:
        click.echo(f"-  {row['reason']}  {row['entrepreneur_id']}")
    for row in told["participants_left_out"]:
        click.echo(f"-  {row['reason']}  {row['participant_id']}")


@diplomas.command("list")
@click.option("--unit", help="Official code of a country, department or municipality.")
@click.option("--kind", type=click.Choice(KINDS))
@click.option("--state", type=click.Choice(["valid", "revoked"]))
@click.option("--of", "subject_id", type=click.UUID, help="Of this group or workshop, by its id.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(house: Any, /, as_json: bool, **filters: Any) -> None:
    """The register of diplomas, latest first."""
    asked = {name: value for name, value in filters.items() if value}
    rows: list[Any] = []
    after: str | None = None
    with _Place(house).reading() as session:
        while True:
            page = list_diplomas(session, _operator(), asked, limit=200, after=after)
            rows += page.rows
            after = page.next
            if after is None:
                break
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    for row in rows:
        click.echo(f"{row['number']}  {row['issued_on']}  {row['kind']:<12} {row['state']:<8} {row['title']}")


@diplomas.command()
@click.argument("number")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def pdf(house: Any, number: str, target: Path) -> None:
    """Write diploma NUMBER as a signed PDF to the file TARGET."""
    place = _Place(house)
    ensure_key(place.database, place.keyring)
    with place.reading() as session:
        target.write_bytes(printed(_numbered(session, number), place.keyring, place.public_url))


@diplomas.command()
@click.argument("number")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def badge(house: Any, number: str, target: Path) -> None:
    """Write diploma NUMBER as an Open Badge 3.0 to the file TARGET."""
    place = _Place(house)
    ensure_key(place.database, place.keyring)
    with place.reading() as session:
        target.write_bytes(as_badge(_numbered(session, number), place.keyring, place.public_url))


@diplomas.command()
@click.argument("number")
@click.option("--reason", type=click.Choice(REASONS), required=True)
@click.pass_obj
def revoke(house: Any, number: str, reason: str) -> None:
    """Take diploma NUMBER back."""
    with _Place(house).writing() as session:
        revoke_diploma(session, _operator(), _numbered(session, number).id, version=None, reason=reason)
    click.echo(number)


@diplomas.command()
@click.argument("number")
@click.option("--reason", type=click.Choice(REASONS), required=True)
@LANGUAGE
@click.pass_obj
def reissue(house: Any, number: str, reason: str, language: str) -> None:
    """Replace diploma NUMBER by a new one."""
    place = _Place(house)
    with place.reading() as session:
        old = _numbered(session, number)
        names = place.names(session, holder_of(session, old))
    told: Mapping[str, Any] = {"reason": reason, "language": language, "name": next(iter(names.values()), None)}
    with place.writing() as session:
        new = reissue_diploma(session, _operator(), place.keyring, old.id, version=None, **told)
        click.echo(f"{new.number}  {new.id}")


@diplomas.command()
@click.pass_obj
def keys(house: Any) -> None:
    """Print the public keys of diplomas as JSON, for `verify --keys` where there is no house."""
    place = _Place(house)
    with place.reading() as session:
        known = keys_of(session, place.keyring)
    click.echo(json.dumps({key: public.hex() for key, public in known.items()}, indent=1))


@diplomas.command("status-list")
@click.argument("number", type=click.IntRange(0))
@click.pass_obj
def status_list(house: Any, number: int) -> None:
    """Print the signed list NUMBER that badges name: which of them were taken back."""
    place = _Place(house)
    with place.reading() as session:
        revoked = revoked_places(session, number)
    ensure_key(place.database, place.keyring)
    click.echo(as_status_list(number, revoked, place.keyring, place.public_url))


@diplomas.command()
@click.argument("shown", metavar="PAYLOAD|FILE")
@click.option(
    "--keys",
    "keys_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON of `keys`: asks no house.",
)
@click.pass_obj
def verify(house: Any, shown: str, keys_file: Path | None) -> None:
    """Check what was read from a diploma's QR code, its PDF file, or its badge."""
    if keys_file:
        known = _read_keys(keys_file)
        said = _checked(shown, known)
    else:
        place = _Place(house)
        with place.reading() as session:
            said = _checked(shown, keys_of(session, place.keyring))
            standing = standing_of(session, said) if isinstance(said, payload.Said) else None
        if standing:
            click.echo(f"{'standing':<10} {standing['standing']}")
    told = {name: getattr(said, name) for name in payload.Said.__slots__} if isinstance(said, payload.Said) else said
    for name, value in told.items():
        click.echo(f"{name:<10} {value}")


def _checked(shown: str, known: payload.Keys) -> payload.Said | dict[str, Any]:
    """What is said by the payload, the PDF or the badge; ends the command where it is not genuine."""
    try:
        if shown.startswith(payload.PREFIX):
            return payload.read(shown, known)
        path = Path(shown)
        if not path.is_file():
            raise click.ClickException(f"{shown[:60]} is neither a payload ({payload.PREFIX}…) nor a file.")
        content = path.read_bytes()
        if content.startswith(b"{"):
            document = badges.read_badge(content, known, contexts())
            subject = document["credentialSubject"]
            holder = subject["identifier"][0]["identityHash"]
            return {"number": subject["achievement"]["humanCode"], "name": holder, "badge": document["name"]}
        return payload.read_file(content, known)
    except payload.NotGenuine as finding:
        raise click.ClickException(f"Not genuine: {finding.problem}") from finding


def _read_keys(path: Path) -> dict[str, bytes]:
    try:
        return {str(key): bytes.fromhex(public) for key, public in json.loads(path.read_bytes()).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise click.ClickException(f"{path} is not what `csem training diplomas keys` prints.") from error


def _attended(told: tuple[str, ...]) -> dict[UUID, int] | None:
    if not told:
        return None
    try:
        return {UUID(woman): round(float(hours) * 10) for woman, _, hours in (one.partition("=") for one in told)}
    except (ValueError, OverflowError) as error:
        raise click.BadParameter("write WOMAN=HOURS, as in 01990c1e-0000-7000-8000-0000000000a1=21.5") from error


def _numbered(session: Session, number: str) -> Diploma:
    found: Diploma | None = session.scalar(select(Diploma).where(Diploma.number == number))
    if found is None:
        raise click.ClickException(f"There is no diploma {number}.")
    return found


class _Place:
    """The database, the key and the registry that the commands work with."""

    def __init__(self, house: Any) -> None:
        self._house = house
        settings: Settings = house.settings("training")
        self.keyring = Keyring(settings.keys, "training")
        self.public_url = settings.public_url
        self.database: Database = house.service("training").database
        self._peers = Peers(settings, self.keyring, house)
        files.keep_in(self.database, settings.files)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._told(), self.database.reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._told(), self.database.transaction() as session:
            yield session

    def names(self, session: Session, rows: Sequence[dict[str, Any]]) -> Names:
        """What the registry calls these women."""
        now = as_they_stand(session, rows)
        named = Directory(self._peers).with_names(now, self.keyring.service_token)
        return {row["entrepreneur_id"]: told["name"] for row, told in zip(rows, named, strict=True)}

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What a use case refuses is told and ends the command."""
        try:
            yield
        except Refused as refused:
            raise click.ClickException(str(refused)) from refused


def _operator() -> Caller:
    return Caller.operator(getpass.getuser())


COMMANDS = [diplomas]
