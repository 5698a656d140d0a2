"""Which account holds which seat of a committee, for the pages of accounts and of seats."""

from typing import Any
from uuid import UUID

from flask import current_app

from services.portal import queries
from services.portal.clients import Problem, api
from shared.kernel import NotFound


def seats_of(account_id: str) -> list[dict[str, Any]] | None:
    """The seats, of today and to come, that an account holds, each with its committee; none while credit is away."""
    try:
        committees = api("credit").get("/committees").rows
    except Problem:
        return None
    return [
        {**seat, "committee": body}
        for body in committees
        for seat in (*body["seats"], *body["coming"])
        if seat["account"] == account_id
    ]


def account_of(seat: dict[str, Any]) -> dict[str, Any] | None:
    """The account of who holds a seat, where the reader may know it and it is still there."""
    try:
        account_id = UUID(seat["account"] or "")
        with current_app.extensions["database"].reading() as session:
            return dict(queries.find_account(session, account_id))
    except (NotFound, ValueError):
        return None
