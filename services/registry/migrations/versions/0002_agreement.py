"""Whether the owners of an enterprise agree to be in the inventory: said of the record, as their other answers are."""

import sqlalchemy as sa
from alembic import op

revision = "0002_agreement"
down_revision = "0001_inventory"
branch_labels = None
depends_on = None

TAKEN_BACK = """
UPDATE enterprise SET consent_registry = false WHERE id IN (
  SELECT owner.enterprise_id FROM owner JOIN consent said ON said.entrepreneur_id = owner.entrepreneur_id
  WHERE said.purpose = 'registry' AND NOT said.granted AND NOT EXISTS (
    SELECT 1 FROM consent later
    WHERE later.entrepreneur_id = said.entrepreneur_id AND later.purpose = 'registry' AND later.id > said.id))
"""


def upgrade() -> None:
    op.add_column("enterprise", sa.Column("consent_registry", sa.Boolean, nullable=False, server_default=sa.true()))
    op.execute(TAKEN_BACK)


def downgrade() -> None:
    op.drop_column("enterprise", "consent_registry")
