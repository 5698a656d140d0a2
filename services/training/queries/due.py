"""What is due: what waits for somebody in her role and territory, counted and listed by the same questions."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, String, Uuid, column, exists, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from services.training.models import (
    Agreement,
    AttendanceMark,
    Curriculum,
    CurriculumAcceptance,
    CurriculumContribution,
    CurriculumVersion,
    LearningInstrument,
    Measurement,
    Trainer,
    TrainerLicence,
    TrainingGroup,
    TrainingSession,
)
from services.training.models.curriculum_voices import OPEN
from services.training.models.learning import AFTER, LATER
from services.training.models.sessions import GROUP, PLANNED
from services.training.queries import licences, partners
from services.training.queries.action_plans import plans_to_review, plans_under_way
from services.training.queries.scope import near
from services.training.rules import csr_access, csr_follow_up_access, library_access
from services.training.rules.action_plans import WRITING, months_after
from services.training.rules.curricula import ENTREPRENEUR, PROPOSED, SIGNED_IN
from services.training.rules.learning.results import MONTHS, later
from shared import history
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, clock
from shared.web.paging import Page, cursor_of, cursor_values

CHECK_IN, REVIEW, ROLL, LATER_SURVEY = "check_in", "review", "roll", "later_survey"
AGREEMENT, LICENCE, ACCEPTANCE, CONTRIBUTION = "agreement", "licence", "acceptance", "contribution"
KINDS = (CHECK_IN, REVIEW, ROLL, LATER_SURVEY, AGREEMENT, LICENCE, ACCEPTANCE, CONTRIBUTION)
_KEYS: list[Any] = [column("day", Date), column("kind", String), column("id", Uuid)]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is due on a day: its title, whose it is (a firm, a group, an institution, a trainer), and the ids
    of the page where it is done (`page_id`, and `part_id` where the page has several).
    """

    kind: str
    id: UUID
    day: date
    title: str
    of: str
    unit: str
    page_id: UUID
    part_id: UUID | None = None
    months: tuple[int, ...] = ()


