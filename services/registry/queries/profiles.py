"""Profiles and rubrics as their readers see them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.registry.models import Centre, Covered, Enterprise, EnterpriseProfile, ProfileLevel, RubricEdition
from services.registry.queries.seeing import require_seen, view_for
from services.registry.rules.assessment import Term, assess
from services.registry.rules.rubrics import SUBJECTS, Edition, Rubric
from services.registry.tables import network_rubric_on
from services.registry.use_cases.adopt_rubric import edition_cited, edition_of_centre, edition_on
from services.registry.use_cases.photograph import agrees_to_photos
from services.registry.use_cases.profile_enterprise import profile_of
from shared import files, places
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, clock
from shared.web.paging import Page, keyset_page

_LIST = (
    *labelled(EnterpriseProfile, "id", "assessed_on", "recorded_at", "assessor_name", "score", "tier", "rubric_id"),
    *labelled(EnterpriseProfile, "edition"),
)


def list_profiles(session: Session, caller: Caller, enterprise_id: UUID, *, limit: int, after: str | None) -> Page:
    """The profiles of an enterprise, the latest first, each with its levels."""
    _enterprise(session, caller, enterprise_id)
    mine = select(*_LIST).where(EnterpriseProfile.enterprise_id == enterprise_id)
    page = keyset_page(session, mine, keys=[_LIST[1], _LIST[0]], limit=limit, after=after, descending=True)
    rows = [dict(row) for row in page.rows]
    told = select(ProfileLevel).where(ProfileLevel.profile_id.in_([row["id"] for row in rows]))
    levels: dict[UUID, list[ProfileLevel]] = {}
    for level in session.scalars(told.order_by(ProfileLevel.profile_id, ProfileLevel.rank)):
        levels.setdefault(level.profile_id, []).append(level)
    for row in rows:
        row["levels"] = levels.get(row["id"], [])
    return Page(rows, page.next)


def show_profile(session: Session, caller: Caller, enterprise_id: UUID, profile_id: UUID) -> dict[str, Any]:
    """One profile and how its score came about, computed anew from its levels and the edition it cites."""
    enterprise = _enterprise(session, caller, enterprise_id)
    profile = profile_of(session, enterprise_id, profile_id)
    edition = edition_cited(session, profile.rubric_id, profile.edition)
    assessment = assess(profile.told, edition.rubric)
    evidence = {level.subject: level for level in profile.levels}
    return {
        "id": profile.id,
        "enterprise_id": enterprise_id,
        "enterprise_name": enterprise.name,
        "municipality": enterprise.municipality,
        "assessed_on": profile.assessed_on,
        "recorded_at": profile.recorded_at,
        "assessor_name": profile.assessor_name,
        "score": assessment.score,
        "tier": assessment.tier,
        "strategic_from": assessment.strategic_from,
        "missing": assessment.missing,
        "lacking": list(assessment.lacking),
        "terms": [_term(term, edition.rubric, evidence[term.subject]) for term in assessment.terms],
        "rubric_id": profile.rubric_id,
        "edition": profile.edition,
        "centre_name": _centre_name(session, edition),
    }


def evidence_file(
    session: Session, caller: Caller, enterprise_id: UUID, profile_id: UUID, subject: str
) -> tuple[str, str, bytes]:
    """The name, the media type and the bytes of the evidence of one subject; refuses where none was kept,
    and a picture where an owner does not agree to photographs.
    """
    enterprise = _enterprise(session, caller, enterprise_id)
    level = profile_of(session, enterprise_id, profile_id).level(subject)
    if level.file_id is None:
        raise NotFound("profile.without_file")
    kept = files.find(session, level.file_id)
    if kept.media_type != "application/pdf" and not agrees_to_photos(enterprise):
        raise Forbidden("profile.no_photographs")
    return kept.name, kept.media_type, files.read(session, level.file_id)


def list_rubrics(session: Session, caller: Caller) -> list[dict[str, Any]]:
    """The network's edition in force, and every edition of the centres in the caller's territory, latest first."""
    view_for(caller)
    here = exists().where(Covered.centre_id == RubricEdition.centre_id, caller.scope.condition(Covered.municipality))
    latest = (RubricEdition.valid_from.desc(), RubricEdition.id.desc())
    adopted = session.scalars(select(RubricEdition).where(here).order_by(*latest)).all()
    return [
        show_edition(session, edition) for edition in (network_rubric_on(clock.today()), *(r.value for r in adopted))
    ]


def rubric_in_force(session: Session, caller: Caller, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The edition in force on a day (today unless asked otherwise) in a municipality, or for a centre."""
    view_for(caller)
    day = asked.get("day") or clock.today()
    if centre_id := asked.get("centre_id"):
        centre = session.get(Centre, centre_id)
        if centre is None:
            raise NotFound("centre.unknown")
        if not any(caller.scope.covers(code) for code in centre.municipalities):
            raise Forbidden("permission.outside_scope", unit=centre.country)
        return show_edition(session, edition_of_centre(session, centre_id, day))
    municipality = asked.get("municipality")
    if municipality not in places.municipalities():
        raise Invalid("municipality.unknown", pointer="/municipality", value=municipality or "")
    caller.require_scope(municipality)
    return show_edition(session, edition_on(session, municipality, day))


def show_edition(session: Session, edition: Edition) -> dict[str, Any]:
    """An edition as it goes out: whether it is in force today, its numbers, and the words of its levels."""
    today = clock.today()
    if edition.centre_id is None:
        current = network_rubric_on(today)
    else:
        current = edition_of_centre(session, edition.centre_id, today)
    rubric = edition.rubric
    return {
        "id": edition.id,
        "centre_id": edition.centre_id,
        "centre_name": _centre_name(session, edition),
        "valid_from": edition.valid_from,
        "in_force": edition == current,
        "source": edition.source,
        "strategic_from": rubric.strategic_from,
        "stale_after_months": rubric.stale_after_months,
        "subjects": [
            {
                "subject": subject,
                "weight": rubric.weights[subject],
                "minimum": rubric.minimums[subject],
                "levels": list(rubric.levels[subject]),
            }
            for subject in SUBJECTS
        ],
    }


def _term(term: Term, rubric: Rubric, level: ProfileLevel) -> dict[str, Any]:
    told = {name: getattr(term, name) for name in Term.__slots__}
    words = rubric.levels[term.subject][term.level]
    return told | {"words": words, "evidence": level.evidence, "has_file": level.file_id is not None}


def _centre_name(session: Session, edition: Edition) -> str | None:
    return None if edition.centre_id is None else session.get_one(Centre, edition.centre_id).name


def _enterprise(session: Session, caller: Caller, enterprise_id: UUID) -> Enterprise:
    """The record, for who may see profiles: refused, as if there were none, to who may not know of it."""
    if not view_for(caller).profile:
        raise NotFound("enterprise.unknown")
    return require_seen(session, caller, enterprise_id)
