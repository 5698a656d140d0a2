"""The index of words, what lists are sorted and counted by, and saved views.

The words of the records that are there already are made by the rules of its day, which are kept here: a later change of
`rules.searching` brings a migration of its own.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

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
        found = [(_terms_of(record["text"], record["marks"]), record["id"]) for record in records]
        rows = sorted((term, record_id) for mine, record_id in found for term in mine)
        if rows:
            bind.execute(terms.insert(), [{"term": term, "record_id": record_id} for term, record_id in rows])
        vocabulary |= _vocabulary_of({term for term, _ in rows})
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
        women: dict[Any, list[_Woman]] = {}
        for row in _parts(bind, "woman", ids, languages=JSON):
            phones = [phone for phone in (row.phone, row.other_phone) if phone]
            woman = _Woman(f"{row.given_names} {row.surnames}", phones, row.people, row.languages)
            women.setdefault(row.enterprise_id, []).append(woman)
        yield [
            {
                "id": row.id,
                "text": _text_of(row.name, women.get(row.id, ()), products.get(row.id, ())),
                "marks": _marks_of(women.get(row.id, ())),
                "sorted": _folded(row.name)[:200],
            }
            for row in rows
        ]


def _parts(bind: sa.Connection, kind: str, ids: list[Any], **types: Any) -> Any:
    asked = sa.text(_PARTS[kind]).bindparams(sa.bindparam("ids", type_=sa.Uuid, expanding=True))
    return bind.execute(asked.columns(enterprise_id=sa.Uuid, **types), {"ids": ids}).all()


class _Woman(NamedTuple):
    name: str
    phones: list[str]
    people: str | None
    languages: list[str]


_PARTICLES = frozenset({"de", "del", "la", "las", "el", "los", "y", "e", "en", "con", "para"})
_SOUNDS = (
    *(("ph", "f"), ("sh", "s"), ("th", "t"), ("tz|ts", "s"), ("ch", "C"), ("w|hu(?=[aeio])", "gu"), ("h", "")),
    *(("gu(?=[ei])", "G"), ("g(?=[eiy])", "j"), ("qu(?=[ei])|q|c(?![eiyC])", "k"), ("[cz]", "s"), ("^x(?=im)", "j")),
    *(("x|ks", "s"), ("v", "b"), ("ll", "y"), ("y(?![aeiou])", "i"), ("^(?:j|i(?=[aeou]))", "y")),
    *(("m(?=[bfp])", "n"), (r"(.)\1+", r"\1"), ("G", "g")),
)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = (char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return " ".join("".join(letters).split())


def _text_of(name: str, women: Iterable[_Woman], products: Iterable[str]) -> str:
    words = (word for text in (name, *(woman.name for woman in women), *products) for word in _folded(text).split())
    return " ".join(word for word in words if word not in _PARTICLES)[:1000]


def _marks_of(women: Iterable[_Woman]) -> str:
    marks: dict[str, None] = {}
    for woman in women:
        digits = ("".join(char for char in phone if char.isascii() and char.isdecimal()) for phone in woman.phones)
        marks |= dict.fromkeys(_phone_mark(number) for number in digits if number)
        marks |= dict.fromkeys([f"@{woman.people}"] if woman.people else [])
        marks |= dict.fromkeys(f"~{language}" for language in woman.languages)
    return " ".join(marks)[:600]


def _phone_mark(digits: str) -> str:
    national = digits[3:] if len(digits) > 8 and digits.startswith(("502", "503", "504")) else digits
    return "#" + national[::-1][:60]


def _terms_of(text: str, marks: str) -> set[str]:
    return {word[:60] for word in text.split()} | set(marks.split())


def _vocabulary_of(terms: Iterable[str]) -> dict[str, tuple[str | None, str | None]]:
    return {term: _heard(term) for term in terms if term[0] not in "#@~" and not term.isdecimal()}


def _heard(word: str) -> tuple[str | None, str | None]:
    """How a word sounds, and the same without its vowels; None where too little is written."""
    if len(word) < 3 or not word.isalpha():
        return None, None
    sound = word
    for written, heard in _SOUNDS:
        sound = re.sub(written, heard, sound)
    skeleton = re.sub("(?<!^)[aeiou]", "", sound)
    return sound, skeleton if len(skeleton) >= 4 else None


def downgrade() -> None:
    for name in ("ix_enterprise_taken_back", *INDEXES):
        op.drop_index(name, "enterprise")
    for table in ("saved_view", "search_word", "search_term"):
        op.drop_table(table)
    for column in ("sort_name", "search_marks"):
        op.drop_column("enterprise", column)
