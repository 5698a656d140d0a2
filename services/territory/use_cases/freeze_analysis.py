"""Published figures are frozen as the evidence of a proposal: as they stood, with the hash of what they say."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.models import FrozenAnalysis, Proposal
from services.territory.queries.views import View
from services.territory.rules.chains import chain_table, link_totals
from services.territory.rules.disclosure import THRESHOLD
from services.territory.use_cases.propose import own_proposal
from shared import history, places
from shared.events.vocabulary import CHAINS, LINKS
from shared.identity import Caller
from shared.kernel import Refused, clock, uuid7

CHAIN_TABLE = "chain_table"


def freeze_chains(session: Session, caller: Caller, proposal_id: UUID, *, unit: str, view: View) -> Proposal:
    """The proposal with the chain table of its municipality or department as evidence. `view` holds what is published
    of `unit`, never live figures. Refuses a proposal that was submitted, that is not the caller's to write, or whose
    place was changed meanwhile, and the same table a second time.
    """
    proposal = own_proposal(session, caller, proposal_id)
    proposal.require_unsubmitted()
    if proposal.unit != unit or view.published is None:
        raise Refused("proposal.place_changed")
    content = _chains(view, unit)
    frozen = FrozenAnalysis(
        id=uuid7(),
        proposal_id=proposal.id,
        kind=CHAIN_TABLE,
        unit=unit,
        published=view.published,
        as_of=view.as_of,
        hash=hash_of(content),
        content=content,
        frozen_by=caller.subject,
        frozen_by_name=caller.name,
        frozen_at=clock.now(),
    )
    if any(one.hash == frozen.hash for one in proposal.evidence):
        raise Refused("proposal.frozen_already", month=view.published)
    proposal.evidence.append(frozen)
    session.flush()
    facts = {"evidence": frozen.id, "hash": frozen.hash}
    history.record(session, caller, subject=proposal.id, kind="proposal", action="freeze", after=facts)
    return proposal


def hash_of(content: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the content as JSON with its keys in order."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _chains(view: View, unit: str) -> dict[str, Any]:
    templates = reference.chain_templates()
    first = templates[CHAINS[0]]
    rows = chain_table(view.figures, unit, templates, LINKS, language="es")
    content = {
        "kind": CHAIN_TABLE,
        "unit": unit,
        "place": places.name_of(unit),
        "published": view.published,
        "as_of": view.as_of,
        "threshold": THRESHOLD,
        "template": {"source": first.source, "valid_from": first.valid_from},
        "chains": [{**asdict(row), "missing": list(row.missing)} for row in rows],
        "links": [asdict(row) for row in link_totals(view.figures, unit, LINKS)],
    }
    told: dict[str, Any] = orjson.loads(orjson.dumps(content))
    return told
