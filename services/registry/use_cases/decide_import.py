"""What is to become of each submission of a field inventory, decided before anything is written."""

import json
from array import array
from bisect import bisect_left
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Enterprise, Entrepreneur, Submission
from services.registry.models.entrepreneur import fingerprint_of
from services.registry.rules.consents import answers_to_take
from services.registry.rules.edited_forms import Merged, merge, person_of, profile_of
from services.registry.rules.unsaid import completed, facts_of
from services.registry.rules.validation import as_brought_in
from services.registry.rules.visibility import COORDINATORS
from services.registry.sealing import Sealer
from shared import places
from shared.identity import Caller


class Identities:
    """Which identities a file holds, by eight bytes of each: a million of them need no more than eight megabytes.

    That one is taken for another happens once in many billions of files; what follows is a line missing in a report.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._sorted = True

    def add(self, identity: str) -> None:
        self._hashes.append(hash(identity))
        self._sorted = False

    def __contains__(self, identity: object) -> bool:
        if not self._sorted:
            self._hashes, self._sorted = array("q", sorted(self._hashes)), True
        wanted = hash(identity)
        at = bisect_left(self._hashes, wanted)
        return at < len(self._hashes) and self._hashes[at] == wanted


@dataclass(slots=True)
class Outcome:
    """What becomes of one submission: `created`, `updated`, `unchanged` or, where it is not kept, None."""

    submission: Mapping[str, Any]
    kind: str | None
    problems: list[dict[str, Any]] = field(default_factory=list)
    known: Submission | None = None
    merged: Merged | None = None
    answers: dict[str, bool] = field(default_factory=dict)
    """What she answers anew, by purpose."""
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    """How far its steps of formalization are, as the form tells anew."""
    levels: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The levels of the rubric that were judged anew."""
    validation: str | None = None
    """How far the record is checked from now on; None where nothing new was said about that."""

    @property
    def lowered(self) -> bool:
        """Whether the form says more about that than the one who brings it in may."""
        return self.validation is not None and self.validation != self.submission["facts"]["validation"]


def decide(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    submissions: Sequence[Mapping[str, Any]],
    identities: Container[str],
) -> list[Outcome]:
    """What is to become of each submission, with all that is wrong with it; writes nothing.

    A dry run and the real one decide by this alone. `identities` are those of the whole file: what its submissions
    have in common with each other was noted when it was read.
    """
    wanted = [s["identity"] for s in submissions if s["identity"]]
    asked = select(Submission).where(Submission.identity.in_(wanted))
    rows = session.scalars(asked.with_for_update() if _writes(session) else asked)
    known = {row.identity: row for row in rows}
    held = _held_by_others(session, sealer, submissions, known, identities)
    outcomes = []
    for submission in submissions:
        outcome = Outcome(submission, None, list(submission["problems"]), known.get(submission["identity"]))
        _decide_one(session, caller, sealer, outcome)
        if outcome.kind and submission["identity"] in held:
            _note(outcome, "national_id.held_by_another", "doc_num")
        outcome.problems.sort(key=lambda problem: problem["position"])
        outcomes.append(outcome)
    return outcomes


def _decide_one(session: Session, caller: Caller, sealer: Sealer, outcome: Outcome) -> None:
    submission, known = outcome.submission, outcome.known
    if not (submission["stored"] or submission.get("refused")):
        return
    if known is not None and known.withdrawn:
        _note(outcome, "submission.withdrawn", "meta/rootUuid")
        return
    if submission.get("refused"):
        if known is not None:
            outcome.problems = [p for p in outcome.problems if p["code"] != "consent.refused"]
            _decide_taken_back(session, caller, sealer, outcome, known)
        return
    if not caller.scope.covers(submission["facts"]["municipality"]):
        _note_outside(outcome, submission["facts"]["municipality"])
    elif known is None:
        outcome.kind = "created"
        outcome.steps = submission["facts"].get("steps", {})
        outcome.levels = submission["facts"].get("levels", {})
        outcome.validation = newly(caller, submission)
    else:
        _decide_known(session, caller, sealer, outcome, known)