def list_due(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """What is due of the caller, of one kind where it is asked, the oldest first."""
    found = [_row(line) for line in _lines(session, caller) if filters.get("kind") in {None, line.kind}]
    found.sort(key=_place)
    if after:
        begin = tuple(cursor_values(after, _KEYS))
        found = [row for row in found if _place(row) > begin]
    return Page(found[:limit], cursor_of(found[limit - 1], _KEYS) if len(found) > limit else None)


def count_due(session: Session, caller: Caller) -> dict[str, int]:
    """How many lines the list has of each kind."""
    counted = Counter(line.kind for line in _lines(session, caller))
    return {kind: counted[kind] for kind in KINDS}


def _place(row: Mapping[str, Any]) -> tuple[date, str, UUID]:
    return row["day"], row["kind"], row["id"]


def _row(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in Line.__slots__} | {"late": line.day < clock.today()}


def _lines(session: Session, caller: Caller) -> Iterator[Line]:
    for roles, ask in _ASKED:
        if caller.has(*roles):
            yield from ask(session, caller)


def _check_ins(session: Session, caller: Caller) -> Iterator[Line]:
    for plan, light in plans_under_way(session, caller):
        if light["due"] and plan.begins_on:
            months, firm = tuple(light["due"]), plan.sme
            day = months_after(plan.begins_on, months[0])
            yield Line(CHECK_IN, plan.id, day, "", firm.name, firm.unit, firm.id, months=months)


def _reviews(session: Session, caller: Caller) -> Iterator[Line]:
    """Plans to review; not those in which she wrote."""
    for plan in plans_to_review(session, caller):
        if not history.has_done(session, caller, plan.id, *WRITING):
            yield Line(REVIEW, plan.id, plan.since, "", plan.sme.name, plan.sme.unit, plan.sme_id)


def _rolls(session: Session, caller: Caller) -> Iterator[Line]:
    """Sessions that are over and at which nobody was marked, of groups that still are."""
    wanted = (
        select(TrainingSession, TrainingGroup)
        .join(TrainingGroup, TrainingGroup.id == TrainingSession.subject_id)
        .where(
            caller.scope.condition(TrainingSession.unit),
            TrainingSession.subject_kind == GROUP,
            TrainingSession.state == PLANNED,
            TrainingSession.last_day < clock.today(),
            ~exists().where(AttendanceMark.session_id == TrainingSession.id),
            TrainingGroup.dissolved_on.is_(None),
        )
    )
    for one, group in session.execute(wanted):
        yield Line(ROLL, one.id, one.last_day, one.title, _named(group), one.unit, one.id)


def _later_surveys(session: Session, caller: Caller) -> Iterator[Line]:
    """What a group was asked at the end of its training and not again months later, until a year has passed."""
    again = aliased(Measurement)
    asked = exists().where(
        again.group_id == Measurement.group_id,
        again.instrument_id == Measurement.instrument_id,
        again.moment == LATER,
    )
    wanted = (
        select(Measurement.id, LearningInstrument.title, TrainingGroup)
        .join(TrainingGroup, TrainingGroup.id == Measurement.group_id)
        .join(LearningInstrument, LearningInstrument.id == Measurement.instrument_id)
        .where(
            caller.scope.condition(TrainingGroup.municipality),
            Measurement.moment == AFTER,
            TrainingGroup.completed_on.is_not(None),
            ~asked,
        )
    )
    soonest, latest = MONTHS
    for measurement_id, title, group in session.execute(wanted):
        ended = group.completed_on or clock.today()
        day = later(ended, soonest)
        if day <= clock.today() < later(ended, latest):
            yield Line(LATER_SURVEY, measurement_id, day, title, _named(group), group.municipality, group.id)


def _agreements(session: Session, caller: Caller) -> Iterator[Line]:
    """Agreements that end soon and are not renewed."""
    ending = partners.stands(partners.ENDING)
    wanted = select(Agreement).where(near(caller, Agreement.unit), ending, Agreement.partners.any())
    for one in session.scalars(wanted.options(selectinload(Agreement.partners))):
        with_whom = ", ".join(partner.name for partner in one.partners)
        yield Line(AGREEMENT, one.id, one.ends_on or date.max, one.title, with_whom, one.unit, one.partners[0].id)


def _licences(session: Session, caller: Caller) -> Iterator[Line]:
    """Licences that end soon and are not renewed."""
    wanted = select(TrainerLicence, Trainer.name).join(Trainer, Trainer.id == TrainerLicence.trainer_id)
    soon = wanted.where(near(caller, TrainerLicence.unit), licences.stands(licences.EXPIRING))
    for one, name in session.execute(soon):
        yield Line(LICENCE, one.id, one.valid_until, one.number, name, one.unit, one.id)


def _acceptances(session: Session, caller: Caller) -> Iterator[Line]:
    """Proposed versions that nobody has accepted in a voice of hers; not those that she accepted in another one."""
    its = CurriculumAcceptance.version_id == CurriculumVersion.id
    hers = (CurriculumAcceptance.by == caller.subject) & (CurriculumAcceptance.voice != ENTREPRENEUR)
    voices = [voice for voice, roles in SIGNED_IN.items() if caller.has(*roles)]
    wanted = (
        select(CurriculumVersion, Curriculum)
        .join(Curriculum, Curriculum.id == CurriculumVersion.curriculum_id)
        .where(
            near(caller, Curriculum.unit),
            CurriculumVersion.state == PROPOSED,
            or_(*(~exists().where(its, CurriculumAcceptance.voice == voice) for voice in voices)),
            ~exists().where(its, hers),
        )
    )
    for one, head in session.execute(wanted):
        day = (one.proposed_at or one.recorded_at).astimezone(LOCAL_TIME).date()
        yield Line(ACCEPTANCE, one.id, day, head.title, str(one.number), head.unit, head.id, one.id)


def _contributions(session: Session, caller: Caller) -> Iterator[Line]:
    """Contributions to the curricula of her territory that nobody has answered; who gave them is not told."""
    wanted = (
        select(CurriculumContribution, CurriculumVersion, Curriculum)
        .join(CurriculumVersion, CurriculumVersion.id == CurriculumContribution.version_id)
        .join(Curriculum, Curriculum.id == CurriculumVersion.curriculum_id)
        .where(caller.scope.condition(Curriculum.unit), CurriculumContribution.state == OPEN)
    )
    for one, version, head in session.execute(wanted):
        day = one.at.astimezone(LOCAL_TIME).date()
        yield Line(CONTRIBUTION, one.id, day, head.title, str(version.number), head.unit, head.id, version.id)


def _named(group: TrainingGroup) -> str:
    return f"{group.number}. {group.name}"


Ask = Callable[[Session, Caller], Iterator[Line]]
_ASKED: tuple[tuple[frozenset[str], Ask], ...] = (
    (csr_follow_up_access.TEAM, _check_ins),
    (csr_follow_up_access.REVIEWERS, _reviews),
    (csr_access.TEAM, _rolls),
    (csr_access.TEAM, _later_surveys),
    (csr_access.PARTNER_KEEPERS, _agreements),
    (library_access.SHARERS, _licences),
    (frozenset[str]().union(*SIGNED_IN.values()), _acceptances),
    (csr_access.TEAM, _contributions),
)
DOERS = frozenset[str]().union(*(roles for roles, _ in _ASKED))
"""For whom something can be due."""
