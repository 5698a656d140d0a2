"""Wrong codes lately of women who answer through the link of a group, by link and by address."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0150_attack"
down_revision = "0140_joining"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_attempts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_answer_attempts"),
    )
    op.create_index("ix_answer_attempts_since", "answer_attempts", ["since"])


def downgrade() -> None:
    op.drop_table("answer_attempts")
