"""What the evidence files of a loan and of an award hold alike: the case, from its first day to what was met."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit import sealing
from services.credit.directory import Borrower
from services.credit.documents.evidence import Archive, IndexPrint
from services.credit.models import (
    Application,
    CommitteeKey,
    CommitteeSession,
    CreditGroup,
    Loan,
    Resolution,
    SeedAward,
    TrustFund,
)
from services.credit.queries import evidence as queries
from services.credit.rules.evidence import HISTORY
from services.credit.use_cases import find
from shared import files, history
from shared.identity import Caller
from shared.kernel import Forbidden, NotFound, clock

_SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpeg", "image/png": ".png"}


@dataclass
class Gathered(ABC):
    """A loan or an award and what belongs to it, as one caller may see it."""

    session: Session
    caller: Caller
    about: Loan | SeedAward
    borrower: Borrower
    language: str
    actas: set[str] = field(default_factory=set)

    @cached_property
    def fund(self) -> TrustFund:
        return find.fund(self.session, self.caller, self.about.fund_id)

    @cached_property
    def application(self) -> Application:
        """What it was approved on."""
        return find.application(self.session, self.caller, self.about.application_id)

    @cached_property
    def resolution(self) -> Resolution:
        """What it was paid out on."""
        return self.session.get_one(Resolution, self.about.resolution_id)

    @cached_property
    def meeting(self) -> CommitteeSession:
        """The session that approved it."""
        return self.session.get_one(CommitteeSession, self.resolution.session_id)

    @cached_property
    def later(self) -> list[Application]:
        """What was asked of the committee about it afterwards."""
        return []

    @property
    @abstractmethod
    def facts(self) -> Mapping[str, Any]:
        """What the index says of it."""

    def write(self, out: BinaryIO, key: CommitteeKey) -> None:
        """All of it, in the order of its life. A further room is a further line."""
        with Archive(out) as archive:
            self._case(archive, self.application, "")
            self._life(archive)
            for application in self.later:
                self._case(archive, application, f"changes/{application.number}/")
            add(archive, HISTORY, queries.histories(self.session, self._subjects()))
            self._index(archive)
            what = "loan" if isinstance(self.about, Loan) else "award"
            told = {what: self.about.number, "fund": self.fund.code, "as_of": clock.today().isoformat()}
            archive.seal(told, key.public, lambda manifest: sealing.attest(self.session, key.committee_id, manifest))

    @abstractmethod
    def _life(self, archive: Archive) -> None:
        """What came after the approval."""

    def _case(self, archive: Archive, application: Application, folder: str) -> None:
        """One application from the day it was handed in to what was resolved and met, in a `folder` of its own."""
        add(archive, f"{folder}application.json", queries.application(self.session, application, self.fund))
        add(archive, f"{folder}appraisals.json", queries.appraisals(application))
        self._papers(archive, application, folder)
        self._guarantees(archive, application, folder)
        self._sessions(archive, application, folder)
        self._conditions(archive, application, folder)

    def _papers(self, archive: Archive, application: Application, folder: str) -> None:
        add(archive, f"{folder}papers.json", queries.rows(application.attachments))
        for number, paper in enumerate(application.attachments, start=1):
            self._file(archive, f"{folder}papers/{number:02d}", paper.file_id)

    def _guarantees(self, archive: Archive, application: Application, folder: str) -> None:
        loan = self.session.scalar(select(Loan).where(Loan.application_id == application.id))
        found = queries.guarantees(self.session, application, loan)
        add(archive, f"{folder}guarantees.json", [row for _, row in found])
        for number, (guarantee, _) in enumerate(found, start=1):
            self._file(archive, f"{folder}guarantees/{number:02d}", guarantee.file_id)

    def _sessions(self, archive: Archive, application: Application, folder: str) -> None:
        meetings = queries.meetings(self.session, application)
        add(archive, f"{folder}sessions.json", queries.sessions(application, meetings))
        for meeting in meetings:
            if meeting.number in self.actas:
                continue
            self.actas.add(meeting.number)
            try:
                acta = find.acta(self.session, self.caller, meeting.id)
            except NotFound:
                archive.leave_out(f"acta: {meeting.number}", "session_not_closed")
            except Forbidden:
                archive.leave_out(f"acta: {meeting.number}", "withheld")
            else:
                self._file(archive, f"actas/{acta.number}.pdf", acta.file_id)

    def _conditions(self, archive: Archive, application: Application, folder: str) -> None:
        found = queries.conditions(self.session, application)
        add(archive, f"{folder}conditions.json", queries.rows(found))
        for number, condition in enumerate(found, start=1):
            self._file(archive, f"{folder}conditions/{number:02d}", condition.evidence_file_id)

    def _index(self, archive: Archive) -> None:
        told = history.of(self.session, self.application.id)
        facts = {
            "letterhead": self.fund.letterhead,
            "number": self.about.number,
            "fund": self.fund.name,
            "borrower": self.borrower.name,
            "enterprise": self.borrower.enterprise,
            "application": self.application.number,
            "submitted_on": self.application.submitted_on,
            "resolution": self.resolution.number,
            "erased": any(entry["salt"] is None for entry in told),
            **self.facts,
        }
        printed = IndexPrint.of(facts, archive, clock.today(), self.language)
        archive.add("index.pdf", printed.render_unissued())

    def _subjects(self) -> Iterator[tuple[str, UUID]]:
        """Whose history is this one's: each once."""
        told: set[UUID] = set()
        for kind, subject in self._all_subjects():
            if subject not in told:
                told.add(subject)
                yield kind, subject

    def _all_subjects(self) -> Iterator[tuple[str, UUID]]:
        for application in (self.application, *self.later):
            yield "application", application.id
            for meeting in queries.meetings(self.session, application):
                yield "session", meeting.id
                yield from (("item", item.id) for item in meeting.agenda if item.application_id == application.id)
        group = CreditGroup.of(self.session, self.application.id)
        if group is not None:
            yield "group", group.id
        if isinstance(self.about, Loan):
            yield "loan", self.about.id

    def _file(self, archive: Archive, path: str, file_id: UUID | None) -> None:
        """A stored file as it is kept, where there is one; of one that was erased it is said."""
        if file_id is None:
            return
        try:
            stored = files.find(self.session, file_id)
        except NotFound:
            archive.leave_out(path, "erased")
            return
        with files.opened(self.session, file_id) as content:
            archive.add(path.removesuffix(".pdf") + _SUFFIXES.get(stored.media_type, ""), content)

    def _allowed(self, archive: Archive, path: str, roles: Iterable[str]) -> bool:
        """Whether this reader may have it; of what she may not it is said."""
        allowed = self.caller.has(*roles)
        if not allowed:
            archive.leave_out(path, "withheld")
        return allowed


def add(archive: Archive, path: str, told: Any) -> None:
    """Rows or facts, as JSON."""
    archive.add(path, orjson.dumps(told, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z))
