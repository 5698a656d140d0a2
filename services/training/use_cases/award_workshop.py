"""The participants of a workshop that was held get their diplomas."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import Activity, DiplomaBatch
from services.training.models.activities import HELD, WORKSHOP
from services.training.models.diplomas import LONGEST_TITLE
from services.training.queries.workshop_diplomas import candidates_of, tenths_of
from services.training.use_cases.finding import locked
from services.training.use_cases.issue_diplomas import Training, issue_diplomas
from shared.identity import Caller
from shared.kernel import Invalid, Refused
from shared.tokens import Keyring


def award_workshop(
    session: Session,
    caller: Caller,
    keyring: Keyring,
    activity_id: UUID,
    *,
    kind: str,
    language: str,
    title: str | None = None,
    participant_ids: Sequence[UUID] | None = None,
) -> DiplomaBatch:
    """The batch of diplomas for all participants, or for those named, which call the workshop by `title`, by its own
    where none is told. Refuses a workshop that was not held yet, one at which nobody is registered by name, who is not
    among them, and a title that does not fit on the paper.
    """
    workshop = locked(session, Activity, activity_id, "csr_activity.unknown", caller)
    if workshop.kind != WORKSHOP:
        raise Refused("csr_activity.no_workshop")
    if workshop.state != HELD:
        raise Refused("diploma.workshop_not_held")
    called = (title or workshop.title).strip()
    if len(called) > LONGEST_TITLE:
        raise Invalid("diploma.title_too_long", pointer="/title", most=LONGEST_TITLE)
    candidates = candidates_of(session, workshop)
    if not candidates:
        raise Refused("diploma.nobody_registered")
    if participant_ids is not None:
        wanted = set(participant_ids)
        if strangers := wanted - {one.holder_id for one in candidates}:
            raise Invalid("diploma.not_a_participant", pointer="/participant_ids", persons=len(strangers))
        candidates = [one for one in candidates if one.holder_id in wanted]
    training = Training(
        kind=WORKSHOP,
        id=workshop.id,
        municipality=workshop.unit,
        title=called,
        tenths=tenths_of(workshop),
        ended_on=workshop.ends_on,
        candidates=candidates,
    )
    return issue_diplomas(session, caller, keyring, kind=kind, language=language, trainings=[training])
