"""The submissions of a batch that nobody knew become records, together: one statement for each table.

Their rows are made by a function of plain values, so that another process can make them while this one writes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import EnterpriseProfile, ImportRun, Submission, ValidationStep
from services.registry.models.entity import table_of
from services.registry.models.intake import ImportChange
from services.registry.models.newcomers import Newcomer, Rows, rows_of
from services.registry.models.profiles import ProfileLevel
from services.registry.models.searching import SearchTerm, learn_words
from services.registry.rules.assessment import Assessed, seen_in
from services.registry.rules.edited_forms import person_of, profile_of
from services.registry.rules.formalization import steps_of
from services.registry.rules.rubrics import SUBJECTS, Editions
from services.registry.rules.validation import BY_FORM
from services.registry.sealing import Sealer
from services.registry.tables import chains_on, network_rubric_on
from services.registry.use_cases.adopt_rubric import editions_of_centres
from services.registry.use_cases.decide_import import answers_of, canonical
from services.registry.use_cases.records import told
from shared import history, logs
from shared.bus import log
from shared.bus.tables import event_log
from shared.database import Prepared, dialect_called, insert_prepared, prepare
from shared.events.registry import EnterpriseRegistered
from shared.history import First
from shared.identity import Caller
from shared.kernel import clock, uuid7

_CHANNEL = "field_form"


@dataclass(frozen=True, slots=True)
class Import:
    """What is the same for all that one import brings; plain values."""

    id: UUID
    by: str
    by_name: str
    sealer: Sealer
    dialect: str
    today: date
    traceparent: str | None
    editions: Editions

    @classmethod
    def of(cls, session: Session, caller: Caller, sealer: Sealer, run: ImportRun) -> Self:
        dialect, editions = session.get_bind().dialect.name, editions_of_centres(session)
        return cls(run.id, caller.subject, caller.name, sealer, dialect, clock.today(), logs.traceparent(), editions)


@dataclass(frozen=True, slots=True)
class Arriving:
    """A submission that nobody knows, as far as a record is made of it; plain values."""

    identity: str
    facts: Mapping[str, Any]
    place: Mapping[str, Any] | None
    validation: str

    @classmethod
    def of(cls, submission: Mapping[str, Any], validation: str) -> Self:
        return cls(submission["identity"], submission["facts"], submission.get("place"), validation)


@dataclass(frozen=True, slots=True)
class Arrived:
    """The rows of some submissions, in the order in which they can be inserted; their events are the last."""

    arriving: list[tuple[str, str]]
    """The submissions they are of, with how far each record is checked."""
    rows: list[Prepared]
    terms: frozenset[str]
    """What their records are found by."""


def enter(session: Session, arrived: Arrived) -> None:
    """Write the records of new submissions with the first entries of their histories, what was imported and their
    events, in the order of the submissions.

    An identity that another import took at the same moment fails the whole batch, which is decided again.
    """
    session.flush()
    for prepared in arrived.rows:
        insert_prepared(session, prepared)
    learn_words(session.connection(), arrived.terms)
    log.ring(session)


def arrive(given: Import, arriving: Sequence[Arriving], at: datetime | None = None) -> Arrived:
    """The rows that new submissions become."""
    moment = at or clock.now()
    newcomers = [_newcomer(given, one) for one in arriving]
    rows: Rows = rows_of(newcomers, given.sealer, channel=_CHANNEL, by=given.by, at=moment)
    rows[history.entries] = history.first_entries(given.by, _first_entries(newcomers), moment)
    rows |= _of_the_import(given, zip(arriving, newcomers, strict=True), moment)
    events = ((EnterpriseRegistered(facts=one.facts()), one.id) for one in newcomers)
    rows[event_log] = log.rows_of(events, at=moment, traceparent=given.traceparent)
    dialect = dialect_called(given.dialect)
    return Arrived(
        [(one.identity, one.validation) for one in arriving],
        [prepare(dialect, table, mine) for table, mine in rows.items()],
        frozenset(row["term"] for row in rows[table_of(SearchTerm)]),
    )


def _newcomer(given: Import, arriving: Arriving) -> Newcomer:
    facts: Any = arriving.facts
    given_on = facts["captured_on"] or given.today
    one = Newcomer.register(person_of(facts), answers_of(facts), profile_of(facts), chains_on(given_on), given_on)
    one.formalize(steps_of(facts.get("steps", {})))
    one.judge(arriving.validation, given_on)
    if seen := seen_in(facts.get("levels", {})):
        edition = given.editions.on(one.described.municipality, given_on) or network_rubric_on(given_on)
        one.profile_as(Assessed(given_on, seen, edition))
    if (place := arriving.place) is not None:
        one.settle(**place)
    return one


def _first_entries(newcomers: Iterable[Newcomer]) -> Iterator[First]:
    for one in newcomers:
        after = one.person.to_json() | {"consents": dict(one.answers)}
        yield First(one.woman_id, "entrepreneur", "import", after)
        yield First(one.id, "enterprise", "register", told(one))


def _of_the_import(given: Import, arrived: Iterable[tuple[Arriving, Newcomer]], at: datetime) -> Rows:
    """Which submission became which record, that this import made it, how far the form says it is checked, and its
    profile.
    """
    submissions, changes, checks = [], [], []
    profiles: list[dict[str, Any]] = []
    levels: list[dict[str, Any]] = []
    for arriving, one in arrived:
        identity, facts = arriving.identity, canonical(arriving.facts)
        named = {"import_id": given.id, "identity": identity, "enterprise_id": one.id, "entrepreneur_id": one.woman_id}
        kept = {"fingerprint": given.sealer.fingerprint(facts), "sealed": given.sealer.seal(facts, identity.encode())}
        submissions.append(named | kept | {"withdrawn": False, "taken_at": at})
        changes.append(named | {"kind": "created", "sealed": None, "made_at": at})
        if one.validation != "captured":
            checks.append(_check(given, one, at))
        if one.assessed is not None:
            profiles.append(profile := _profile(given, one.id, one.assessed, at))
            levels += _levels(profile["id"], one.assessed)
    return {
        table_of(Submission): submissions,
        table_of(ImportChange): changes,
        table_of(ValidationStep): checks,
        table_of(EnterpriseProfile): profiles,
        table_of(ProfileLevel): levels,
    }


def _check(given: Import, one: Newcomer, at: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "enterprise_id": one.id,
        "import_id": given.id,
        "state_before": "captured",
        "state": one.validation,
        "evidence": BY_FORM,
        "evidence_on": one.checked_on,
        "words": None,
        "taken_at": at,
        "taken_by": given.by,
        "taken_by_name": given.by_name,
    }


def _profile(given: Import, enterprise_id: UUID, assessed: Assessed, at: datetime) -> dict[str, Any]:
    edition, result = assessed.edition, assessed.result
    return {
        "id": uuid7(),
        "enterprise_id": enterprise_id,
        "rubric_id": edition.id,
        "import_id": given.id,
        "edition": edition.valid_from,
        "assessed_on": assessed.on,
        "score": result.score,
        "tier": result.tier,
        "recorded_at": at,
        "assessor": given.by,
        "assessor_name": given.by_name,
    }


def _levels(profile_id: UUID, assessed: Assessed) -> list[dict[str, Any]]:
    return [
        {
            "profile_id": profile_id,
            "subject": subject,
            "rank": rank,
            "level": assessed.seen[subject][0],
            "evidence": assessed.seen[subject][1],
            "file_id": None,
        }
        for rank, subject in enumerate(SUBJECTS)
    ]
