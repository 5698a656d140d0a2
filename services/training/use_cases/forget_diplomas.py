"""The diplomas of a woman who withdrew, or of a participant who asked to be forgotten: the paper stays hers and stays
true, the house no longer knows whose it is.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Diploma
from services.training.use_cases.revoke_diploma import end_links, erase_batch_file


def forget_diplomas(session: Session, holder_id: UUID) -> int:
    """Erase her name, her id and the signed words of every diploma of hers, end their links and erase the files in
    which they were printed; comes back with how many diplomas. Number, kind, days and hash stay, so that a paper in
    her hands verifies as before.
    """
    hers = select(Diploma).where(Diploma.holder_id == holder_id).order_by(Diploma.id).with_for_update()
    found = session.scalars(hers).all()
    for diploma in found:
        diploma.forget_holder()
        end_links(session, diploma.id)
    for batch_id in sorted({diploma.batch_id for diploma in found}):
        erase_batch_file(session, batch_id)
    session.flush()
    return len(found)
