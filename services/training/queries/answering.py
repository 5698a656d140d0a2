"""What stands behind a link to a test or survey: the group's, with a code, or one woman's own."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import (
    AnswerAttempts,
    AnswerSheet,
    LearnerCode,
    LearningInstrument,
    Measurement,
    TrainingGroup,
)
from services.training.models.learning import HANDED_IN, OPEN
from shared import attempts, links
from shared.kernel import Invalid, NotFound, Refused, clock


def opened(session: Session, token: str, key: bytes, code: str | None, address: str) -> tuple[Measurement, AnswerSheet]:
    """The measurement and the sheet that a link leads to. Refuses, alike, what was not signed here, was revoked, is
    closed or over; and through the group's link a code that is missing or nobody's, and any code where
    too many wrong ones came through that link or from that address: a wrong one is counted.
    """
    read = links.read(token, key)
    sheet = session.get(AnswerSheet, read[0]) if read else None
    measurement = session.get(Measurement, sheet.measurement_id if sheet else read[0]) if read else None
    if measurement is None or read is None or measurement.state != OPEN or measurement.closes_on != read[1]:
        raise NotFound("answer_link.over")
    if sheet is not None and sheet.revoked_on is not None:
        raise NotFound("answer_link.over")
    return measurement, sheet or _by_code(session, measurement, code, AnswerAttempts.keys(token, address))


def _by_code(session: Session, measurement: Measurement, code: str | None, counted: Mapping[str, str]) -> AnswerSheet:
    if not code:
        raise Invalid("answer_link.code_needed", pointer="/code")
    if waiting := attempts.minutes_to_wait(session, AnswerAttempts, counted, clock.now()):
        raise Refused("answer_link.too_many_wrong", minutes=waiting, retry_after=waiting * 60)
    typed = "".join(code.split()).replace("-", "").upper()
    found = session.scalar(
        select(AnswerSheet)
        .join(LearnerCode, LearnerCode.entrepreneur_id == AnswerSheet.entrepreneur_id)
        .where(
            AnswerSheet.measurement_id == measurement.id,
            LearnerCode.group_id == measurement.group_id,
            LearnerCode.code == typed,
        )
    )
    if found is None:
        wrong = Invalid("answer_link.unknown_code", pointer="/code")
        wrong.afterwards = partial(_count_wrong, counted=counted)
        raise wrong
    return found


def _count_wrong(session: Session, counted: Mapping[str, str]) -> None:
    now = clock.now()
    attempts.forget_old(session, AnswerAttempts, now)
    for one in attempts.held(session, AnswerAttempts, counted, now):
        one.count(now)


def show_sheet(session: Session, token: str, key: bytes, code: str | None, address: str = "") -> dict[str, Any]:
    """What she is asked and has answered so far; which option is right is not told. Nothing in it names her."""
    measurement, sheet = opened(session, token, key, code, address)
    instrument = session.get_one(LearningInstrument, measurement.instrument_id)
    group = session.get_one(TrainingGroup, measurement.group_id)
    items = instrument.asked()
    return {
        "title": instrument.title,
        "purpose": instrument.purpose,
        "moment": measurement.moment,
        "group": group.name,
        "closes_on": measurement.closes_on,
        "handed_in": sheet.state == HANDED_IN,
        "items": [
            {
                "number": number,
                "kind": item.kind,
                "text": item.text,
                "options": list(item.options),
                "answer": _as_text(sheet.answers.get(str(number))),
            }
            for number, item in enumerate(items, start=1)
        ],
    }


def _as_text(value: Any) -> str | None:
    return f"{value:g}" if isinstance(value, float) else None if value is None else str(value)