def _decide_known(session: Session, caller: Caller, sealer: Sealer, outcome: Outcome, known: Submission) -> None:
    """What the file cannot carry is taken to be as the last import brought it, before the two are compared."""
    before = snapshot(known, sealer)
    submission = outcome.submission
    facts = completed(submission["facts"], submission["absent"], before)
    outcome.submission = {**submission, "facts": facts}
    if known.fingerprint == print_of(outcome.submission, sealer):
        outcome.kind = "unchanged"
    else:
        _decide_update(session, caller, sealer, outcome, known, before)


def _decide_taken_back(session: Session, caller: Caller, sealer: Sealer, outcome: Outcome, known: Submission) -> None:
    municipality = _locked(session, known)[1].municipality
    if not caller.scope.covers(municipality):
        _note_outside(outcome, municipality)
        return
    _note(outcome, "consent.taken_back", "consent_registry")
    outcome.kind = "unchanged" if known.fingerprint == print_of(outcome.submission, sealer) else "updated"


def _decide_update(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    outcome: Outcome,
    known: Submission,
    before: dict[str, Any] | None,
) -> None:
    woman, enterprise = _locked(session, known)
    if not caller.scope.covers(enterprise.municipality):
        _note_outside(outcome, enterprise.municipality)
        return
    now = (enterprise.profile(), woman.person(sealer))
    if before is None:
        facts = completed(outcome.submission["facts"], outcome.submission["absent"], facts_of(*now))
        outcome.submission = {**outcome.submission, "facts": facts}
    submitted = outcome.submission["facts"]
    if not _decide_answers(outcome, woman, before):
        return
    outcome.merged = merge(
        None if before is None else (profile_of(before), person_of(before)),
        now,
        (profile_of(submitted), person_of(submitted)),
        whole=(before is not None and _asks_all_of_products(before), _asks_all_of_products(submitted)),
    )
    outcome.kind = "updated"
    kept = [*outcome.merged.kept, *_decide_steps(outcome, enterprise, sealer, before)]
    if submitted.get("levels", {}) != (before or {}).get("levels", {}):
        outcome.levels = submitted["levels"]
    if before is not None and before["validation"] != submitted["validation"]:
        outcome.validation = _validation(caller, outcome.submission, enterprise.validation)
    if kept:
        _note(outcome, "record.edited_by_hand", "meta/rootUuid", fields=", ".join(sorted(kept)))


def _decide_steps(
    outcome: Outcome, enterprise: Enterprise, sealer: Sealer, before: Mapping[str, Any] | None
) -> list[str]:
    """Takes the steps that the form tells anew; comes back with those that somebody put otherwise by hand."""
    said = (before or {}).get("steps", {})
    known = enterprise.steps_told(sealer)
    kept = []
    for step, told in outcome.submission["facts"].get("steps", {}).items():
        if told in (said.get(step), known.get(step)):
            continue
        if step in known and known[step] != said.get(step):
            kept.append(step)
        else:
            outcome.steps[step] = told
    return kept


def _locked(session: Session, known: Submission) -> tuple[Entrepreneur, Enterprise]:
    """Her and her enterprise as they stand, held until what is decided of them is carried out."""
    if not _writes(session):
        return session.get_one(Entrepreneur, known.entrepreneur_id), session.get_one(Enterprise, known.enterprise_id)
    woman = session.get_one(
        Entrepreneur, known.entrepreneur_id, with_for_update={"of": Entrepreneur}, populate_existing=True
    )
    enterprise = session.get_one(
        Enterprise, known.enterprise_id, with_for_update={"of": Enterprise}, populate_existing=True
    )
    return woman, enterprise


def _writes(session: Session) -> bool:
    """Whether what is decided can be carried out in this session; in one to read with, nothing is held."""
    return bool(session.info.get("write"))


def newly(caller: Caller, submission: Mapping[str, Any]) -> str | None:
    """How far the record of a submission that nobody knows is checked; None where none is made of it."""
    if not submission["stored"] or not caller.scope.covers(submission["facts"]["municipality"]):
        return None
    return _validation(caller, submission, "captured")


