"""Who sits on a committee and comes to its sessions, from the terminal: `form-committee`, `seat`, `invite`, `answer`,
`exception`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.cli.terminal import DAY, Words, fund_called, numbered, operator, writing
from services.credit.models import Application, Committee, CommitteeSession, Seat
from services.credit.models.committees import POSITIONS
from services.credit.models.notices import ANSWERS, CHANNELS
from services.credit.rules.governance import SEATED
from services.credit.use_cases import attend_session, convene_session, form_committee, make_exceptions
from shared.kernel import LOCAL_TIME, clock

_KIND = click.Choice(tuple(SEATED))
_NAME = Words(200)


@click.command("form-committee")
@click.argument("fund")
@click.argument("name", type=_NAME)
@click.option("--kind", type=_KIND, default="credit", show_default=True, help="Decides on credits, or watches over it.")
@click.pass_obj
def form(house: Any, fund: str, name: str, *, kind: str) -> None:
    """Form a committee of this NAME for the fund with this code; its seats are given next."""
    with writing(house) as session:
        found = fund_called(session, fund)
        form_committee.form_committee(session, operator(), fund_id=found.id, name=name, kind=kind)
    click.echo(f"{name} is formed")


@click.command()
@click.argument("fund")
@click.argument("name", type=_NAME)
@click.option("--kind", type=_KIND, default="credit", show_default=True, help="On which committee of the fund.")
@click.option("--account", type=Words(100), required=True, help="The id of the account with which she signs in.")
@click.option("--constituency", type=click.Choice(SEATED["trust_fund"]), required=True, help="For whom she sits.")
@click.option("--position", type=click.Choice(POSITIONS), default="member", show_default=True)
@click.option("--organization", type=_NAME, required=True, help="Who sends her.")
@click.option("--since", type=DAY, required=True, help="The first day of her mandate.")
@click.option("--until", type=DAY, default=None, help="The first day on which she no longer sits; open unless given.")
@click.option("--alternate-for", default=None, help="The name of the member whose alternate she is.")
@click.pass_obj
def seat(
    house: Any,
    fund: str,
    name: str,
    *,
    kind: str,
    account: str,
    constituency: str,
    position: str,
    organization: str,
    since: datetime,
    until: datetime | None,
    alternate_for: str | None,
) -> None:
    """Give NAME a mandate in a committee of the fund with this code."""
    with writing(house) as session:
        body = _committee(session, fund, kind)
        principal = None if alternate_for is None else _named(body.sitting(since.date()), alternate_for)
        form_committee.take_seat(
            session,
            operator(),
            committee_id=body.id,
            constituency=constituency,
            position=position,
            subject=account,
            name=name,
            organization=organization,
            since=since.date(),
            until=until.date() if until else None,
            alternate_for=principal.id if principal else None,
        )
        told = body.name
    click.echo(f"{name} sits on {told} from {since.date()}")


@click.command()
@click.argument("number")
@click.option("--channel", type=click.Choice(CHANNELS), required=True, help="How they were told.")
@click.option("--member", "members", multiple=True, help="The name of one who was told; all who sit unless given.")
@click.option("--reason", default="", help="Why so late, where the regulations ask for an earlier notice.")
@click.pass_obj
def invite(house: Any, number: str, *, channel: str, members: tuple[str, ...], reason: str) -> None:
    """Note that members were told of the session with this NUMBER."""
    with writing(house) as session:
        meeting = numbered(session, CommitteeSession, number)
        sitting = session.get_one(Committee, meeting.committee_id).sitting(clock.today())
        told = [_named(sitting, name) for name in members] or sitting
        convene_session.notify_members(
            session,
            operator(),
            session_id=meeting.id,
            seats=[one.id for one in told],
            channel=channel,
            reason=reason,
        )
        names = ", ".join(one.name for one in told)
    click.echo(f"told of {number}: {names}")


@click.command()
@click.argument("number")
@click.argument("member")
@click.argument("said", type=click.Choice(ANSWERS))
@click.option("--excuse", default="", help="Why she does not come.")
@click.pass_obj
def answer(house: Any, number: str, member: str, said: str, *, excuse: str) -> None:
    """Note what MEMBER, by her name, answered to the invitation to the session with this NUMBER."""
    with writing(house) as session:
        meeting = numbered(session, CommitteeSession, number)
        day = meeting.scheduled_for.astimezone(LOCAL_TIME).date()
        hers = _named(session.get_one(Committee, meeting.committee_id).sitting(day), member)
        attend_session.answer_invitation(
            session, operator(), session_id=meeting.id, answer=said, excuse=excuse, subject=hers.subject
        )
    click.echo(f"{member}: {said}")


@click.command()
@click.argument("number")
@click.argument("application")
@click.option(
    "--reason",
    type=Words(1000),
    required=True,
    help="Why it may be approved all the same; it stands in the resolution.",
)
@click.pass_obj
def exception(house: Any, number: str, application: str, *, reason: str) -> None:
    """Note why an APPLICATION before the session with this NUMBER may be approved although rules are not met."""
    with writing(house) as session:
        meeting = numbered(session, CommitteeSession, number)
        asked = numbered(session, Application, application)
        item = next((one for one in meeting.agenda if one.application_id == asked.id), None)
        if item is None:
            raise click.ClickException(f"{application} is not on the agenda of {number}.")
        noted = make_exceptions.make_exception(
            session, operator(), session_id=meeting.id, item_id=item.id, reason=reason
        )
        rules = ", ".join(noted.exceptions or ())
    click.echo(f"{application}: an exception from {rules}")


def _committee(session: Session, fund: str, kind: str) -> Committee:
    """The committee of this kind of a fund, the last formed; ends the command where there is none."""
    query = select(Committee).where(Committee.fund_id == fund_called(session, fund).id, Committee.kind == kind)
    found = session.scalars(query.order_by(Committee.id.desc()).limit(1)).first()
    if found is None:
        raise click.ClickException(f"The fund {fund} has no such committee.")
    return found


def _named(seats: Sequence[Seat], name: str) -> Seat:
    """The seat of who has this name; ends the command where nobody has, or several have."""
    found = [one for one in seats if one.name == name]
    if len(found) > 1:
        raise click.ClickException(f"{len(found)} people called {name} sit there. Do it on the page of the session.")
    if not found:
        raise click.ClickException(f"Nobody called {name} sits there.")
    return found[0]


COMMANDS = (form, seat, invite, answer, exception)
