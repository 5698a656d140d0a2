"""The materials of the library that a module of a curriculum, and what the community shares, name."""

import sqlalchemy as sa
from alembic import op

revision = "0140_joining"
down_revision = "0130_follow"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "curriculum_material",
        sa.Column("module_id", sa.Uuid, nullable=False),
        sa.Column("material_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("module_id", "material_id", name="pk_curriculum_material"),
        sa.ForeignKeyConstraint(["module_id"], ["curriculum_module.id"], name="fk_curriculum_material_module_id"),
        sa.ForeignKeyConstraint(["material_id"], ["library_material.id"], name="fk_curriculum_material_material_id"),
    )
    op.create_index("ix_curriculum_material_material_id", "curriculum_material", ["material_id"])


def downgrade() -> None:
    op.drop_table("curriculum_material")
