"""Somebody of the team writes down how she saw an enterprise: a level in each subject, and the evidence for it."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Enterprise, EnterpriseProfile
from services.registry.rules.assessment import assess
from services.registry.rules.evidence import file_kept
from services.registry.rules.rubrics import SUBJECTS
from services.registry.use_cases.adopt_rubric import edition_on
from services.registry.use_cases.photograph import agrees_to_photos
from services.registry.use_cases.records import announce_changed, enterprise_to_change, told
from shared import files, history
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, clock


def profile_enterprise(
    session: Session,
    caller: Caller,
    enterprise_id: UUID,
    *,
    assessed_on: date,
    seen: Mapping[str, tuple[int, str | None]],
) -> EnterpriseProfile:
    """A profile by the edition in force that day where the enterprise works; the latest one makes its tier.

    Refuses a day to come, what lies outside the caller's territory, and what does not count any more.
    """
    enterprise = enterprise_to_change(session, caller, enterprise_id, None)
    enterprise.require_counted()
    if assessed_on > clock.today():
        raise Invalid("profile.in_the_future", pointer="/assessed_on", today=clock.today().isoformat())
    before, facts, former = told(enterprise), enterprise.facts(), latest_profile(session, enterprise_id)
    profile = _write(session, caller, enterprise, assessed_on, seen)
    _remember(session, caller, profile, former)
    announce_changed(session, caller, enterprise, action="profile", before=before, facts=facts)
    return profile


def profile_brought_in(
    session: Session,
    caller: Caller,
    enterprise: Enterprise,
    import_id: UUID,
    *,
    assessed_on: date,
    seen: Mapping[str, tuple[int, str | None]],
) -> EnterpriseProfile | None:
    """The profile that a field form brought along, where it judged every subject (None where it did not). The import
    that calls this announces the record, and takes the profile with it when it is undone.
    """
    if not all(subject in seen for subject in SUBJECTS):
        return None
    return _write(session, caller, enterprise, min(assessed_on, clock.today()), seen, import_id)


def _write(
    session: Session,
    caller: Caller,
    enterprise: Enterprise,
    assessed_on: date,
    seen: Mapping[str, tuple[int, str | None]],
    import_id: UUID | None = None,
) -> EnterpriseProfile:
    edition = edition_on(session, enterprise.municipality, assessed_on)
    assessment = assess({subject: level for subject, (level, _) in seen.items()}, edition.rubric)
    profile = EnterpriseProfile.write(
        enterprise.id, assessed_on, seen, edition, assessment, caller, import_id=import_id
    )
    session.add(profile)
    session.flush()
    rank_by_latest(session, enterprise)
    return profile


def keep_evidence(
    session: Session,
    caller: Caller,
    enterprise_id: UUID,
    profile_id: UUID,
    subject: str,
    *,
    name: str,
    content: bytes,
) -> EnterpriseProfile:
    """The profile with a photograph or document as evidence of one subject, once. What a camera writes into a picture
    beside it (where it was taken, when, with what) is not kept.

    Refuses what is neither JPEG, PNG nor PDF, and a photograph where an owner does not agree to photographs.
    """
    enterprise = enterprise_to_change(session, caller, enterprise_id, None)
    enterprise.require_counted()
    profile = profile_of(session, enterprise_id, profile_id)
    kept = file_kept(content)
    if kept is None:
        raise Invalid("profile.not_a_picture", pointer="/file")
    if kept.media_type != "application/pdf" and not agrees_to_photos(enterprise):
        raise Forbidden("profile.no_photographs")
    level = profile.level(subject)
    stored = files.store(
        session, kept.content, name=name, media_type=kept.media_type, kind="profile-evidence", caller=caller
    )
    level.keep(stored.id)
    session.flush()
    after = {"profile": profile.id, "subject": subject, "file": stored.id}
    history.record(session, caller, subject=enterprise_id, kind="enterprise", action="profile-file", after=after)
    return profile


def profile_of(session: Session, enterprise_id: UUID, profile_id: UUID) -> EnterpriseProfile:
    """One profile of this enterprise."""
    found = session.get(EnterpriseProfile, profile_id)
    if found is None or found.enterprise_id != enterprise_id:
        raise NotFound("profile.unknown")
    return found


def latest_profile(session: Session, enterprise_id: UUID) -> EnterpriseProfile | None:
    """The profile of the latest day; of two of the same day the one that was written later."""
    latest = (EnterpriseProfile.assessed_on.desc(), EnterpriseProfile.id.desc())
    mine = select(EnterpriseProfile).where(EnterpriseProfile.enterprise_id == enterprise_id)
    return session.scalars(mine.order_by(*latest).limit(1)).first()


def rank_by_latest(session: Session, enterprise: Enterprise) -> None:
    """The tier and the levels that the others hear of are those of its latest profile."""
    latest = latest_profile(session, enterprise.id)
    enterprise.rank(*((None, None) if latest is None else (latest.tier, latest.announced)))


def _remember(session: Session, caller: Caller, profile: EnterpriseProfile, former: EnterpriseProfile | None) -> None:
    """What was written as evidence stays with the profile alone: a history would keep it after a withdrawal."""
    before = None if former is None else {"score": former.score, "tier": former.tier, "assessed_on": former.assessed_on}
    after = {"profile": profile.id, "score": profile.score, "tier": profile.tier, "assessed_on": profile.assessed_on}
    subject = profile.enterprise_id
    history.record(session, caller, subject=subject, kind="enterprise", action="profile", before=before, after=after)
