"""Scores of chains: what people judge where data say nothing, for the selection matrix."""

from typing import Any
from uuid import UUID

from services.territory.queries import scores as queries
from services.territory.rules.access import CHAIN_JUDGES, EXACT_FIGURES
from services.territory.rules.selecting import CANDIDATES, CRITERIA, HIGHEST
from services.territory.use_cases.score_chain import score_again, score_chain
from shared import places
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("chain-scores", prefix="/chain-scores", description="Scores of chains by people, with evidence.")


class ScoresQuery(Query):
    """`unit`: those given for this unit itself."""

    unit = fields.String(pattern=places.UNIT, maximum=6)
    chain = fields.Code(CANDIDATES)
    criterion = fields.Code(CRITERIA)


class ScoreAgainIn(Input):
    """`score` null: it has none any more, and the evidence says why."""

    score = fields.Integer(minimum=0, maximum=HIGHEST, load_default=None, allow_none=True)
    evidence = fields.String(maximum=1000, required=True)


class ScoreIn(ScoreAgainIn):
    score = fields.Integer(minimum=0, maximum=HIGHEST, required=True)
    unit = fields.String(pattern=places.UNIT, maximum=6, required=True)
    chain = fields.Code(CANDIDATES, required=True)
    criterion = fields.Code(CRITERIA, required=True)


class ScoreOut(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    chain = fields.Code(CANDIDATES)
    criterion = fields.Code(CRITERIA)
    score = fields.Integer(minimum=0, maximum=HIGHEST, allow_none=True)
    evidence = fields.String()
    scored_by_name = fields.String()
    scored_at = fields.Moment()


class ScoreSaidOut(Output):
    at = fields.Moment()
    score = fields.Integer(minimum=0, maximum=HIGHEST, allow_none=True)
    evidence = fields.String()
    by = fields.String()


class WholeScoreOut(ScoreOut):
    """With everything that it was, the latest first."""

    history = fields.List(fields.Nested(ScoreSaidOut))


@resource.get(query=ScoresQuery, returns=ScoreOut, paged=True, allow=EXACT_FIGURES)
def list_(call: Call) -> Page:
    """The scores of the caller's territory and of what it lies in, the latest first."""
    return queries.list_scores(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=ScoreIn, returns=ScoreOut, allow=CHAIN_JUDGES)
def score(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Score a chain by a criterion in a unit for the first time, with the evidence of it."""
    return queries.score_row(score_chain(call.session, call.caller, **body))


@resource.get("/<uuid:score_id>", returns=WholeScoreOut, allow=EXACT_FIGURES)
def show(call: Call, score_id: UUID) -> dict[str, Any]:
    """One score and its history."""
    return queries.show_score(call.session, call.caller, score_id)


@resource.put("/<uuid:score_id>", body=ScoreAgainIn, returns=ScoreOut, if_match=True, allow=CHAIN_JUDGES)
def again(call: Call, score_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Score it anew, or take the score back."""
    return queries.score_row(score_again(call.session, call.caller, score_id, **body, version=call.if_match))
