"""What the latest profile of an enterprise says, beside its tier: the others hear of it with every change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017_profiled"
down_revision = "0016_unused_indexes"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
ENTERPRISES = sa.table("enterprise", sa.column("id", sa.Uuid), sa.column("profiled", JSON))
PROFILES = sa.table(
    "enterprise_profile",
    *(sa.column(name, sa.Uuid) for name in ("id", "enterprise_id")),
    sa.column("assessed_on", sa.Date),
    sa.column("score", sa.Integer),
)
LEVELS = sa.table(
    "profile_level", sa.column("profile_id", sa.Uuid), sa.column("subject", sa.String), sa.column("level", sa.Integer)
)
MANY = 1000


def upgrade() -> None:
    op.add_column("enterprise", sa.Column("profiled", JSON))
    bind, after = op.get_bind(), None
    write = sa.update(ENTERPRISES).where(ENTERPRISES.c.id == sa.bindparam("of"))
    while ids := _next(bind, after):
        bind.execute(write.values(profiled=sa.bindparam("told", type_=JSON)), _latest(bind, ids))
        after = ids[-1]


def _next(bind: sa.Connection, after: object) -> list[object]:
    of = PROFILES.c.enterprise_id
    found = sa.select(of).distinct().order_by(of).limit(MANY)
    return list(bind.scalars(found if after is None else found.where(of > after)))


def _latest(bind: sa.Connection, ids: list[object]) -> list[dict[str, object]]:
    """The latest profile of each, of two of the same day the one that was written later."""
    mine = sa.select(PROFILES).where(PROFILES.c.enterprise_id.in_(ids))
    latest = {row.enterprise_id: row for row in bind.execute(mine.order_by(PROFILES.c.assessed_on, PROFILES.c.id))}
    levels: dict[object, dict[str, int]] = {}
    for row in bind.execute(sa.select(LEVELS).where(LEVELS.c.profile_id.in_([one.id for one in latest.values()]))):
        levels.setdefault(row.profile_id, {})[row.subject] = row.level
    return [
        {"of": of, "told": {**levels.get(one.id, {}), "score": one.score, "assessed_on": one.assessed_on.isoformat()}}
        for of, one in latest.items()
    ]


def downgrade() -> None:
    op.drop_column("enterprise", "profiled")
