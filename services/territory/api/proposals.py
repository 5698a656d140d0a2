"""Proposals of women's organizations and the centre, and what becomes of them."""

from typing import Any
from uuid import UUID

from services.territory.api import lists
from services.territory.api.proposals_schemas import (
    BoardOut,
    CorrectionIn,
    ProposalIn,
    ProposalOut,
    ProposalsQuery,
    ProposalsTableQuery,
    StepIn,
    WholeEvidenceOut,
    WholeProposalOut,
)
from services.territory.composition import Composition
from services.territory.models import Proposal
from services.territory.queries import proposals as queries
from services.territory.queries import views
from services.territory.queries.views import Selection, View
from services.territory.rules.access import COUNCIL_KEEPERS, INFLUENCE_READERS, PROPOSERS, STEP_RECORDERS
from services.territory.use_cases import follow_proposal, freeze_analysis
from services.territory.use_cases import propose as proposing
from services.territory.use_cases.publish_figures import ensure_published
from shared import files
from shared.kernel import Refused
from shared.papers import LARGEST_FILE
from shared.web import Call, Download, Page, Resource

resource = Resource("proposals", prefix="/proposals", description="Proposals, and what becomes of them.")
_ONE = "/<uuid:proposal_id>"
_COLUMNS = (
    *("unit", "title", "organization", "chain", "year", "state", "since", "days_at_state", "women_total"),
    *("women_direct", "currency", "asked", "approved", "executed", "proposed_by_name"),
)


@resource.get(query=ProposalsQuery, returns=ProposalOut, paged=True, allow=INFLUENCE_READERS)
def list_(call: Call) -> Page:
    """The proposals of the caller's territory, latest first."""
    return queries.list_proposals(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/table", query=ProposalsTableQuery, download=True, allow=INFLUENCE_READERS)
def download(call: Call) -> Download:
    """The same proposals as a table, all of them."""
    rows = queries.all_proposals(call.session, call.caller, call.query)
    return lists.download(call, "proposals", _COLUMNS, rows, coded={"state": "proposal_state"})


@resource.get("/board", query=ProposalsQuery, returns=BoardOut, allow=INFLUENCE_READERS)
def board(call: Call) -> list[dict[str, Any]]:
    """How many of the same proposals stand at each state, and the amounts they carry."""
    return queries.board(call.session, call.caller, call.query)


@resource.post(body=ProposalIn, returns=WholeProposalOut, allow=PROPOSERS)
def propose(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write a proposal down; it may be changed until it is submitted."""
    return _whole(call, proposing.propose(call.session, call.caller, body))


@resource.get(_ONE, returns=WholeProposalOut, allow=INFLUENCE_READERS)
def show(call: Call, proposal_id: UUID) -> dict[str, Any]:
    """A proposal with its costs, financing, evidence and way."""
    return queries.show_proposal(call.session, call.caller, proposal_id)


@resource.put(_ONE, body=ProposalIn, returns=WholeProposalOut, allow=PROPOSERS)
def rewrite(call: Call, body: dict[str, Any], proposal_id: UUID) -> dict[str, Any]:
    """Write a proposal anew that has not been submitted."""
    made = proposing.rewrite_proposal(call.session, call.caller, proposal_id, version=call.if_match, told=body)
    return _whole(call, made)


def published_of(call: Call, proposal_id: UUID) -> tuple[str, View]:
    """The place of the proposal, and what is published of it (published now, where it is not yet)."""
    context: Composition = call.context
    unit = queries.show_proposal(call.session, call.caller, proposal_id)["unit"]
    if len(unit) < 4:
        raise Refused("publication.municipal_only")
    ensure_published(context.database, call.caller, [unit[:4]])
    with context.database.reading() as session:
        return unit, views.published(session, Selection((unit,), views.municipalities_under(unit)))


@resource.post(f"{_ONE}/evidence", before=published_of, returns=WholeProposalOut, allow=PROPOSERS)
def freeze(call: Call, proposal_id: UUID) -> dict[str, Any]:
    """Freeze the published chain table of the proposal's municipality or department as its evidence."""
    unit, view = call.prepared
    return _whole(call, freeze_analysis.freeze_chains(call.session, call.caller, proposal_id, unit=unit, view=view))


@resource.get(f"{_ONE}/evidence/<uuid:evidence_id>", returns=WholeEvidenceOut, allow=INFLUENCE_READERS)
def show_evidence(call: Call, proposal_id: UUID, evidence_id: UUID) -> dict[str, Any]:
    """A frozen analysis with all it says, and whether it still has its hash."""
    return queries.show_evidence(call.session, call.caller, proposal_id, evidence_id)


@resource.post(f"{_ONE}/steps", body=StepIn, returns=WholeProposalOut, if_match=True, allow=STEP_RECORDERS)
def advance(call: Call, body: dict[str, Any], proposal_id: UUID) -> dict[str, Any]:
    """Record that a proposal came to its next state. Who proposed it records that it was submitted; who plans, what the
    municipality debated, included and rejected; coordinators everything.
    """
    made = follow_proposal.advance_proposal(call.session, call.caller, proposal_id, version=call.if_match, **body)
    return _whole(call, made)


@resource.post(f"{_ONE}/corrections", body=CorrectionIn, returns=WholeProposalOut, if_match=True, allow=COUNCIL_KEEPERS)
def correct(call: Call, body: dict[str, Any], proposal_id: UUID) -> dict[str, Any]:
    """Put the way of a proposal right, with the reason; what was recorded stays to be read."""
    made = follow_proposal.correct_proposal(call.session, call.caller, proposal_id, version=call.if_match, **body)
    return _whole(call, made)


@resource.post(
    f"{_ONE}/steps/<uuid:step_id>/paper", upload=LARGEST_FILE, returns=WholeProposalOut, allow=STEP_RECORDERS
)
def show_step(call: Call, proposal_id: UUID, step_id: UUID) -> dict[str, Any]:
    """Keep the paper that shows a step: a PDF or a picture."""
    assert call.upload is not None
    name, content = call.upload.name, call.upload.content
    return _whole(
        call, follow_proposal.show_step(call.session, call.caller, proposal_id, step_id, name=name, content=content)
    )


@resource.get(f"{_ONE}/steps/<uuid:step_id>/paper", download=True, allow=INFLUENCE_READERS)
def download_paper(call: Call, proposal_id: UUID, step_id: UUID) -> Download:
    """The paper that shows a step."""
    return paper(call, queries.paper_of_step(call.session, call.caller, proposal_id, step_id))


def paper(call: Call, file_id: UUID) -> Download:
    """A stored paper, shown in the browser."""
    file = files.find(call.session, file_id)
    return Download(files.read(call.session, file.id), file.name, file.media_type, inline=True)


def _whole(call: Call, proposal: Proposal) -> dict[str, Any]:
    return queries.whole_proposal(call.session, proposal, call.caller)
