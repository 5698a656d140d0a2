"""A diploma is taken back, or replaced by one with a new number."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.training.models import Diploma, DiplomaBatch, DiplomaLink, Participant
from services.training.models.activities import WORKSHOP
from services.training.use_cases.issue_diplomas import issue, next_number
from shared import files, history
from shared.bus import log
from shared.events.training import DiplomaRevoked
from shared.identity import Caller
from shared.kernel import NotFound, Refused, clock, uuid7
from shared.tokens import Keyring

_KEPT = (
    *("batch_id", "kind", "subject_kind", "subject_id", "municipality", "holder_id", "title", "tenths", "attended"),
    *("ended_on", "rule_from"),
)


def revoke_diploma(session: Session, caller: Caller, diploma_id: UUID, *, version: int | None, reason: str) -> Diploma:
    """The diploma, which holds no more; its links lead nowhere, and the file of its batch is gone: nobody prints it."""
    diploma = locked_diploma(session, caller, diploma_id, version)
    diploma.revoke(reason)
    erase_batch_file(session, diploma.batch_id)
    end_links(session, diploma.id)
    session.flush()
    history.record(session, caller, subject=diploma.id, kind="diploma", action="revoke", after={"reason": reason})
    assert diploma.revoked_on is not None
    revoked = DiplomaRevoked(diploma_id=diploma.id, reason=reason, revoked_on=diploma.revoked_on)
    log.append(session, revoked, diploma.id)
    return diploma


def reissue_diploma(
    session: Session,
    caller: Caller,
    keyring: Keyring,
    diploma_id: UUID,
    *,
    version: int | None,
    reason: str,
    name: str | None,
    language: str | None = None,
) -> Diploma:
    """The new diploma, which says what the old one said, of her name as it is written today: in the registry (`name`),
    of a participant in the list of her workshop. The old one is revoked. Refused where the holder withdrew, and where
    the registry does not tell her name: an old name is never printed again unseen.
    """
    old = locked_diploma(session, caller, diploma_id, version)
    if old.name is None:
        raise NotFound("diploma.erased", number=old.number)
    if old.subject_kind == WORKSHOP:
        name = session.scalar(select(Participant.name).where(Participant.id == old.holder_id))
    if not name:
        raise Refused("diploma.name_not_told", number=old.number)
    number = next_number(session)
    revoke_diploma(session, caller, diploma_id, version=None, reason=reason)
    new = Diploma(
        **{kept: getattr(old, kept) for kept in _KEPT},
        id=uuid7(),
        number=number,
        name=name,
        language=language or old.language,
        issued_on=clock.today(),
        issued_at=clock.now(),
        issued_by=caller.subject,
        issued_by_name=caller.name,
        replaces_id=old.id,
    )
    issue(session, caller, keyring, new)
    return new


def locked_diploma(session: Session, caller: Caller, diploma_id: UUID, version: int | None) -> Diploma:
    """A diploma of the caller's territory, locked; refuses an old version of it."""
    wanted = select(Diploma).where(Diploma.id == diploma_id).with_for_update()
    diploma = session.scalar(wanted.execution_options(populate_existing=True))
    if diploma is None:
        raise NotFound("diploma.unknown")
    caller.require_scope(diploma.municipality)
    diploma.require_version(version)
    return diploma


def erase_batch_file(session: Session, batch_id: UUID) -> None:
    """A diploma of this batch must not be printed any more: the file with all of them is erased."""
    wanted = select(DiplomaBatch).where(DiplomaBatch.id == batch_id).with_for_update()
    batch = session.execute(wanted.execution_options(populate_existing=True)).scalar_one()
    if batch.file_id is not None:
        files.erase(session, batch.file_id)
        batch.keep_file(None)


def end_links(session: Session, diploma_id: UUID) -> None:
    """Every personal link to it leads nowhere from now on."""
    open_ones = update(DiplomaLink).where(DiplomaLink.diploma_id == diploma_id, DiplomaLink.revoked_on.is_(None))
    session.execute(open_ones.values(revoked_on=clock.today(), version=DiplomaLink.version + 1))
