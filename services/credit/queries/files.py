"""The papers in the file of an application, and those it lacks."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Application, Attachment
from shared.files import file_table


def held(session: Session, application: Application) -> dict[str, Any]:
    """The papers, in the order in which they came, and what the regulations want beside them."""
    query = (
        select(Attachment, file_table.c.name, file_table.c.media_type, file_table.c.size)
        .outerjoin(file_table, file_table.c.id == Attachment.file_id)
        .where(Attachment.application_id == application.id)
        .order_by(Attachment.id)
    )
    lacking = application.lacking()
    return {
        "attachments": [_row(paper, name, kind, size) for paper, name, kind, size in session.execute(query)],
        "lacking": [asdict(piece) for piece in lacking],
        "complete": not lacking,
    }


def paper(session: Session, attachment: Attachment) -> dict[str, Any]:
    """One paper."""
    stored = select(file_table.c.name, file_table.c.media_type, file_table.c.size)
    found = session.execute(stored.where(file_table.c.id == attachment.file_id)).one_or_none()
    return _row(attachment, *(found or (None, None, None)))


def _row(attachment: Attachment, name: str | None, media_type: str | None, size: int | None) -> dict[str, Any]:
    plain = ("id", "kind", "plan_id", "seen", "added_at", "added_by_name")
    return {
        **{field: getattr(attachment, field) for field in plain},
        "name": name or attachment.plan_label,
        "media_type": media_type,
        "size": size,
    }
