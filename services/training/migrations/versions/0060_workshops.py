"""Small and medium-sized enterprises of the workshops on social responsibility."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0060_workshops"
down_revision = "0050_diplomas"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sme",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("city", sa.String(120), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_key", sa.String(800), nullable=False),
        sa.Column("sector", sa.String(24), nullable=False),
        sa.Column("size", sa.String(8), nullable=False),
        sa.Column("employees", sa.Integer),
        sa.Column("women_employees", sa.Integer),
        sa.Column("women_owned_percent", sa.Integer),
        sa.Column("contact_name", sa.String(200)),
        sa.Column("contact_email", sa.String(200)),
        sa.Column("contact_phone", sa.String(40)),
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("recorded_by_name", sa.String(200), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sme"),
        sa.UniqueConstraint("country", "name_key", name="uq_sme_country_name_key"),
    )
    op.create_index("ix_sme_unit", "sme", ["unit"])


def downgrade() -> None:
    op.drop_table("sme")
