"""The index of words, what lists are sorted and counted by, and saved views."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from services.registry.rules import searching
from services.registry.rules.chains import folded
from shared.database import UtcDateTime

revision = "0009_searching"
down_revision = "0008_projects"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
BYTEWISE = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
INDEXES: dict[str, list[Any]] = {
    "ix_enterprise_sort_name": ["sort_name", "id"],
    "ix_enterprise_recorded": ["recorded_on", "id"],
    "ix_enterprise_changed": ["changed_at", "id"],
    "ix_enterprise_activity": ["activity", "id"],
    "ix_enterprise_counted": [
        *("municipality", "active", "consent_registry", "validation", "place_state", "chain", "tier"),
        *("consent_credit", "consent_map", "recorded_on"),
    ],
}
_MANY = 1000
_PARTS = {
    "product": "SELECT enterprise_id, name FROM product WHERE enterprise_id IN :ids ORDER BY rank",
    "woman": "SELECT o.enterprise_id, w.given_names, w.surnames, w.phone, w.other_phone, w.people, w.languages "
    "FROM owner o JOIN entrepreneur w ON w.id = o.entrepreneur_id WHERE o.enterprise_id IN :ids ORDER BY o.rank",
}


def upgrade() -> None:
    op.add_column("enterprise", sa.Column("search_marks", sa.String(600), nullable=False, server_default=""))
    op.add_column("enterprise", sa.Column("sort_name", BYTEWISE, nullable=False, server_default=""))
    terms = op.create_table(
        "search_term",
        sa.Column("term", BYTEWISE, nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("term", "record_id", name="pk_search_term"),
        sqlite_with_rowid=False,
    )
    words = op.create_table(
        "search_word",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("word", BYTEWISE, nullable=False),
        sa.Column("sound", sa.String(60)),
        sa.Column("skeleton", sa.String(60)),
        sa.PrimaryKeyConstraint("id", name="pk_search_word"),
    )
    _saved_views()
    _find(terms, words)
    for column in ("word", "sound", "skeleton"):
        op.create_index(f"ix_search_word_{column}", "search_word", [column])
    for name, columns in INDEXES.items():
        op.create_index(name, "enterprise", columns)
    op.create_index(
        "ix_enterprise_taken_back",
        "enterprise",
        ["municipality"],
        sqlite_where=sa.text("consent_registry IS 0"),
        postgresql_where=sa.text("consent_registry IS false"),
    )


def _saved_views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("owner", sa.String(120), nullable=False),
        sa.Column("owner_name", sa.String(200), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("filters", JSON, nullable=False),
        sa.Column("centre_id", sa.Uuid),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_saved_view_centre_id"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
    )
    op.create_index("ix_saved_view_owner", "saved_view", ["owner", "id"])
    op.create_index("ix_saved_view_centre_id", "saved_view", ["centre_id"])


def _find(terms: sa.Table, words: sa.Table) -> None:
    """The records that are there already are found as the new ones are."""
    bind = op.get_bind()
    vocabulary: dict[str, tuple[str | None, str | None]] = {}
    write = sa.text(
        "UPDATE enterprise SET search_text = :text, search_marks = :marks, sort_name = :sorted WHERE id = :id"
    )
    write = write.bindparams(sa.bindparam("id", type_=sa.Uuid))
    for records in _records(bind):
        bind.execute(write, list(records))
        found = [(searching.terms_of(record["text"], record["marks"]), record["id"]) for record in records]
        rows = sorted((term, record_id) for mine, record_id in found for term in mine)
        if rows:
            bind.execute(terms.insert(), [{"term": term, "record_id": record_id} for term, record_id in rows])
        vocabulary |= searching.vocabulary_of({term for term, _ in rows})
    heard = [{"word": word, "sound": sound, "skeleton": bare} for word, (sound, bare) in sorted(vocabulary.items())]
    if heard:
        bind.execute(words.insert(), heard)


def _records(bind: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    """What is kept of each active record from now on, in parts."""
    table = sa.table("enterprise", sa.column("id", sa.Uuid), sa.column("name"), sa.column("active", sa.Boolean))
    after = None
    while True:
        page = sa.select(table.c.id, table.c.name).where(table.c.active).order_by(table.c.id).limit(_MANY)
        rows = bind.execute(page if after is None else page.where(table.c.id > after)).all()
        if not rows:
            return
        after = rows[-1].id
        ids = [row.id for row in rows]
        products: dict[Any, list[str]] = {}
        for product in _parts(bind, "product", ids, name=sa.String):
            products.setdefault(product.enterprise_id, []).append(product.name)
        women: dict[Any, list[searching.Woman]] = {}
        for row in _parts(bind, "woman", ids, languages=JSON):
            woman = searching.Woman(
                row.given_names, row.surnames, (row.phone, row.other_phone), row.people, tuple(row.languages)
            )
            women.setdefault(row.enterprise_id, []).append(woman)
        yield [
            {
                "id": row.id,
                "text": searching.text_of(row.name, women.get(row.id, ()), products.get(row.id, ())),
                "marks": searching.marks_of(women.get(row.id, ())),
                "sorted": folded(row.name)[:200],
            }
            for row in rows
        ]


def _parts(bind: sa.Connection, kind: str, ids: list[Any], **types: Any) -> Any:
    asked = sa.text(_PARTS[kind]).bindparams(sa.bindparam("ids", type_=sa.Uuid, expanding=True))
    return bind.execute(asked.columns(enterprise_id=sa.Uuid, **types), {"ids": ids}).all()


def downgrade() -> None:
    for name in ("ix_enterprise_taken_back", *INDEXES):
        op.drop_index(name, "enterprise")
    for table in ("saved_view", "search_word", "search_term"):
        op.drop_table(table)
    for column in ("sort_name", "search_marks"):
        op.drop_column("enterprise", column)
