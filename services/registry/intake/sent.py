"""One submission as a form server sends it the moment it arrives."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from services.registry.codes import form_questions
from services.registry.intake import form, own_form
from services.registry.intake.submissions import read_export
from shared.kernel import Invalid

_QUESTIONS = frozenset(
    {
        *form.REQUIRED,
        *form.OPTIONAL,
        *form.PRODUCT_COLUMNS,
        *own_form.QUESTIONS,
        *own_form.PRODUCT_COLUMNS,
        *(question for asked in own_form.REPEATS.values() for question in asked),
        *(row["name"] for row in form_questions() if row["type"] not in {"begin_group", "end_group", "note"}),
    }
) - {"start", "end", "deviceid"}
_OF_THE_SERVER = frozenset({"_uuid", "_submission_time", "meta/instanceID"})
_REPEATS = ("productos", *own_form.REPEATS)


def pared(body: Mapping[str, Any]) -> dict[str, Any]:
    """What the inventory asks for, and nothing else of what a server knows (devices, attachments, other questions)."""
    kept: dict[str, Any] = {}
    for key, value in body.items():
        question = key.rpartition("/")[2]
        if question in _REPEATS and isinstance(value, list):
            kept[key] = [_plain(item) for item in value if isinstance(item, Mapping)]
        elif (question in _QUESTIONS or key in _QUESTIONS | _OF_THE_SERVER) and not isinstance(value, list):
            kept[key] = value
    return kept


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key.rpartition("/")[2] in _QUESTIONS}


def as_document(body: Mapping[str, Any]) -> bytes:
    """The submission as the one record of a document that can be imported; the same bytes for the same submission."""
    return json.dumps([dict(body)], ensure_ascii=False, sort_keys=True).encode()


def read_sent(
    content: bytes, municipalities: frozenset[str], today: date, aliases: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    """The submission of a document, as an import would read it. Refuses what is no submission of the inventory form,
    and one without its identity.
    """
    try:
        read = read_export(content, municipalities, today, aliases)
    except Invalid as invalid:
        if invalid.code in {
            "file.sheet_missing",
            "file.columns_missing",
            "file.mapping_needed",
            "file.columns_doubled",
        }:
            raise Invalid("hook.other_form") from invalid
        raise
    submission: dict[str, Any] = read["submissions"][0]
    if not submission["identity"]:
        raise Invalid("hook.identity_missing")
    return submission | {"headers": read["headers"], "positions": read["positions"]}
