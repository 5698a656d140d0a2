"""A centre adopts a rubric of its own from a day on; which edition is in force where."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Covered, RubricEdition
from services.registry.rules.rubrics import Edition, Editions
from services.registry.tables import network_rubric_on
from services.registry.use_cases.run_institutions import centre_to_change
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, clock


def adopt_rubric(
    session: Session,
    caller: Caller,
    centre_id: UUID,
    *,
    valid_from: date,
    source: str,
    numbers: Mapping[str, Any],
    wording: Sequence[Mapping[str, Any]],
) -> RubricEdition:
    """The edition by which the centre works from `valid_from` on: `numbers` are weights, minimal conditions, threshold
    and months; levels that `wording` does not name keep the words they have.

    Refuses a centre of another territory, a day that is past (what was profiled then was profiled otherwise), and
    weights that do not add up.
    """
    centre = centre_to_change(session, caller, centre_id, None)
    if valid_from < clock.today():
        raise Invalid("rubric.in_the_past", pointer="/valid_from", today=clock.today().isoformat())
    known = edition_of_centre(session, centre_id, valid_from).rubric
    rubric = replace(known, **numbers, levels=_worded(known.levels, wording))
    rubric.require_whole()
    adopted = RubricEdition.adopt(centre.id, rubric, valid_from, source, caller)
    session.add(adopted)
    session.flush()
    after = rubric.to_json() | {"valid_from": valid_from, "source": source, "centre_id": centre_id}
    history.record(session, caller, subject=adopted.id, kind="rubric", action="adopt", after=after)
    return adopted


def edition_on(session: Session, municipality: str, day: date) -> Edition:
    """The edition in force on `day` for the centre that covers this municipality; the network's where there is none.
    Where several centres cover it, the one that came into force last.
    """
    covering = select(Covered.centre_id).where(Covered.municipality == municipality)
    return _latest(session, RubricEdition.centre_id.in_(covering), day)


def editions_of_centres(session: Session) -> Editions:
    """All editions that centres adopted, to be asked as `edition_on` is where there is no database at hand."""
    latest_first = (RubricEdition.valid_from.desc(), RubricEdition.id.desc())
    covering = select(Covered.municipality, RubricEdition).join(
        RubricEdition, RubricEdition.centre_id == Covered.centre_id
    )
    found: dict[str, tuple[Edition, ...]] = {}
    values: dict[UUID, Edition] = {}
    for municipality, adopted in session.execute(covering.order_by(*latest_first)):
        edition = values.setdefault(adopted.id, adopted.value)
        found[municipality] = (*found.get(municipality, ()), edition)
    return Editions(found)


def edition_of_centre(session: Session, centre_id: UUID, day: date) -> Edition:
    """The edition by which a centre works on `day`, its own or the network's."""
    return _latest(session, RubricEdition.centre_id == centre_id, day)


def edition_cited(session: Session, rubric_id: UUID | None, edition: date) -> Edition:
    """The edition that a profile cites."""
    return network_rubric_on(edition) if rubric_id is None else session.get_one(RubricEdition, rubric_id).value


def _latest(session: Session, whose: Any, day: date) -> Edition:
    begun = select(RubricEdition).where(whose, RubricEdition.valid_from <= day)
    found = session.scalars(begun.order_by(RubricEdition.valid_from.desc(), RubricEdition.id.desc()).limit(1)).first()
    return network_rubric_on(day) if found is None else found.value


def _worded(
    known: Mapping[str, tuple[Mapping[str, str], ...]], wording: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[Mapping[str, str], ...]]:
    words = {subject: list(levels) for subject, levels in known.items()}
    for one in wording:
        words[one["subject"]][one["level"]] = {"es": one["es"], "en": one["en"]}
    return {subject: tuple(levels) for subject, levels in words.items()}
