"""How far a service has taken the logs of others, and how far its own was published: for who looks from outside."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.bus import parking
from shared.bus.tables import event_cursor, event_log_state


def sources(session: Session) -> list[dict[str, Any]]:
    """One row per source listened to: `position` taken, `head` last shown, `behind`, `parked`, and why it `stopped`."""
    rows = session.execute(select(event_cursor).order_by(event_cursor.c.source)).mappings().all()
    return [
        {
            "source": row["source"],
            "position": row["position"],
            "head": max(row["head"], row["position"]),
            "behind": max(row["head"] - row["position"], 0),
            "parked": parking.waiting_count(session, row["source"]),
            "stopped": row["stopped"],
            "changed_at": row["changed_at"],
        }
        for row in rows
    ]


def own_log(session: Session) -> dict[str, Any]:
    """The identity of the service's own log, its head, and how far it was handed to the broker."""
    row = session.execute(select(event_log_state)).mappings().one()
    return {"log_id": row["log_id"], "head": row["head"], "published_through": row["published_through"]}
