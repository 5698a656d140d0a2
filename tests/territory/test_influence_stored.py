"""Proposals, councils and their indicators as both kinds of database keep them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.territory.queries import councils as council_queries
from services.territory.queries import proposals as queries
from services.territory.queries import whole
from services.territory.queries.influence import influence
from services.territory.queries.plans import show_plan
from services.territory.queries.views import Selection, municipalities_under, published
from services.territory.use_cases.declare_plan import declare_plan
from services.territory.use_cases.follow_commitments import agree_in_dialogue, promise_in_session, settle_commitment
from services.territory.use_cases.follow_proposal import advance_proposal, correct_proposal
from services.territory.use_cases.freeze_analysis import freeze_chains
from services.territory.use_cases.hold_dialogues import form_alliance, hold_dialogue
from services.territory.use_cases.keep_councils import give_seat, hold_session, write_council
from services.territory.use_cases.propose import propose, rewrite_proposal
from services.territory.use_cases.publish_figures import publish_figures
from services.territory.use_cases.write_plan import remove_line, write_line, write_project
from shared import history
from shared.database import Database
from shared.kernel import LOCAL_TIME, Money, Refused, Stale, clock
from shared.testing import person
from tests.territory.conftest import register

KEEPER = person("coordinator", scope="HN17")
NOW = clock.now()
TODAY = NOW.astimezone(LOCAL_TIME).date()
STEP: dict[str, Any] = {"act": "Acta", "council_id": None, "amount": None, "reason": None}


@pytest.fixture(autouse=True)
def same_day() -> Iterator[None]:
    """No test runs past midnight."""
    with clock.frozen(NOW):
        yield


def told(**facts: Any) -> dict[str, Any]:
    return {
        "unit": "HN1709", "title": "Acopio", "text": "Texto", "organization": "Red Ñandú (ficticia)", "plan_id": None,
        "line_id": None, "chain": "fishing", "women_total": 10, "women_direct": 5,
        "costs": [{"year": 2027, "item": "x", "measure": "x", "quantity": 3, "unit_cost": Money(10**11, "HNL")}],
        "financing": [{"source": "other", "institution": "", "amount": Money(3 * 10**11, "HNL")}],
    } | facts  # fmt: skip


def test_a_proposal_is_kept_with_its_way_and_counted(database: Database) -> None:
    with database.transaction() as session:
        made = propose(session, KEEPER, told())
        proposal_id, version = made.id, made.version
    with database.transaction() as session:
        version = rewrite_proposal(session, KEEPER, proposal_id, version=version, told=told(title="Otro")).version
    for state in ("submitted", "debated", "included", "budgeted"):
        amount = Money(2 * 10**11, "HNL") if state == "budgeted" else None
        with database.transaction() as session:
            about = STEP | {"state": state, "day": TODAY, "amount": amount}
            version = advance_proposal(session, KEEPER, proposal_id, version=version, **about).version
    with pytest.raises(Stale), database.transaction() as session:
        advance_proposal(
            session, KEEPER, proposal_id, version=version - 1, **STEP | {"state": "executed", "day": TODAY}
        )
    with database.transaction() as session:
        about = STEP | {"state": "included", "day": TODAY, "reason": "Fue otra"}
        assert correct_proposal(session, KEEPER, proposal_id, version=version, **about).version == version + 1
    with database.reading() as session:
        row = queries.show_proposal(session, KEEPER, proposal_id)
        assert (row["title"], row["state"], row["approved"], len(row["steps"])) == ("Otro", "included", None, 6)
        assert [step["corrects"] for step in row["steps"]] == [False] * 5 + [True]
        (board,) = queries.board(session, KEEPER, {})
        assert (board["state"], board["asked"], board["oldest_days"]) == ("included", Money(3 * 10**11, "HNL"), 0)
        assert len(queries.list_proposals(session, KEEPER, {"organization": "RED"}, limit=5, after=None).rows) == 1
        assert queries.list_proposals(session, KEEPER, {"organization": "_ed"}, limit=5, after=None).rows == []
        found = influence(session, KEEPER, {"by": "organization", "year": TODAY.year})
        assert [(one["key"], one["included"], one["approved"].minor) for one in found["rows"]] == [
            ("Red Ñandú (ficticia)", 1, 0)
        ]
        assert history.broken_at(session, proposal_id) is None


def test_pages_of_proposals_follow_each_other_without_gap(database: Database) -> None:
    with database.transaction() as session:
        made = [propose(session, KEEPER, told(title=str(number))).id for number in range(5)]
    seen, after = [], None
    with database.reading() as session:
        while True:
            page = queries.list_proposals(session, KEEPER, {}, limit=2, after=after)
            seen += [row["id"] for row in page.rows]
            if (after := page.next) is None:
                break
    assert seen == made[::-1]


def test_frozen_evidence_has_the_same_hash_after_it_was_stored(database: Database) -> None:
    with database.transaction() as session:
        register(session, 12)
        proposal_id = propose(session, KEEPER, told()).id
        publish_figures(session, KEEPER, "HN17")
    with database.transaction() as session:
        view = published(session, Selection(("HN1709",), municipalities_under("HN1709")))
        evidence_id = freeze_chains(session, KEEPER, proposal_id, unit="HN1709", view=view).evidence[0].id
    with database.reading() as session:
        assert queries.show_evidence(session, KEEPER, proposal_id, evidence_id)["intact"] is True
    with pytest.raises(Refused, match="place_changed"), database.transaction() as session:
        freeze_chains(session, KEEPER, proposal_id, unit="HN1701", view=view)


def test_councils_dialogues_and_commitments_are_listed_with_their_counts(database: Database) -> None:
    past = TODAY - timedelta(days=9)
    with database.transaction() as session:
        council = write_council(session, KEEPER, unit="HN1709", kind="municipal", name="Concejo", seats_total=3)
        about = {"organization": "Red", "constituency": "x", "held_until": None}
        give_seat(session, KEEPER, council.id, kind="titular", held_from=past, **about)
        give_seat(session, KEEPER, council.id, kind="alternate", held_from=past, **about)
        met = {"agenda": "x", "women": 1, "men": 2, "organizations": ["B", "A"]}
        for day in (past, TODAY):
            hold_session(session, KEEPER, council.id, held_on=day, **met)
        assert [held.held_on for held in council.sessions] == [TODAY, past]
        promise = {"what": "x", "responsible": "Alcaldía"}
        first = promise_in_session(session, KEEPER, council.id, council.sessions[1].id, due_on=past, **promise)
        promise_in_session(session, KEEPER, council.id, council.sessions[0].id, due_on=TODAY, **promise)
        participants = [{"kind": "other", "institutions": 1, "women": 2, "men": 3}]
        dialogue = hold_dialogue(
            session, KEEPER, unit="HN17", kind="other", title="x", held_on=past, topics="x", participants=participants
        )
        agree_in_dialogue(session, KEEPER, dialogue.id, due_on=TODAY, **promise)
        form_alliance(
            session, KEEPER, unit="HN17", name="x", purpose="x", members=["A", "B"], agreement=None, begun_on=past
        )
    with database.reading() as session:
        (row,) = council_queries.all_councils(session, KEEPER, "HN17")
        assert [row[name] for name in ("women_seats", "sessions_held", "last_session", "open_commitments")] == [
            *(1, 2, TODAY, 2)
        ]
        page = council_queries.list_commitments(session, KEEPER, {"state": "open"}, limit=2, after=None)
        assert [one["late"] for one in page.rows] == [True, False]
        rest = council_queries.list_commitments(session, KEEPER, {"state": "open"}, limit=2, after=page.next)
        assert (len(rest.rows), rest.next) == (1, None)
        assert influence(session, KEEPER, {})["women_seats"] == 1
        assert influence(session, KEEPER, {"year": 2020})["women_seats"] == 0, "nobody held it then"
        (heard,) = council_queries.list_dialogues(session, KEEPER, {"unit": "HN"}, limit=5, after=None).rows
        assert (heard["women"], heard["men"]) == (2, 3)
        assert len(council_queries.list_alliances(session, KEEPER, None, limit=5, after=None).rows) == 1
    with database.transaction() as session:
        settle_commitment(session, KEEPER, first.id, version=1, state="kept", note=None)
    with database.reading() as session:
        assert council_queries.all_councils(session, KEEPER, None)[0]["open_commitments"] == 1


def test_lines_and_projects_come_and_go_with_their_plan(database: Database) -> None:
    with database.transaction() as session:
        plan = declare_plan(
            session, KEEPER, unit="HN1709", kind="participatory_budget", title="x", source="x",
            valid_from=date(2026, 1, 1), valid_until=None, chains=["fishing"], purposes=[],
        )  # fmt: skip
        write_line(session, KEEPER, plan.id, number="1", title="x", chain=None)
        line = plan.lines[0]
        part = {"year": 2027, "source": "municipality", "amount": Money(5, "HNL")}
        write_project(session, KEEPER, plan.id, line.id, title="x", chain=None, budget=[part])
    with database.reading() as session:
        assert show_plan(session, KEEPER, plan.id)["money"] == [part]
    with database.transaction() as session:
        assert remove_line(session, KEEPER, plan.id, line.id, version=3).lines == []


def test_a_table_that_would_be_cut_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    lists: list[tuple[Callable[[Session], Any], Callable[[Session], list[Any]]]] = [
        (lambda session: propose(session, KEEPER, told()), lambda session: queries.all_proposals(session, KEEPER, {})),
        (
            lambda session: write_council(
                session, KEEPER, unit="HN1709", kind="comude", name="Consejo ficticio", seats_total=9
            ),
            lambda session: council_queries.all_councils(session, KEEPER, None),
        ),
        (
            lambda session: hold_dialogue(
                session, KEEPER, unit="HN17", kind="other", title="x", held_on=TODAY, topics="x", participants=[]
            ),
            lambda session: council_queries.all_dialogues(session, KEEPER, {}),
        ),
    ]
    monkeypatch.setattr(whole, "MOST", 1)
    for write, everything in lists:
        with database.transaction() as session:
            write(session)
            assert len(everything(session)) == 1
            write(session)
            with pytest.raises(Refused, match=r"list\.too_long"):
                everything(session)
