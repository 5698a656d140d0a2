"""Members with their names, in the name of who asks."""

from collections.abc import Sequence
from typing import Any

from flask import request

from services.training.composition import Composition
from services.training.queries.needs import as_they_stand
from shared.web import Call


def with_names(call: Call, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the names that the registry shows to this caller."""
    context: Composition = call.context
    token = request.headers["Authorization"].removeprefix("Bearer ")
    return context.directory.with_names(as_they_stand(call.session, rows), lambda: token)
