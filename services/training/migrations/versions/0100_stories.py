"""Case stories with their pictures, reviews, consents and personal links; the community of practice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0100_stories"
down_revision = "0090_library"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    *("case_story", "case_story_woman", "case_story_link", "case_story_review"),
    *("case_story_picture", "case_story_consent", "community_topic", "community_post", "community_edit"),
    *("community_file", "community_report", "community_reading", "community_resource"),
)
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    _stories()
    _links()
    _parts()
    _topics()
    _posts()
    _community()


def _recorded() -> list[sa.Column[object]]:
    return [
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("recorded_by_name", sa.String(200), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
    ]


def _versioned() -> sa.Column[object]:
    return sa.Column("version", sa.Integer, nullable=False)


def _stories() -> None:
    op.create_table(
        "case_story",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("subject_kind", sa.String(12), nullable=False),
        sa.Column("sme_id", sa.Uuid),
        sa.Column("group_id", sa.Uuid),
        sa.Column("enterprise_id", sa.Uuid),
        sa.Column("firm_name", sa.String(200)),
        sa.Column("person_name", sa.String(200)),
        sa.Column("area", sa.String(24)),
        sa.Column("dimension", sa.String(16)),
        sa.Column("sector", sa.String(24), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("worded_on", sa.Date, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("submitted_by", sa.String(120)),
        sa.Column("published_on", sa.Date),
        sa.Column("taken_off", sa.String(12)),
        sa.Column("note", sa.String(2000)),
        sa.Column("on_web", sa.Boolean, nullable=False),
        sa.Column("shows_name", sa.Boolean, nullable=False),
        sa.Column("shows_person", sa.Boolean, nullable=False),
        *_recorded(),
        _versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_case_story"),
        sa.ForeignKeyConstraint(["sme_id"], ["sme.id"], name="fk_case_story_sme_id"),
        sa.ForeignKeyConstraint(["group_id"], ["training_group.id"], name="fk_case_story_group_id"),
    )
    for column in ("unit", "sme_id", "group_id", "enterprise_id", "state", "published_on"):
        op.create_index(f"ix_case_story_{column}", "case_story", [column])


def _links() -> None:
    op.create_table(
        "case_story_woman",
        sa.Column("story_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("story_id", "entrepreneur_id", name="pk_case_story_woman"),
        sa.ForeignKeyConstraint(["story_id"], ["case_story.id"], name="fk_case_story_woman_story_id"),
    )
    op.create_index("ix_case_story_woman_entrepreneur_id", "case_story_woman", ["entrepreneur_id"])
    op.create_table(
        "case_story_link",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("story_id", sa.Uuid, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("revoked_on", sa.Date),
        *_recorded(),
        _versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_case_story_link"),
        sa.ForeignKeyConstraint(["story_id"], ["case_story.id"], name="fk_case_story_link_story_id"),
    )
    op.create_index("ix_case_story_link_story_id", "case_story_link", ["story_id"])


def _parts() -> None:
    op.create_table(
        "case_story_review",
        sa.Column("story_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("recommendations", sa.String(4000), nullable=False),
        sa.Column("reviewed_by", sa.String(120), nullable=False),
        sa.Column("reviewed_by_name", sa.String(200), nullable=False),
        sa.Column("reviewed_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("story_id", "number", name="pk_case_story_review"),
        sa.ForeignKeyConstraint(["story_id"], ["case_story.id"], name="fk_case_story_review_story_id"),
    )
    op.create_table(
        "case_story_picture",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("story_id", sa.Uuid, nullable=False),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("seen_es", sa.String(300), nullable=False),
        sa.Column("seen_en", sa.String(300), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name="pk_case_story_picture"),
        sa.ForeignKeyConstraint(["story_id"], ["case_story.id"], name="fk_case_story_picture_story_id"),
    )
    op.create_index("ix_case_story_picture_story_id", "case_story_picture", ["story_id"])
    op.create_table(
        "case_story_consent",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("story_id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("covers", JSON, nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("said_on", sa.Date, nullable=False),
        sa.Column("file_id", sa.Uuid),
        sa.Column("link_id", sa.Uuid),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name="pk_case_story_consent"),
        sa.ForeignKeyConstraint(["story_id"], ["case_story.id"], name="fk_case_story_consent_story_id"),
        sa.ForeignKeyConstraint(["link_id"], ["case_story_link.id"], name="fk_case_story_consent_link_id"),
    )
    op.create_index("ix_case_story_consent_story_id", "case_story_consent", ["story_id"])


def _hideable() -> list[sa.Column[object]]:
    return [
        sa.Column("hidden_at", UtcDateTime),
        sa.Column("hidden_by_name", sa.String(200)),
        sa.Column("hidden_reason", sa.String(1000)),
    ]


def _topics() -> None:
    op.create_table(
        "community_topic",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("space", sa.String(24), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("words", sa.String(640), nullable=False),
        sa.Column("locked", sa.Boolean, nullable=False),
        sa.Column("pinned", sa.Boolean, nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False),
        sa.Column("posts", sa.Integer, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("last_by_name", sa.String(200), nullable=False),
        *_recorded(),
        _versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_community_topic"),
    )
    op.create_index("ix_community_topic_space", "community_topic", ["space"])
    op.create_index("ix_community_topic_order", "community_topic", ["pinned", "last_at", "id"])


def _posts() -> None:
    op.create_table(
        "community_post",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("topic_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("edited_at", UtcDateTime),
        sa.Column("deleted_at", UtcDateTime),
        *_hideable(),
        *_recorded(),
        _versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_community_post"),
        sa.ForeignKeyConstraint(["topic_id"], ["community_topic.id"], name="fk_community_post_topic_id"),
        sa.UniqueConstraint("topic_id", "number", name="uq_community_post_topic_id_number"),
    )
    op.create_index("ix_community_post_author", "community_post", ["recorded_by", "recorded_at"])
    op.create_table(
        "community_edit",
        sa.Column("post_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("replaced_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("post_id", "number", name="pk_community_edit"),
        sa.ForeignKeyConstraint(["post_id"], ["community_post.id"], name="fk_community_edit_post_id"),
    )
    op.create_table(
        "community_file",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("post_id", sa.Uuid, nullable=False),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_community_file"),
        sa.ForeignKeyConstraint(["post_id"], ["community_post.id"], name="fk_community_file_post_id"),
    )
    op.create_index("ix_community_file_post_id", "community_file", ["post_id"])


def _community() -> None:
    op.create_table(
        "community_report",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("post_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("outcome", sa.String(8)),
        sa.Column("settled_at", UtcDateTime),
        sa.Column("settled_by_name", sa.String(200)),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name="pk_community_report"),
        sa.ForeignKeyConstraint(["post_id"], ["community_post.id"], name="fk_community_report_post_id"),
    )
    op.create_index("ix_community_report_post_id", "community_report", ["post_id"])
    op.create_table(
        "community_reading",
        sa.Column("topic_id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("follows", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "subject", name="pk_community_reading"),
        sa.ForeignKeyConstraint(["topic_id"], ["community_topic.id"], name="fk_community_reading_topic_id"),
    )
    op.create_table(
        "community_resource",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("space", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("about", sa.String(1000), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("address", sa.String(500)),
        sa.Column("file_id", sa.Uuid),
        sa.Column("name", sa.String(200)),
        *_hideable(),
        *_recorded(),
        _versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_community_resource"),
    )
    op.create_index("ix_community_resource_space", "community_resource", ["space"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
