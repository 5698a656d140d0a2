"""Submissions that wait for somebody to look at them."""

from typing import Any
from uuid import UUID

from services.registry.intake.own_form import LABELS
from services.registry.intake.sent import read_sent
from services.registry.models import Draft
from services.registry.queries import drafts as queries
from services.registry.rules.drafts import STATES
from services.registry.rules.visibility import COORDINATORS, EDITORS
from services.registry.tables import place_aliases
from services.registry.use_cases.review_draft import (
    accept_draft,
    content_of,
    is_hers_elsewhere,
    prospect,
    reject_draft,
    shown,
)
from shared import i18n, places
from shared.kernel import Refused, clock
from shared.web import Call, Input, Output, Page, Query, Resource, fields

_REVIEWERS = EDITORS | COORDINATORS

resource = Resource("drafts", prefix="/drafts", description="Single submissions that wait to be looked at.")


class DraftQuery(Query):
    state = fields.Code(STATES)


class RejectIn(Input):
    reason = fields.String(maximum=500, required=True)


class DraftRow(Output):
    """`known` says that its submission is in the registry already: it would change that record."""

    id = fields.Id()
    form = fields.String()
    municipality = fields.String()
    state = fields.String()
    known = fields.Boolean()
    received_at = fields.Moment()
    changed_at = fields.Moment()
    decided_at = fields.Moment(allow_none=True)
    decided_by_name = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    import_id = fields.Id(allow_none=True)
    version = fields.Integer()


class LineOut(Output):
    """One line of the report; `column` is what the form calls its question."""

    column = fields.String(allow_none=True)
    code = fields.String()
    message = fields.String()
    suggestion = fields.String()


class ProspectOut(Output):
    """What an import of it would do: `created`, `updated`, `unchanged`, or nothing where it would not be kept; the
    lines of its report; the record as it `stands` and as it `would` stand. Where the woman has an enterprise
    `elsewhere`, outside the caller's territory, the record is not shown, and who works in both places decides.
    """

    kind = fields.String(allow_none=True)
    elsewhere = fields.Boolean()
    lines = fields.List(fields.Nested(LineOut))
    stands = fields.Anything(allow_none=True)
    would = fields.Anything(allow_none=True)


class DraftOut(DraftRow):
    prospect = fields.Nested(ProspectOut, allow_none=True)


@resource.get(query=DraftQuery, returns=DraftRow, paged=True, allow=_REVIEWERS)
def list_(call: Call) -> Page:
    """The submissions of the caller's territory, latest first."""
    return queries.list_drafts(
        call.session, call.caller, state=call.query.get("state"), limit=call.limit, after=call.after
    )


@resource.get("/<uuid:draft_id>", returns=DraftOut, allow=_REVIEWERS)
def show(call: Call, draft_id: UUID) -> dict[str, Any]:
    """One submission; while it waits, with what taking it in would do."""
    draft, row = queries.show_draft(call.session, call.caller, draft_id)
    return row | {"prospect": _prospect(call, draft) if draft.state == "waiting" else None}


@resource.post("/<uuid:draft_id>/accept", status=202, if_match=True, returns=DraftRow, allow=_REVIEWERS)
def accept(call: Call, draft_id: UUID) -> dict[str, Any]:
    """Take it in, as an import of one: `import_id` tells how that stands, and undoes it."""
    draft, _ = queries.show_draft(call.session, call.caller, draft_id)
    draft.require_version(call.if_match)
    draft.require_waiting()
    content = content_of(draft, call.context.sealer)
    if content is None:
        raise Refused("draft.decided", state=draft.state)
    submission = read_sent(content, places.municipalities(), clock.today(), place_aliases(clock.today()))
    accept_draft(call.session, call.caller, call.context.sealer, draft_id, submission, version=call.if_match)
    return queries.show_draft(call.session, call.caller, draft_id)[1]


@resource.post("/<uuid:draft_id>/reject", status=200, if_match=True, body=RejectIn, returns=DraftRow, allow=_REVIEWERS)
def reject(call: Call, body: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    """It becomes no record; what it said is forgotten after 30 days. An edit in the field brings it again."""
    reject_draft(call.session, call.caller, draft_id, version=call.if_match, reason=body["reason"])
    return queries.show_draft(call.session, call.caller, draft_id)[1]


def _question(column: str | None, language: str) -> str | None:
    """What the form calls the question of a column."""
    if column is None:
        return None
    words = LABELS.get(column.rpartition("/")[2])
    return words[i18n.LANGUAGES.index(language)] if words else column


def _prospect(call: Call, draft: Draft) -> dict[str, Any]:
    content = content_of(draft, call.context.sealer)
    if content is None:
        raise Refused("draft.decided", state=draft.state)
    outcome = prospect(call.session, call.caller, call.context.sealer, call.context.work.look_at(content))
    stands, would = shown(call.session, call.caller, call.context.sealer, outcome)
    lines = [
        {
            "column": _question(problem["column"], call.language),
            "code": problem["code"],
            "message": call.context.sentence(problem["code"], problem["facts"], call.language),
            "suggestion": call.context.sentence(f"{problem['code']}.suggestion", problem["facts"], call.language),
        }
        for problem in outcome.problems
    ]
    elsewhere = is_hers_elsewhere(call.session, call.caller, outcome.known)
    return {"kind": outcome.kind, "elsewhere": elsewhere, "lines": lines, "stands": stands, "would": would}
