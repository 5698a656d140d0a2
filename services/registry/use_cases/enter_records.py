"""The submissions of a batch that nobody knew become records, together: one statement for each table."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from services.registry.models import ImportRun, Submission
from services.registry.models.entity import table_of
from services.registry.models.intake import ImportChange
from services.registry.models.newcomers import Newcomer, rows_of
from services.registry.rules.inventory import person_of, profile_of
from services.registry.sealing import Sealer
from services.registry.tables import chains_on
from services.registry.use_cases.decide_import import Outcome, answers_of, canonical
from services.registry.use_cases.records import told
from shared import history
from shared.bus import log
from shared.database import insert_many
from shared.events.registry import EnterpriseRegistered
from shared.history import First
from shared.identity import Caller
from shared.kernel import clock

_CHANNEL = "field_form"


def enter(session: Session, caller: Caller, sealer: Sealer, run: ImportRun, outcomes: Sequence[Outcome]) -> None:
    """Write the records of new submissions with the first entries of their histories, what was imported and their
    events, in the order of the submissions.

    An identity that another import took at the same moment fails the whole batch, which is decided again.
    """
    newcomers = [_newcomer(outcome) for outcome in outcomes]
    session.flush()
    at = clock.now()
    for table, rows in rows_of(newcomers, sealer, channel=_CHANNEL, by=caller.subject, at=at).items():
        insert_many(session, table, rows)
    history.begin(session, caller, _first_entries(newcomers))
    _remember_import(session, sealer, run, list(zip(outcomes, newcomers, strict=True)))
    log.append_all(session, ((EnterpriseRegistered(facts=one.facts()), one.id) for one in newcomers))


def _newcomer(outcome: Outcome) -> Newcomer:
    facts, place = outcome.submission["facts"], outcome.submission.get("place")
    given_on = facts["captured_on"] or clock.today()
    one = Newcomer.register(person_of(facts), answers_of(facts), profile_of(facts), chains_on(given_on), given_on)
    if outcome.validation is not None:
        one.judge(outcome.validation)
    if place is not None:
        one.settle(place["municipality"], place["contradicts"], place["boundaries"])
    return one


def _first_entries(newcomers: Iterable[Newcomer]) -> Iterable[First]:
    for one in newcomers:
        after = one.person.to_json() | {"consents": dict(one.answers)}
        yield First(one.woman_id, "entrepreneur", "import", after)
        yield First(one.id, "enterprise", "register", told(one))


def _remember_import(
    session: Session, sealer: Sealer, run: ImportRun, taken: Sequence[tuple[Outcome, Newcomer]]
) -> None:
    """Which submission became which record, and that this import made it."""
    at = clock.now()
    submissions, changes = [], []
    for outcome, one in taken:
        identity, facts = outcome.submission["identity"], canonical(outcome.submission)
        named = {"import_id": run.id, "identity": identity, "enterprise_id": one.id, "entrepreneur_id": one.woman_id}
        kept = {"fingerprint": sealer.fingerprint(facts), "sealed": sealer.seal(facts, identity.encode())}
        submissions.append(named | kept | {"withdrawn": False, "taken_at": at})
        changes.append(named | {"kind": "created", "sealed": None, "made_at": at})
    insert_many(session, table_of(Submission), submissions)
    insert_many(session, table_of(ImportChange), changes)
