"""Women who may be in the inventory twice: the queue, merges, and their undoing."""

from typing import Any
from uuid import UUID

from services.registry.api.duplicate_schemas import (
    ApartIn,
    AskedOut,
    MergeIn,
    MergeOut,
    MergeRow,
    PairCount,
    PairOut,
    PairQuery,
    PairRow,
    SearchIn,
    SearchOut,
)
from services.registry.queries import duplicates as queries
from services.registry.rules.visibility import COORDINATORS, EDITORS
from services.registry.use_cases.find_duplicates import ask_to_search
from services.registry.use_cases.merge_certain import ask_to_merge_certain
from services.registry.use_cases.merge_records import Plan, merge_women, reopen_pair, tell_apart
from services.registry.use_cases.undo_merge import undo_merge
from services.registry.use_cases.unite_enterprises import Choice
from shared.web import Call, Page, Resource

_READERS = EDITORS | COORDINATORS

resource = Resource("duplicates", prefix="/duplicates", description="Pairs of records that may be of one woman.")


@resource.get(query=PairQuery, returns=PairRow, paged=True, allow=_READERS)
def list_(call: Call) -> Page:
    """The pairs of the caller's territory, those with the most points first. A pair across territories is there for who
    coordinates the network.
    """
    return queries.list_pairs(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/count", returns=PairCount, allow=_READERS)
def count(call: Call) -> dict[str, int]:
    """How many pairs wait, and how many of these are certain."""
    return queries.count_pairs(call.session, call.caller)


@resource.get("/search", returns=SearchOut, allow=_READERS, scoped=False)
def last_search(call: Call) -> dict[str, Any]:
    """The last search of the whole inventory: what was compared, and what was left out."""
    found = queries.last_search(call.session)
    told = [
        left | {"detail": call.context.sentence(f"duplicate.left_out.{left['rule']}", left, call.language)}
        for left in found["left_out"] or []
    ]
    return found | {"left_out": told}


@resource.post("/search", status=202, body=SearchIn, returns=AskedOut, allow=_READERS, scoped=False)
def search(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Have the worker search the inventory; one that is under way is enough."""
    return {"job_id": ask_to_search(call.session, call.caller, thorough=body["thorough"])}


@resource.post("/merge-certain", status=202, returns=AskedOut, allow=COORDINATORS, scoped=False)
def merge_certain(call: Call) -> dict[str, Any]:
    """Have the worker merge the certain pairs of the caller's territory, each by itself; each can be undone."""
    return {"job_id": ask_to_merge_certain(call.session, call.caller)}


@resource.get("/merges", returns=MergeRow, paged=True, allow=_READERS)
def list_merges(call: Call) -> Page:
    """What was merged in the caller's territory, latest first."""
    return queries.list_merges(call.session, call.caller, limit=call.limit, after=call.after)


@resource.get("/merges/<uuid:merge_id>", returns=MergeOut, allow=_READERS)
def show_merge(call: Call, merge_id: UUID) -> dict[str, Any]:
    """One merge, and why it cannot be undone where it cannot."""
    return _merge(call, merge_id)


@resource.post("/merges/<uuid:merge_id>/undo", status=200, if_match=True, returns=MergeOut, allow=COORDINATORS)
def undo(call: Call, merge_id: UUID) -> dict[str, Any]:
    """Both records stand again exactly as before; refused where later work stands on the merge."""
    undo_merge(call.session, call.caller, call.context.sealer, merge_id, version=call.if_match)
    call.session.flush()
    return _merge(call, merge_id)


@resource.get("/<uuid:pair_id>", returns=PairOut, allow=_READERS)
def show(call: Call, pair_id: UUID) -> dict[str, Any]:
    """Both records side by side: why they may be one, what each says, and what would be taken of each."""
    return _pair(call, pair_id)


@resource.post("/<uuid:pair_id>/apart", status=200, if_match=True, body=ApartIn, returns=PairOut, allow=_READERS)
def apart(call: Call, body: dict[str, Any], pair_id: UUID) -> dict[str, Any]:
    """They are two women: the pair does not come back unless what tells one from the other changes."""
    tell_apart(call.session, call.caller, pair_id, version=call.if_match, **body)
    call.session.flush()
    return _pair(call, pair_id)


@resource.post("/<uuid:pair_id>/reopen", status=200, if_match=True, returns=PairOut, allow=_READERS)
def reopen(call: Call, pair_id: UUID) -> dict[str, Any]:
    """They may be one after all."""
    reopen_pair(call.session, call.caller, pair_id, version=call.if_match)
    call.session.flush()
    return _pair(call, pair_id)


@resource.post("/<uuid:pair_id>/merge", status=201, if_match=True, body=MergeIn, returns=MergeOut, allow=COORDINATORS)
def merge(call: Call, body: dict[str, Any], pair_id: UUID) -> dict[str, Any]:
    """Make one record of both. Whatever named the other names the one that stays; it can be undone."""
    shown = queries.show_pair(call.session, call.caller, call.context.sealer, pair_id)
    versions = {shown[side]["id"]: body[f"{side}_version"] for side in ("one", "other")}
    choices = [Choice(one["one_id"], one["other_id"], one["stays"], one["sides"]) for one in body["enterprises"]]
    plan = Plan(body["survivor_id"], body["sides"], choices, versions)
    made = merge_women(call.session, call.caller, call.context.sealer, pair_id, plan, version=call.if_match)
    return _merge(call, made.id)


def _pair(call: Call, pair_id: UUID) -> dict[str, Any]:
    shown = queries.show_pair(call.session, call.caller, call.context.sealer, pair_id)
    reasons = [reason | {"detail": _said(call, reason)} for reason in shown["reasons"]]
    detail = call.context.sentence(f"duplicate.{shown['decision']}", {}, call.language)
    return shown | {"reasons": reasons, "detail": detail}


def _said(call: Call, reason: dict[str, Any]) -> str:
    code = f"duplicate.{reason['field']}.{reason['outcome']}"
    sentence: str = call.context.sentence(code, reason, call.language)
    return sentence


def _merge(call: Call, merge_id: UUID) -> dict[str, Any]:
    shown = queries.show_merge(call.session, call.caller, call.context.sealer, merge_id)
    code = shown["hindrance"]
    hindrance = None if code is None else {"code": code, "detail": call.context.sentence(code, {}, call.language)}
    return shown | {"hindrance": hindrance}
