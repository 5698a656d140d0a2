"""More of `csem training csr-dialogue | csr-partner`, and `csr-commitment | csr-agreement`: what is said, promised and
agreed with others.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import click

from services.training.cli.csr import dialogue, partner
from services.training.cli.csr_keeping import ONE, changed, context_of
from services.training.cli.groups import database_of, operator
from services.training.cli.keeping import MOST, as_json
from services.training.cli.told import ON_HOLIDAY
from services.training.models.activities import DIALOGUE_KINDS
from services.training.models.csr_commitments import COMMITMENT_STATES
from services.training.models.partners import CONTRIBUTIONS, PARTNER_KINDS
from services.training.queries import partners as partner_queries
from services.training.queries.activities import list_commitments, show_activity
from services.training.use_cases import keep_partners
from services.training.use_cases import plan_activity as planning
from services.training.use_cases.follow_csr_commitment import follow_commitment, promise_in_dialogue

_DAY = click.DateTime(["%Y-%m-%d"])
_NOT_OF_DIALOGUES: dict[str, Any] = {"capacity": None, "gender_module": False}


@dialogue.command("plan")
@click.argument("unit")
@click.argument("city")
@click.argument("title")
@click.option("--kind", type=click.Choice(DIALOGUE_KINDS), required=True)
@click.option("--on", "starts_on", type=_DAY, required=True, help="Its first day.")
@click.option("--days", type=click.IntRange(1, 10), default=1, show_default=True)
@click.option("--topics", default="")
@ON_HOLIDAY
@click.pass_obj
def plan_dialogue(house: Any, /, *, starts_on: datetime, **told: Any) -> None:
    """Plan the dialogue TITLE in CITY of UNIT, or write down one that was held."""
    with database_of(house).transaction() as session:
        made = planning.plan_activity(session, operator(), starts_on=starts_on.date(), **told, **_NOT_OF_DIALOGUES)
        click.echo(made.id)


@dialogue.command("show")
@ONE
@click.pass_obj
def show_dialogue(house: Any, activity_id: UUID) -> None:
    """One dialogue: its dates, who was there, what it came to and what was promised, as JSON."""
    with database_of(house).reading() as session:
        as_json(show_activity(session, operator(), activity_id, dialogue=True, key=context_of(house).signing))


@dialogue.command("describe")
@ONE
@click.option("--city", required=True)
@click.option("--title", required=True)
@click.option("--topics", default="")
@click.pass_obj
def describe_dialogue(house: Any, /, activity_id: UUID, **told: Any) -> None:
    """Put right all that is said of a dialogue."""
    changed(house, planning.describe_activity, activity_id, **told, **_NOT_OF_DIALOGUES)


@dialogue.command("move")
@ONE
@click.option("--to", "starts_on", type=_DAY, required=True, help="Its new first day.")
@click.option("--because", "reason", required=True)
@ON_HOLIDAY
@click.pass_obj
def move_dialogue(house: Any, /, activity_id: UUID, starts_on: datetime, **told: Any) -> None:
    """Move a dialogue; its dates of before stay written."""
    changed(house, planning.move_activity, activity_id, starts_on=starts_on.date(), **told)


@dialogue.command("hold")
@ONE
@click.option(
    *("--side", "sides"),
    type=(str, click.IntRange(0), click.IntRange(0), click.IntRange(0)),
    multiple=True,
    required=True,
    metavar="SIDE INSTITUTIONS WOMEN MEN",
    help="Who was there of one side, counted; may be repeated.",
)
@click.option("--conclusions", required=True)
@click.pass_obj
def hold_dialogue(
    house: Any, activity_id: UUID, sides: tuple[tuple[str, int, int, int], ...], conclusions: str
) -> None:
    """A dialogue took place: who was there, and what it came to."""
    present = [dict(zip(("side", "institutions", "women", "men"), one, strict=True)) for one in sides]
    changed(house, planning.hold_activity, activity_id, present=present, conclusions=conclusions)


@dialogue.command("cancel")
@ONE
@click.pass_obj
def cancel_dialogue(house: Any, activity_id: UUID) -> None:
    """A dialogue does not take place."""
    changed(house, planning.cancel_activity, activity_id)


@dialogue.command()
@ONE
@click.argument("what")
@click.option("--by", "owner", required=True, help="The institution that answers for it.")
@click.option("--due", "due_on", type=_DAY, required=True)
@click.pass_obj
def promise(house: Any, activity_id: UUID, what: str, owner: str, due_on: datetime) -> None:
    """Write down WHAT was promised in a dialogue."""
    with database_of(house).transaction() as session:
        told: dict[str, Any] = {"what": what, "owner": owner, "due_on": due_on.date()}
        click.echo(promise_in_dialogue(session, operator(), activity_id, **told).id)


@click.group("csr-commitment")
def commitment() -> None:
    """What was promised in dialogues."""


@commitment.command("list")
@click.option("--state", type=click.Choice(COMMITMENT_STATES))
@click.pass_obj
def list_promises(house: Any, state: str | None) -> None:
    """What was promised, what is due first on top."""
    with database_of(house).reading() as session:
        page = list_commitments(session, operator(), {"state": state}, limit=MOST, after=None)
    for row in page.rows:
        click.echo(f"{row['id']}  {row['due_on']}  {row['state']:<8}  {row['owner']}: {row['what']}")


@commitment.command()
@click.argument("commitment_id", type=click.UUID)
@click.argument("state", type=click.Choice(COMMITMENT_STATES))
@click.option("--on", "day", type=_DAY, required=True)
@click.option("--note", required=True)
@click.pass_obj
def follow(house: Any, commitment_id: UUID, state: str, day: datetime, note: str) -> None:
    """Say what was found of a commitment on a day."""
    changed(house, follow_commitment, commitment_id, day=day.date(), state=state, note=note)


@partner.command("show")
@click.argument("partner_id", type=click.UUID)
@click.pass_obj
def show_partner(house: Any, partner_id: UUID) -> None:
    """One partner with its agreements, as JSON."""
    with database_of(house).reading() as session:
        as_json(partner_queries.show_partner(session, operator(), partner_id))


@partner.command("change")
@click.argument("partner_id", type=click.UUID)
@click.option("--unit", required=True, help="An official code.")
@click.option("--name", required=True)
@click.option("--kind", type=click.Choice(PARTNER_KINDS), required=True)
@click.pass_obj
def change_partner(house: Any, /, partner_id: UUID, **facts: Any) -> None:
    """Put a partner's name, kind and home right."""
    changed(house, keep_partners.change_partner, partner_id, **facts)