def _validation(caller: Caller, submission: Mapping[str, Any], now: str) -> str:
    return as_brought_in(submission["facts"]["validation"], now, coordinates=caller.has(*COORDINATORS))


def _decide_answers(outcome: Outcome, woman: Entrepreneur, before: Mapping[str, Any] | None) -> bool:
    """What she answers anew; says whether she agrees to be in the inventory at all."""
    submitted = outcome.submission["facts"]
    answers = answers_of(submitted)
    said_before = dict.fromkeys(answers, False) | ({} if before is None else answers_of(before))
    last = {purpose: woman.last_answer(purpose) for purpose in answers}
    recorded = {purpose: answer for purpose, answer in last.items() if answer is not None}
    # A day taken over from the last import is not the day of these answers.
    day = None if "captured_on" in outcome.submission["absent"] else submitted["captured_on"]
    outcome.answers, kept = answers_to_take(answers, said_before, recorded, day)
    agrees = "registry" not in kept
    for purpose in kept if agrees else ("registry",):
        _note(outcome, "consent.last_answer_kept", f"consent_{purpose}", on=kept[purpose].isoformat())
    return agrees


def _held_by_others(
    session: Session,
    sealer: Sealer,
    submissions: Sequence[Mapping[str, Any]],
    known: Mapping[str, Submission],
    identities: Container[str],
) -> set[str]:
    """The submissions whose document is held by a woman who came otherwise than with this file."""
    prints = {}
    for submission in submissions:
        facts = submission.get("facts")
        if submission["stored"] and facts and facts["id_number"]:
            prints[submission["identity"]] = fingerprint_of(facts["id_kind"], facts["id_number"], sealer)
    holders: dict[str, set[Any]] = {}
    for woman, print_, identity in session.execute(
        select(Entrepreneur.id, Entrepreneur.id_fingerprint, Submission.identity)
        .outerjoin(Submission, Submission.entrepreneur_id == Entrepreneur.id)
        .where(Entrepreneur.id_fingerprint.in_(set(prints.values())))
    ):
        if print_ is not None and identity not in identities:
            holders.setdefault(print_, set()).add(woman)
    own = {identity: row.entrepreneur_id for identity, row in known.items()}
    return {identity for identity, print_ in prints.items() if holders.get(print_, set()) - {own.get(identity)}}


def _asks_all_of_products(facts: Mapping[str, Any]) -> bool:
    return all("volume" in product for product in facts["products"])


def answers_of(facts: Mapping[str, Any]) -> dict[str, bool]:
    """What a submission that was kept answers for each purpose that its form asks about."""
    photos = {"photos": facts["consent_photos"]} if "consent_photos" in facts else {}
    return {"registry": True, "credit": facts["consent_credit"], "map": facts["consent_map"], **photos}


def print_of(submission: Mapping[str, Any], sealer: Sealer) -> str:
    return sealer.fingerprint(canonical(submission.get("facts")))


def canonical(facts: Mapping[str, Any] | None) -> bytes:
    """The facts of a submission, the same bytes for the same facts. A refusal has none."""
    return json.dumps(facts, sort_keys=True, default=_day, ensure_ascii=False).encode()


def snapshot(known: Submission, sealer: Sealer) -> dict[str, Any] | None:
    """What the last import brought; None after a refusal."""
    if known.sealed is None:
        return None
    facts: dict[str, Any] | None = json.loads(sealer.opened(known.sealed, known.identity.encode()))
    if facts is None:
        return None
    days = {name: facts[name] and date.fromisoformat(facts[name]) for name in ("born_on", "captured_on")}
    return facts | days


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _note_outside(outcome: Outcome, municipality: str) -> None:
    _note(outcome, "permission.row_outside_scope", "municipio", place=places.full_name(municipality))


def _note(outcome: Outcome, code: str, column: str, **facts: Any) -> None:
    submission = outcome.submission
    outcome.problems.append(
        {
            "sheet": submission["sheet"],
            "row": submission["row"],
            "column": submission["headers"].get(column, column),
            "position": submission["positions"].get(column, 0),
            "code": code,
            "facts": facts,
        }
    )
