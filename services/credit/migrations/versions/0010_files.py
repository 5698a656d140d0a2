"""The file of an application: its papers, since when it stands at its stage; and what eligibility is judged by.

`copy_enterprise.started_year` stays empty until the registry tells of an enterprise anew or the copies are replayed
(`csem events replay credit`); what nobody has told is never taken as met.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared import history
from shared.database import UtcDateTime
from shared.kernel import LOCAL_TIME

revision = "0010_files"
down_revision = "0009_closes"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
STEPS = ("submit", "appraise", "place_on_agenda", "take_off_agenda", "decide", "lapse", "disburse", "withdraw")
"""What a history tells when an application comes to another stage."""


def upgrade() -> None:
    op.add_column("copy_enterprise", sa.Column("started_year", sa.Integer, nullable=True))
    op.add_column("application", sa.Column("stage_since", sa.Date, nullable=False, server_default="1970-01-01"))
    _tables()
    _fill(op.get_bind())


def _tables() -> None:
    op.create_table(
        "attachment",
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("file_id", sa.Uuid),
        sa.Column("plan_id", sa.Uuid),
        sa.Column("plan_label", sa.String(200), nullable=False),
        sa.Column("seen", sa.Boolean, nullable=False),
        sa.Column("added_at", UtcDateTime, nullable=False),
        sa.Column("added_by", sa.String(100), nullable=False),
        sa.Column("added_by_name", sa.String(200), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_attachment_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
    )
    op.create_index("ix_attachment_application_id", "attachment", ["application_id"])
    op.create_table(
        "copy_training",
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("completed_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("group_id", "enterprise_id", name="pk_copy_training"),
    )
    op.create_index("ix_copy_training_enterprise_id", "copy_training", ["enterprise_id"])
    op.create_table(
        "copy_plan",
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("chains", JSON, nullable=False),
        sa.Column("purposes", JSON, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name="pk_copy_plan"),
    )
    op.create_index("ix_copy_plan_unit", "copy_plan", ["unit"])
    op.create_table(
        "copy_withdrawn",
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", name="pk_copy_withdrawn"),
    )


def _fill(connection: sa.Connection) -> None:
    """An application stands where it stands since the last step that its history tells, else since it was handed in."""
    application = sa.table("application", sa.column("id", sa.Uuid), sa.column("submitted_on"), sa.column("stage_since"))
    connection.execute(sa.update(application).values(stage_since=application.c.submitted_on))
    last = (
        sa.select(history.entries.c.subject, sa.func.max(history.entries.c.at))
        .where(history.entries.c.kind == "application", history.entries.c.action.in_(STEPS))
        .group_by(history.entries.c.subject)
    )
    steps = [{"subject": subject, "day": _day(at)} for subject, at in connection.execute(last)]
    if steps:
        moved = sa.update(application).where(application.c.id == sa.bindparam("subject", type_=sa.Uuid))
        connection.execute(moved.values(stage_since=sa.bindparam("day", type_=sa.Date)), steps)


def _day(at: datetime) -> object:
    return at.astimezone(LOCAL_TIME).date()


def downgrade() -> None:
    for table in ("copy_withdrawn", "copy_plan", "copy_training", "attachment"):
        op.drop_table(table)
    op.drop_column("application", "stage_since")
    op.drop_column("copy_enterprise", "started_year")
