"""Topics that firms of a territory read, and what firms wrote that waits for a moderator."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0180_firms_write"
down_revision = "0170_calendars"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("community_topic", sa.Column("firms_unit", sa.String(6), nullable=True))
    op.create_table(
        "community_contribution",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sme_id", sa.Uuid, nullable=False),
        sa.Column("topic_id", sa.Uuid, nullable=True),
        sa.Column("post_id", sa.Uuid, nullable=True),
        sa.Column("title", sa.String(160), nullable=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=True),
        sa.Column("decided_at", UtcDateTime, nullable=True),
        sa.Column("decided_by_name", sa.String(200), nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("recorded_by_name", sa.String(200), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_community_contribution"),
        sa.ForeignKeyConstraint(["sme_id"], ["sme.id"], name="fk_community_contribution_sme_id"),
        sa.ForeignKeyConstraint(["topic_id"], ["community_topic.id"], name="fk_community_contribution_topic_id"),
        sa.ForeignKeyConstraint(["post_id"], ["community_post.id"], name="fk_community_contribution_post_id"),
    )
    op.create_index("ix_community_contribution_sme_id", "community_contribution", ["sme_id"])
    op.create_index("ix_community_contribution_state", "community_contribution", ["state"])


def downgrade() -> None:
    op.drop_table("community_contribution")
    op.drop_column("community_topic", "firms_unit")
