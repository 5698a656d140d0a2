"""A questionnaire is written, and a group is asked it before its training, at its end or months later."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.training.models import AnswerSheet, LearnerCode, LearningInstrument, Measurement, TrainingGroup
from services.training.models.learning import BEFORE
from services.training.queries.learning import show_instrument
from services.training.reference import learning as reference
from services.training.rules.learning.questionnaire import SATISFACTION, written
from services.training.use_cases.confirm_group import locked_group
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, Stale, clock, uuid7

_LETTERS = "ABCDEFGHJKMNPQRTUVWXYZ2346789"
"""None that is taken for another when read aloud or from paper."""
_LONG = 6


def write_instrument(
    session: Session, caller: Caller, *, code: str, title: str, purpose: str, questions: str
) -> LearningInstrument:
    """The next edition of the instrument with this code; refuses questions that cannot be read, and another purpose
    than its first edition has.
    """
    items = written(questions, purpose)
    newest = session.scalar(
        select(LearningInstrument)
        .where(LearningInstrument.code == code)
        .order_by(LearningInstrument.edition.desc())
        .limit(1)
        .with_for_update()
    )
    if newest is not None and newest.purpose != purpose:
        raise Invalid("instrument.other_purpose", pointer="/purpose", instrument=code)
    instrument = LearningInstrument(
        id=uuid7(),
        code=code,
        edition=newest.edition + 1 if newest else 1,
        title=title.strip(),
        purpose=purpose,
        questions=questions,
        items=[item.kept() for item in items],
        written_on=clock.today(),
        written_by=caller.subject,
        written_by_name=caller.name,
    )
    try:
        with session.begin_nested():
            session.add(instrument)
    except IntegrityError:
        raise Refused("instrument.written_meanwhile", instrument=code) from None
    told = {"code": code, "edition": instrument.edition, "title": instrument.title, "questions": len(items)}
    history.record(session, caller, subject=instrument.id, kind="learning_instrument", action="write", after=told)
    return instrument


def open_measurement(
    session: Session, caller: Caller, *, group_id: UUID, instrument_id: UUID, moment: str, closes_on: date
) -> Measurement:
    """Ask a group; each of its women has her sheet and her code. Refuses a moment that was measured already, one before
    a training for what can only be said after it, another edition than the group was asked, and a last day that is past
    or too far away.
    """
    group = locked_group(session, caller, group_id, None)
    instrument = show_instrument(session, instrument_id)
    if instrument["purpose"] == SATISFACTION and moment == BEFORE:
        raise Invalid("measurement.nothing_before", pointer="/moment")
    _check_moment(session, group, instrument_id, instrument["code"], moment)
    longest = clock.today() + timedelta(days=reference.link_days())
    if not clock.today() <= closes_on <= longest:
        raise Invalid("measurement.last_day", pointer="/closes_on", day=longest)
    measurement = Measurement(
        id=uuid7(),
        group_id=group.id,
        instrument_id=instrument_id,
        moment=moment,
        opened_on=clock.today(),
        closes_on=closes_on,
        closed_on=None,
        withdrawn=0,
        opened_by=caller.subject,
        opened_by_name=caller.name,
    )
    session.add(measurement)
    session.flush()
    asked = _invite(session, measurement, group)
    told = {"group": group.number, "instrument": instrument["code"], "moment": moment, "women": asked}
    history.record(session, caller, subject=measurement.id, kind="measurement", action="open", after=told)
    return measurement


def invite_members(session: Session, caller: Caller, measurement_id: UUID, *, version: int | None) -> Measurement:
    """Ask also those who joined the group since; refuses once the measurement is closed, and where nobody joined."""
    measurement, group = _locked(session, caller, measurement_id, version)
    measurement.require_open()
    asked = _invite(session, measurement, group)
    if not asked:
        raise Refused("measurement.nobody_new")
    history.record(session, caller, subject=measurement.id, kind="measurement", action="invite", after={"women": asked})
    return measurement


def close_measurement(session: Session, caller: Caller, measurement_id: UUID, *, version: int | None) -> Measurement:
    """No answer is taken any more."""
    measurement, _ = _locked(session, caller, measurement_id, version)
    measurement.close()
    session.flush()
    history.record(session, caller, subject=measurement.id, kind="measurement", action="close")
    return measurement


def revoke_sheet(session: Session, caller: Caller, measurement_id: UUID, sheet_id: UUID) -> Measurement:
    """The personal link of one woman leads nowhere any more: it fell into other hands."""
    measurement, _ = _locked(session, caller, measurement_id, None)
    sheet = session.get(AnswerSheet, sheet_id, with_for_update=True)
    if sheet is None or sheet.measurement_id != measurement.id:
        raise NotFound("answer_link.unknown")
    sheet.revoke()
    session.flush()
    history.record(session, caller, subject=measurement.id, kind="measurement", action="revoke_link")
    return measurement


def _check_moment(session: Session, group: TrainingGroup, instrument_id: UUID, code: str, moment: str) -> None:
    rows = session.execute(
        select(Measurement.moment, Measurement.instrument_id, LearningInstrument.edition)
        .join(LearningInstrument, LearningInstrument.id == Measurement.instrument_id)
        .where(Measurement.group_id == group.id, LearningInstrument.code == code)
    ).all()
    for row in rows:
        if row.instrument_id != instrument_id:
            raise Invalid("measurement.other_edition", pointer="/instrument_id", edition=row.edition)
        if row.moment == moment:
            raise Refused("measurement.opened_already")


def _locked(
    session: Session, caller: Caller, measurement_id: UUID, version: int | None
) -> tuple[Measurement, TrainingGroup]:
    measurement = session.get(Measurement, measurement_id)
    if measurement is None:
        raise NotFound("measurement.unknown")
    group = locked_group(session, caller, measurement.group_id, None)
    session.refresh(measurement)
    if version is not None and version != measurement.version:
        raise Stale("changed_meanwhile", current=measurement.version)
    return measurement, group


def _invite(session: Session, measurement: Measurement, group: TrainingGroup) -> int:
    """How many women of the group have a new sheet; those who had one keep it."""
    has_sheet = select(AnswerSheet.entrepreneur_id).where(AnswerSheet.measurement_id == measurement.id)
    asked = set(session.scalars(has_sheet))
    new = sorted({member.entrepreneur_id for member in group.members} - asked)
    _give_codes(session, group)
    session.add_all(
        AnswerSheet(id=uuid7(), measurement_id=measurement.id, entrepreneur_id=woman, answers={}) for woman in new
    )
    session.flush()
    return len(new)


def _give_codes(session: Session, group: TrainingGroup) -> None:
    """A code for each member who has none; drawn so that it cannot be guessed and fits nobody else of the group."""
    rows = session.execute(
        select(LearnerCode.entrepreneur_id, LearnerCode.code).where(LearnerCode.group_id == group.id)
    ).all()
    taken, have = {row.code for row in rows}, {row.entrepreneur_id for row in rows}
    for woman in sorted({member.entrepreneur_id for member in group.members} - have):
        code = _drawn()
        while code in taken:
            code = _drawn()
        taken.add(code)
        session.add(LearnerCode(group_id=group.id, entrepreneur_id=woman, code=code))


def _drawn() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LONG))


def forget_answers_of(session: Session, woman: UUID) -> dict[str, int]:
    """Erase what a woman answered and her codes; each measurement remembers that one of those asked is gone."""
    sheets = session.scalars(select(AnswerSheet).where(AnswerSheet.entrepreneur_id == woman)).all()
    ids = sorted({sheet.measurement_id for sheet in sheets})
    asked = select(Measurement).where(Measurement.id.in_(ids)).order_by(Measurement.id).with_for_update()
    for measurement in session.scalars(asked):
        measurement.forget_one()
    for sheet in sheets:
        session.delete(sheet)
    codes = session.scalars(select(LearnerCode).where(LearnerCode.entrepreneur_id == woman)).all()
    for code in codes:
        session.delete(code)
    session.flush()
    return {"answer_sheets": len(sheets), "learner_codes": len(codes)}
