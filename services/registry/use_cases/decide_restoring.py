"""What is to become of each record of an export that comes back, decided before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.exchange.columns import MAIN
from services.registry.exchange.prints import print_of, print_of_woman
from services.registry.models import Enterprise, Entrepreneur, ImportRun, Owner, Submission
from services.registry.models.entrepreneur import fingerprint_of
from services.registry.models.intake import ImportChange
from services.registry.queries.records import OWN_IDENTITY, whole_records
from services.registry.rules.visibility import view_of
from services.registry.sealing import Sealer
from shared import history, places
from shared.identity import Caller

_TEAM = view_of({"coordinator"})


@dataclass(slots=True)
class Restored:
    """What becomes of one record: `created`, `unchanged` or, where it is not kept, None."""

    said: Mapping[str, Any]
    kind: str | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)

    @property
    def record(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = self.said["record"]
        return found

    @property
    def row(self) -> dict[str, Any]:
        return self.record[MAIN][0]

    @property
    def owners(self) -> list[dict[str, Any]]:
        return [self.row, *self.record["otras_duenas"]]

    @property
    def identity(self) -> str:
        """By which the record is known as taken in: its field form's, or else its own id."""
        forms = self.record["fichas"]
        return forms[0]["identity"] if forms else f"{OWN_IDENTITY}{self.row['id']}"

    def note(self, code: str, **facts: Any) -> None:
        where = {name: self.said[name] for name in ("sheet", "row", "column", "position")}
        self.problems.append(where | {"code": code, "facts": facts})


def decide_records(
    session: Session, caller: Caller, sealer: Sealer, run: ImportRun, records: Sequence[Mapping[str, Any]]
) -> list[Restored]:
    """What is to become of each record; writes nothing, and a record that is there is never written over."""
    there = _There.of(session, caller, sealer, run, records)
    outcomes = []
    for said in records:
        outcome = Restored(said, None, list(said["problems"]))
        if said["stored"] and (refused := _refused(caller, there, outcome)):
            outcome.note(refused[0], **refused[1])
        outcomes.append(outcome)
    return outcomes


def _refused(caller: Caller, there: "_There", outcome: Restored) -> tuple[str, dict[str, Any]] | None:
    """Why a record is not kept, after its `kind` was decided; None where it is."""
    row, key = outcome.row, UUID(outcome.row["id"])
    known = there.enterprises.get(key)
    place = row["municipality"] if known is None else known.municipality
    if not (caller.scope.covers(place) and caller.scope.covers(row["municipality"])):
        return "permission.row_outside_scope", {"place": places.full_name(row["municipality"])}
    if known is not None:
        return _refused_known(there, outcome, known)
    if not row["consent_registry"]:
        return "consent.refused", {}
    refused = _refused_forms(there, outcome, key) or _refused_owners(there, outcome)
    if refused is None:
        outcome.kind = "created"
        if any(there.is_held_by_another(owner) for owner in outcome.owners):
            outcome.note("national_id.held_by_another")
    return refused


def _refused_known(there: "_There", outcome: Restored, known: Any) -> tuple[str, dict[str, Any]] | None:
    """There is a record of this id already."""
    if known.merged_into is not None:
        return "record.merged", {}
    if not known.active:
        return "submission.withdrawn", {}
    if there.prints.get(known.id) != print_of(outcome.record):
        return "record.differs", {}
    outcome.kind = "unchanged"
    return None


def _refused_forms(there: "_There", outcome: Restored, key: UUID) -> tuple[str, dict[str, Any]] | None:
    if key in there.taken_ids:
        return "record.id_taken", {}
    for identity in (outcome.identity, *(form["identity"] for form in outcome.record["fichas"])):
        if (taken := there.forms.get(identity)) is not None:
            return ("submission.withdrawn" if taken.withdrawn else "record.form_of_another"), {}
    return None


def _refused_owners(there: "_There", outcome: Restored) -> tuple[str, dict[str, Any]] | None:
    """A woman who is there already may own one more only where all of her is as the file says."""
    for owner in outcome.owners:
        key = UUID(owner["woman_id"])
        if key in there.taken_ids:
            return "record.id_taken", {}
        if key not in there.women:
            continue
        if there.women[key] is not None:
            return "submission.withdrawn", {}
        answers = [answer for answer in outcome.record["consentimientos"] if answer["woman_id"] == owner["woman_id"]]
        if there.women_prints.get(key) != print_of_woman(owner, answers):
            return "record.woman_differs", {}
    return None


