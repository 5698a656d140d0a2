"""What stands behind a link to a test or survey: the group's, with a code, or one woman's own."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import AnswerSheet, LearnerCode, LearningInstrument, Measurement, TrainingGroup
from services.training.models.learning import HANDED_IN, OPEN
from shared import links
from shared.kernel import Invalid, NotFound


def opened(session: Session, token: str, key: bytes, code: str | None) -> tuple[Measurement, AnswerSheet]:
    """The measurement and the sheet that a link leads to. Refuses, alike, what was not signed here, was revoked, is
    closed or over; and through the group's link a code that is missing or nobody's.
    """
    read = links.read(token, key)
    sheet = session.get(AnswerSheet, read[0]) if read else None
    measurement = session.get(Measurement, sheet.measurement_id if sheet else read[0]) if read else None
    if measurement is None or read is None or measurement.state != OPEN or measurement.closes_on != read[1]:
        raise NotFound("answer_link.over")
    if sheet is not None and sheet.revoked_on is not None:
        raise NotFound("answer_link.over")
    return measurement, sheet or _by_code(session, measurement, code)


def _by_code(session: Session, measurement: Measurement, code: str | None) -> AnswerSheet:
    if not code:
        raise Invalid("answer_link.code_needed", pointer="/code")
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
        raise Invalid("answer_link.unknown_code", pointer="/code")
    return found


def show_sheet(session: Session, token: str, key: bytes, code: str | None) -> dict[str, Any]:
    """What she is asked and has answered so far; which option is right is not told. Nothing in it names her."""
    measurement, sheet = opened(session, token, key, code)
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
