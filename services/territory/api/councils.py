"""Councils: seats that women's organizations hold, sessions, and what was promised there."""

from typing import Any
from uuid import UUID

from services.territory.api import lists
from services.territory.api.councils_schemas import (
    CommitmentIn,
    CommitmentOut,
    CommitmentsQuery,
    CouncilChange,
    CouncilIn,
    CouncilOut,
    CouncilsTableQuery,
    DayIn,
    SeatIn,
    SessionIn,
    SettlementIn,
    UnitQuery,
    WholeCouncilOut,
)
from services.territory.api.proposals import paper
from services.territory.queries import councils as queries
from services.territory.rules.access import COUNCIL_KEEPERS, INFLUENCE_READERS
from services.territory.use_cases import follow_commitments, keep_councils
from shared.papers import LARGEST_FILE
from shared.web import Call, Download, Page, Resource

resource = Resource("councils", prefix="/councils", description="Councils, their seats and sessions.")
commitments = Resource("commitments", prefix="/commitments", description="What institutions promised, and kept.")
_ONE = "/<uuid:council_id>"
_COLUMNS = (
    *("unit", "kind", "name", "seats_total", "women_seats", "sessions_held", "last_session"),
    "open_commitments",
)


@resource.get(query=UnitQuery, returns=CouncilOut, paged=True, allow=INFLUENCE_READERS)
def list_(call: Call) -> Page:
    """The councils of the caller's territory and of what it lies in."""
    return queries.list_councils(call.session, call.caller, call.query.get("unit"), limit=call.limit, after=call.after)


@resource.get("/table", query=CouncilsTableQuery, download=True, allow=INFLUENCE_READERS)
def download(call: Call) -> Download:
    """The same councils as a table, all of them."""
    rows = queries.all_councils(call.session, call.caller, call.query.get("unit"))
    return lists.download(call, "councils", _COLUMNS, rows, coded={"kind": "council_kind"})


@resource.post(body=CouncilIn, returns=WholeCouncilOut, allow=COUNCIL_KEEPERS)
def write(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write a council of the caller's territory down."""
    return queries.whole_council(call.session, keep_councils.write_council(call.session, call.caller, **body))


@resource.get(_ONE, returns=WholeCouncilOut, allow=INFLUENCE_READERS)
def show(call: Call, council_id: UUID) -> dict[str, Any]:
    """A council with its seats, sessions and commitments."""
    return queries.show_council(call.session, call.caller, council_id)


@resource.put(_ONE, body=CouncilChange, returns=WholeCouncilOut, allow=COUNCIL_KEEPERS)
def change(call: Call, body: dict[str, Any], council_id: UUID) -> dict[str, Any]:
    """Put the name of a council and the number of its seats right."""
    changed = keep_councils.change_council(call.session, call.caller, council_id, version=call.if_match, **body)
    return queries.whole_council(call.session, changed)


@resource.post(f"{_ONE}/seats", body=SeatIn, returns=WholeCouncilOut, allow=COUNCIL_KEEPERS)
def give_seat(call: Call, body: dict[str, Any], council_id: UUID) -> dict[str, Any]:
    """Write down that a women's organization holds a seat."""
    return queries.whole_council(call.session, keep_councils.give_seat(call.session, call.caller, council_id, **body))


@resource.post(
    f"{_ONE}/seats/<uuid:seat_id>/end",
    body=DayIn,
    returns=WholeCouncilOut,
    if_match=True,
    status=200,
    allow=COUNCIL_KEEPERS,
)
def end_seat(call: Call, body: dict[str, Any], council_id: UUID, seat_id: UUID) -> dict[str, Any]:
    """Write down the last day of a seat."""
    ended = keep_councils.end_seat(call.session, call.caller, council_id, seat_id, version=call.if_match, **body)
    return queries.whole_council(call.session, ended)


@resource.post(f"{_ONE}/sessions", body=SessionIn, returns=WholeCouncilOut, allow=COUNCIL_KEEPERS)
def hold_session(call: Call, body: dict[str, Any], council_id: UUID) -> dict[str, Any]:
    """Write down a session that was held."""
    return queries.whole_council(
        call.session, keep_councils.hold_session(call.session, call.caller, council_id, **body)
    )


@resource.post(
    f"{_ONE}/sessions/<uuid:session_id>/commitments", body=CommitmentIn, returns=CommitmentOut, allow=COUNCIL_KEEPERS
)
def promise(call: Call, body: dict[str, Any], council_id: UUID, session_id: UUID) -> dict[str, Any]:
    """Write down what an institution promised in a session, and until when."""
    return queries.commitment_row(
        follow_commitments.promise_in_session(call.session, call.caller, council_id, session_id, **body)
    )


@commitments.get(query=CommitmentsQuery, returns=CommitmentOut, paged=True, allow=INFLUENCE_READERS)
def list_commitments(call: Call) -> Page:
    """What was promised in councils and agreed in dialogues, due first on top."""
    return queries.list_commitments(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@commitments.post(
    "/<uuid:commitment_id>/settlement",
    body=SettlementIn,
    returns=CommitmentOut,
    if_match=True,
    status=200,
    allow=COUNCIL_KEEPERS,
)
def settle(call: Call, body: dict[str, Any], commitment_id: UUID) -> dict[str, Any]:
    """Say whether a commitment was kept."""
    settled = follow_commitments.settle_commitment(
        call.session, call.caller, commitment_id, version=call.if_match, **body
    )
    return queries.commitment_row(settled)


@commitments.post(
    "/<uuid:commitment_id>/proof",
    upload=LARGEST_FILE,
    returns=CommitmentOut,
    if_match=True,
    status=200,
    allow=COUNCIL_KEEPERS,
)
def prove(call: Call, commitment_id: UUID) -> dict[str, Any]:
    """Keep the paper that shows a commitment, in place of the one before: a PDF or a picture."""
    assert call.upload is not None
    name, content = call.upload.name, call.upload.content
    shown = follow_commitments.prove_commitment(
        call.session, call.caller, commitment_id, version=call.if_match, name=name, content=content
    )
    return queries.commitment_row(shown)


@commitments.get("/<uuid:commitment_id>/proof", download=True, allow=INFLUENCE_READERS)
def download_proof(call: Call, commitment_id: UUID) -> Download:
    """The paper that shows a commitment."""
    return paper(call, queries.proof_of(call.session, call.caller, commitment_id))