@dataclass(slots=True)
class _There:
    """What the registry holds of what a batch names."""

    enterprises: dict[UUID, Any]
    prints: dict[UUID, str]
    women: dict[UUID, Any]
    women_prints: dict[UUID, str]
    forms: dict[str, Any]
    taken_ids: set[UUID]
    holders: dict[str, set[UUID]]
    sealer: Sealer

    @classmethod
    def of(
        cls, session: Session, caller: Caller, sealer: Sealer, run: ImportRun, records: Sequence[Mapping[str, Any]]
    ) -> "_There":
        stored = [Restored(said) for said in records if said["stored"]]
        ids = [UUID(one.row["id"]) for one in stored]
        women = {UUID(owner["woman_id"]) for one in stored for owner in one.owners}
        wanted = {form["identity"] for one in stored for form in one.record["fichas"]}
        wanted |= {one.identity for one in stored}
        columns = (Enterprise.id, Enterprise.municipality, Enterprise.active, Enterprise.merged_into)
        known = select(*columns).where(Enterprise.id.in_(ids))
        enterprises = {row.id: row for row in session.execute(known)}
        present = select(Entrepreneur.id, Entrepreneur.withdrawn_on).where(Entrepreneur.id.in_(women))
        forms = select(Submission.identity, Submission.withdrawn).where(Submission.identity.in_(wanted))
        there = cls(
            enterprises,
            {},
            {row.id: row.withdrawn_on for row in session.execute(present)},
            {},
            {row.identity: row for row in session.execute(forms)},
            _taken_otherwise(session, ids, women),
            _holders(session, sealer, stored, run),
            sealer,
        )
        there._read(session, caller)
        return there

    def _read(self, session: Session, caller: Caller) -> None:
        """The prints of the records and women that are there, as far as the caller may know of them."""
        assert _TEAM is not None
        owned = select(Owner.enterprise_id).where(Owner.entrepreneur_id.in_(self.women))
        ids = [*{*self.enterprises, *session.scalars(owned)}]
        hidden: set[UUID] = set()
        for record in whole_records(session, caller, self.sealer, _TEAM, ids):
            row = record[MAIN][0]
            self.prints[row["id"]] = row["seal"]
            for owner in (row, *record["otras_duenas"]):
                key = owner["woman_id"]
                answers = [answer for answer in record["consentimientos"] if answer["woman_id"] == key]
                self.women_prints[key] = print_of_woman(owner, answers)
                if not caller.scope.covers(row["municipality"]):
                    hidden.add(key)
        for key in hidden:
            del self.women_prints[key]

    def is_held_by_another(self, owner: Mapping[str, Any]) -> bool:
        if not owner["id_number"]:
            return False
        held = self.holders.get(fingerprint_of(owner["id_kind"], owner["id_number"], self.sealer), set())
        return bool(held - {UUID(owner["woman_id"])})


def _taken_otherwise(session: Session, ids: Iterable[UUID], women: Iterable[UUID]) -> set[UUID]:
    """Ids under which the history knows something else: nobody's past is continued under another name."""
    entries = history.entries.c
    found: set[UUID] = set()
    for kind, wanted in (("enterprise", ids), ("entrepreneur", women)):
        rows = select(entries.subject).where(entries.subject.in_(wanted), entries.kind != kind)
        found.update(session.scalars(rows))
    return found


def _holders(session: Session, sealer: Sealer, stored: Sequence[Restored], run: ImportRun) -> dict[str, set[UUID]]:
    """By the print of a document, the women who hold it and did not come with this file."""
    prints = {
        fingerprint_of(owner["id_kind"], owner["id_number"], sealer)
        for one in stored
        for owner in one.owners
        if owner["id_number"]
    }
    came = select(ImportChange.entrepreneur_id).where(ImportChange.import_id == run.id)
    holding = select(Entrepreneur.id_fingerprint, Entrepreneur.id).where(
        Entrepreneur.id_fingerprint.in_(prints), Entrepreneur.id.not_in(came)
    )
    found: dict[str, set[UUID]] = {}
    for print_, key in session.execute(holding):
        found.setdefault(str(print_), set()).add(key)
    return found