@click.group("csr-agreement")
def agreement() -> None:
    """What was agreed with partners."""


@agreement.command("list")
@click.pass_obj
def list_agreements(house: Any) -> None:
    """The agreements, the latest first."""
    with database_of(house).reading() as session:
        page = partner_queries.list_agreements(session, operator(), {}, limit=MOST, after=None)
    for row in page.rows:
        click.echo(f"{row['id']}  {row['unit']:<6}  {row['signed_on']}  {row['ends_on'] or '-'!s:<10}  {row['title']}")


@agreement.command()
@click.argument("unit")
@click.argument("title")
@click.option("--with", "partner_ids", type=click.UUID, multiple=True, required=True, help="May be repeated.")
@click.option("--on", "signed_on", type=_DAY, required=True)
@click.option("--purpose", required=True)
@click.option("--contribution", type=click.Choice(CONTRIBUTIONS), default=CONTRIBUTIONS[0], show_default=True)
@click.option("--from-dialogue", "activity_id", type=click.UUID)
@click.pass_obj
def sign(house: Any, /, *, signed_on: datetime, **told: Any) -> None:
    """Write the agreement TITLE of UNIT down."""
    with database_of(house).transaction() as session:
        told |= {"signed_on": signed_on.date(), "ends_on": None}
        click.echo(keep_partners.sign_agreement(session, operator(), **told).id)


@agreement.command()
@click.argument("agreement_id", type=click.UUID)
@click.option("--on", "ends_on", type=_DAY, required=True)
@click.pass_obj
def end(house: Any, agreement_id: UUID, ends_on: datetime) -> None:
    """Write down the last day of an agreement."""
    changed(house, keep_partners.end_agreement, agreement_id, ends_on=ends_on.date())


COMMANDS = [commitment, agreement]
