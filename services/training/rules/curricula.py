"""What a curriculum needs before it is taught: who has accepted exactly what."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

EXPERT, TEACHER, ENTREPRENEUR = "expert", "teacher", "entrepreneur"
VOICES = (EXPERT, TEACHER, ENTREPRENEUR)
"""Who puts a curriculum together, and each of whom accepts it."""
SIGNED_IN: Mapping[str, frozenset[str]] = {
    TEACHER: frozenset({"trainer"}),
    EXPERT: frozenset({"technician", "coordinator"}),
}
"""Whose account speaks in which voice; others speak through a personal link."""

DRAFT, PROPOSED, ACCEPTED, IN_USE = "draft", "proposed", "accepted", "in_use"
REPLACED, WITHDRAWN = "replaced", "withdrawn"
VERSION_STATES = (DRAFT, PROPOSED, ACCEPTED, IN_USE, REPLACED, WITHDRAWN)
OPEN_TO_ACCEPT = frozenset({PROPOSED, ACCEPTED, IN_USE})
"""In which a version is accepted, and chosen for a group."""

_NOT_ACCEPTED = {
    (EXPERT,): "session.module_without_expert",
    (TEACHER,): "session.module_without_teacher",
    (ENTREPRENEUR,): "session.module_without_entrepreneur",
    (EXPERT, TEACHER): "session.module_without_expert_teacher",
    (EXPERT, ENTREPRENEUR): "session.module_without_expert_entrepreneur",
    (TEACHER, ENTREPRENEUR): "session.module_without_teacher_entrepreneur",
    VOICES: "session.module_without_anybody",
}


def lacking(accepted: Collection[str]) -> tuple[str, ...]:
    """The voices that have not accepted, in their fixed order."""
    return tuple(voice for voice in VOICES if voice not in accepted)


def refusal(missing: tuple[str, ...]) -> str:
    """The code that says whose acceptance a group still needs before the module is taught to it."""
    return _NOT_ACCEPTED[missing]


def settled(state: str, accepted: Collection[str], *, used: bool) -> str:
    """The state of a version that these voices have accepted; `used`: some group uses it that has its own acceptance.
    What is over, and what was never proposed, stays what it is.
    """
    if state not in OPEN_TO_ACCEPT or lacking(accepted):
        return state
    return IN_USE if used or state == IN_USE else ACCEPTED


def content_hash(head: Mapping[str, Any], modules: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 (hex) of what is accepted: the head and the modules in their order, whatever order their facts stand
    in.
    """
    whole = {"head": dict(head), "modules": [dict(one) for one in modules]}
    told = json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()
