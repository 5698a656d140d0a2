"""Lines and projects of plans, proposals and their steps, councils, dialogues and alliances."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0008_councils"
down_revision = "0007_layers"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    *("plan_line", "plan_project", "council", "council_seat", "council_session", "dialogue", "commitment"),
    *("alliance", "proposal", "proposal_step", "frozen_analysis"),
)


def upgrade() -> None:
    _plans()
    _councils()
    _proposals()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def _table(
    name: str, *columns: Any, version: bool = False, recorded: bool = False, refers: dict[str, str] | None = None
) -> None:
    more = [sa.Column("version", sa.Integer, nullable=False)] if version else []
    if recorded:
        more += [
            _needed("recorded_by", sa.String(120)),
            _needed("recorded_by_name", sa.String(200)),
            _needed("recorded_at", UtcDateTime),
        ]
    keys = [
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_{name}_{column}")
        for column, table in (refers or {}).items()
    ]
    primary = sa.PrimaryKeyConstraint("id", name=f"pk_{name}")
    op.create_table(name, _needed("id", sa.Uuid), *columns, *more, primary, *keys)


def _needed(name: str, kind: Any) -> Any:
    return sa.Column(name, kind, nullable=False)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _plans() -> None:
    _table(
        "plan_line",
        _needed("plan_id", sa.Uuid),
        _needed("number", sa.String(20)),
        _needed("title", sa.String(300)),
        sa.Column("chain", sa.String(40)),
        refers={"plan_id": "development_plan"},
    )
    _table(
        "plan_project",
        _needed("line_id", sa.Uuid),
        _needed("title", sa.String(300)),
        sa.Column("chain", sa.String(40)),
        _needed("currency", sa.String(3)),
        _needed("budget", JSON),
        refers={"line_id": "plan_line"},
    )
    _index("plan_line", "plan_id")
    _index("plan_project", "line_id")


def _councils() -> None:
    _table(
        "council",
        _needed("unit", sa.String(6)),
        _needed("kind", sa.String(20)),
        _needed("name", sa.String(200)),
        _needed("seats_total", sa.Integer),
        version=True,
        recorded=True,
    )
    _table(
        "council_seat",
        _needed("council_id", sa.Uuid),
        _needed("organization", sa.String(200)),
        _needed("constituency", sa.String(200)),
        _needed("kind", sa.String(12)),
        _needed("held_from", sa.Date),
        sa.Column("held_until", sa.Date),
        recorded=True,
        refers={"council_id": "council"},
    )
    _table(
        "council_session",
        _needed("council_id", sa.Uuid),
        _needed("held_on", sa.Date),
        _needed("agenda", sa.Text),
        _needed("women", sa.Integer),
        _needed("men", sa.Integer),
        _needed("organizations", JSON),
        recorded=True,
        refers={"council_id": "council"},
    )
    _table(
        "dialogue",
        _needed("unit", sa.String(6)),
        _needed("kind", sa.String(20)),
        _needed("title", sa.String(200)),
        _needed("held_on", sa.Date),
        _needed("topics", sa.Text),
        _needed("participants", JSON),
        version=True,
        recorded=True,
    )
    _table(
        "commitment",
        _needed("unit", sa.String(6)),
        sa.Column("session_id", sa.Uuid),
        sa.Column("dialogue_id", sa.Uuid),
        _needed("what", sa.String(1000)),
        _needed("responsible", sa.String(200)),
        _needed("due_on", sa.Date),
        _needed("state", sa.String(12)),
        sa.Column("note", sa.String(1000)),
        sa.Column("settled_on", sa.Date),
        sa.Column("proof_id", sa.Uuid),
        version=True,
        recorded=True,
        refers={"session_id": "council_session", "dialogue_id": "dialogue"},
    )
    _table(
        "alliance",
        _needed("unit", sa.String(6)),
        _needed("name", sa.String(200)),
        _needed("purpose", sa.String(1000)),
        _needed("members", JSON),
        sa.Column("agreement", sa.String(200)),
        _needed("begun_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        version=True,
        recorded=True,
    )
    for table in ("council", "dialogue", "commitment", "alliance"):
        _index(table, "unit")
    _index("council_seat", "council_id")
    _index("council_session", "council_id")
    _index("commitment", "session_id", "dialogue_id")


def _proposals() -> None:
    _table(
        "proposal",
        _needed("unit", sa.String(6)),
        _needed("year", sa.Integer),
        _needed("title", sa.String(200)),
        _needed("text", sa.Text),
        _needed("organization", sa.String(200)),
        sa.Column("plan_id", sa.Uuid),
        sa.Column("line_id", sa.Uuid),
        sa.Column("chain", sa.String(40)),
        _needed("currency", sa.String(3)),
        _needed("costs", JSON),
        _needed("financing", JSON),
        _needed("asked", sa.BigInteger),
        sa.Column("approved", sa.BigInteger),
        sa.Column("executed", sa.BigInteger),
        _needed("women_total", sa.Integer),
        _needed("women_direct", sa.Integer),
        _needed("state", sa.String(12)),
        _needed("since", sa.Date),
        _needed("proposed_by", sa.String(120)),
        _needed("proposed_by_name", sa.String(200)),
        _needed("proposed_at", UtcDateTime),
        version=True,
        refers={"plan_id": "development_plan", "line_id": "plan_line"},
    )
    _table(
        "proposal_step",
        _needed("proposal_id", sa.Uuid),
        _needed("number", sa.Integer),
        _needed("state", sa.String(12)),
        _needed("day", sa.Date),
        _needed("days", sa.Integer),
        sa.Column("act", sa.String(200)),
        sa.Column("council_id", sa.Uuid),
        sa.Column("amount", sa.BigInteger),
        sa.Column("reason", sa.String(1000)),
        _needed("corrects", sa.Boolean),
        sa.Column("file_id", sa.Uuid),
        sa.UniqueConstraint("proposal_id", "number", name="uq_proposal_step_proposal_id_number"),
        recorded=True,
        refers={"proposal_id": "proposal", "council_id": "council"},
    )
    _table(
        "frozen_analysis",
        _needed("proposal_id", sa.Uuid),
        _needed("kind", sa.String(20)),
        _needed("unit", sa.String(6)),
        _needed("published", sa.String(7)),
        sa.Column("as_of", UtcDateTime),
        _needed("hash", sa.String(64)),
        _needed("content", JSON),
        _needed("frozen_by", sa.String(120)),
        _needed("frozen_by_name", sa.String(200)),
        _needed("frozen_at", UtcDateTime),
        refers={"proposal_id": "proposal"},
    )
    _index("proposal", "unit", "plan_id", "line_id")
    _index("proposal_step", "proposal_id")
    _index("frozen_analysis", "proposal_id")
