"""The materials of the library that members share in the community and that case stories name."""

import sqlalchemy as sa
from alembic import op

revision = "0181_named_materials"
down_revision = "0180_firms_write"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("community_resource") as table:
        table.add_column(sa.Column("material_id", sa.Uuid, nullable=True))
        table.create_foreign_key("fk_community_resource_material_id", "library_material", ["material_id"], ["id"])
    op.create_index("ix_community_resource_material_id", "community_resource", ["material_id"])
    op.create_table(
        "case_story_material",
        sa.Column("story_id", sa.Uuid, nullable=False),
        sa.Column("material_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("story_id", "material_id", name="pk_case_story_material"),
        sa.ForeignKeyConstraint(["story_id"], ["case_story.id"], name="fk_case_story_material_story_id"),
        sa.ForeignKeyConstraint(["material_id"], ["library_material.id"], name="fk_case_story_material_material_id"),
    )
    op.create_index("ix_case_story_material_material_id", "case_story_material", ["material_id"])


def downgrade() -> None:
    op.drop_table("case_story_material")
    op.drop_index("ix_community_resource_material_id", "community_resource")
    with op.batch_alter_table("community_resource") as table:
        table.drop_constraint("fk_community_resource_material_id", type_="foreignkey")
        table.drop_column("material_id")
