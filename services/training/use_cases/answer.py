"""A woman answers through a link, as far as she has come or to the end."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import AnswerSheet, LearningInstrument
from services.training.queries.answering import opened
from services.training.rules.learning.questionnaire import answered
from shared.kernel import NotFound


def answer(
    session: Session,
    token: str,
    key: bytes,
    *,
    code: str | None,
    answers: Mapping[int, str],
    hand_in: bool,
    address: str = "",
) -> AnswerSheet:
    """Her sheet with these answers in the place of those before. Refuses a link that is over, a code that is nobody's,
    answers that cannot be, a sheet handed in already, and handing in one that is not complete.
    """
    measurement, found = opened(session, token, key, code, address)
    measurement.require_open()
    sheet = session.scalar(
        select(AnswerSheet)
        .where(AnswerSheet.id == found.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if sheet is None:
        raise NotFound("answer_link.over")
    items = session.get_one(LearningInstrument, measurement.instrument_id).asked()
    sheet.save(answered(items, answers), items, hand_in=hand_in)
    session.flush()
    return sheet
