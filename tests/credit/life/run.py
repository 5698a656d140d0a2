"""A run of the machine of the whole life: how a step is tried, what is looked at after it, and who tries."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition

from services.credit.models import AgendaItem
from services.credit.queries.books import checked_books
from shared.kernel import Refused, clock
from tests.credit.house import CHAIR, COORDINATOR, SECRETARY, TODAY
from tests.credit.life.oracle import Oracle
from tests.credit.life.world import PEOPLE, TRUSTEES, played, quick_papers

REACHED: Counter[tuple[str, str]] = Counter()
"""By transition and what came of it: `done`, or the code of the refusal."""
RUNS: Counter[str] = Counter()
"""Runs by the stage they began at, and steps."""

NIGHTS = 1
"""How often a run closes: a night takes as long as ten other steps."""
ASKED = 8
"""The service's own check of its books, which takes as long as ten looks of the oracle, ends one run of so many."""

people = st.sampled_from(PEOPLE)
conducting = st.sampled_from([CHAIR, COORDINATOR, SECRETARY, CHAIR, COORDINATOR, PEOPLE[2], PEOPLE[4]])
paying = st.sampled_from([PEOPLE[4], PEOPLE[5], PEOPLE[4], PEOPLE[5], *PEOPLE])
assenting = st.sampled_from([*TRUSTEES, *TRUSTEES, *TRUSTEES, *PEOPLE])
stages = st.sampled_from(["decided", "lending", "sitting", "changing", "decided", "lending", "changing", "called"])
pick = st.sampled_from([0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5])
"""Which of those that a query finds: they stand in the order in which something may come of it."""
cents = st.integers(1, 9_000_00)
hundreds = st.integers(4, 150)


RIPE = {
    "sits": "agenda_item i JOIN committee_session s ON s.id = i.session_id WHERE s.state = 'open' AND i.state = 'pending'",
    "agenda": "agenda_item i JOIN committee_session s ON s.id = i.session_id WHERE s.state <> 'closed'",
    "ready": "application WHERE state IN ('appraised', 'deferred', 'lapsed')",
    "called": "agenda_item i JOIN committee_session s ON s.id = i.session_id WHERE s.state = 'convened'",
    "approved": "application WHERE state = 'approved' AND kind IN ('loan', 'refinance')",
    "changes": "application WHERE state = 'approved' AND kind NOT IN ('loan', 'refinance')",
    "asks": "application WHERE state IN ('submitted', 'appraised') AND kind <> 'loan'",
    "waits": "resolution r JOIN application a ON a.id = r.application_id WHERE r.assents_needed AND a.state = 'approved'",
    "asked": "condition c JOIN application a ON a.id = c.application_id WHERE c.state = 'open' AND a.state = 'approved'",
    "lent": "loan WHERE state = 'active'",
    "in_parts": "loan JOIN application a ON a.id = loan.application_id WHERE loan.state = 'active' AND a.committed > 0",
    "paid": "repayment WHERE reverses_id IS NULL AND reversed_on IS NULL",
    "paid_twice": "repayment r JOIN repayment l ON l.loan_id = r.loan_id AND l.id > r.id"
    " WHERE coalesce(r.reverses_id, l.reverses_id, r.reversed_on, l.reversed_on) IS NULL",
    "held": "repayment WHERE excess > 0",
    "shared": "income_part WHERE paid_on IS NULL",
}
"""When a step may come to something."""
_RIPE = "SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {rows})" for rows in RIPE.values())


def when(what: str) -> Callable[[Any], Any]:
    """A rule that is tried where something is ripe; of a rule it makes the same once more, so that it is tried more
    often there.
    """
    return precondition(lambda self: self.can(what))


class Run(RuleBasedStateMachine):
    """One run on one stage."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = ExitStack()
        self.changed = False
        self.editions = self.nights = 0
        self.seen: dict[str, Any] | None = None

    @initialize(stage=stages)
    def begin(self, stage: str) -> None:
        RUNS[stage] += 1
        self.kept.enter_context(quick_papers())
        run = self.kept.enter_context(played(stage))
        self.session, self.house, self.day = run.session, run.house, run.day
        self.fund_id = run.house.fund.id
        self.kept.enter_context(clock.frozen(TODAY + timedelta(days=self.day)))
        self.driver = run.connection.connection.driver_connection
        self.oracle = Oracle(self.driver)

    def teardown(self) -> None:
        with self.kept:
            [[movements]] = self.driver.execute("SELECT count(*) FROM ledger_entry")
            if movements % ASKED == 0:
                self.books_agree()

    def books_agree(self) -> None:
        """The service itself finds nothing in its books that differs."""
        # A clock that was set back does not know yet what was booked on later days.
        [[newest]] = self.driver.execute("SELECT max(booked_on) FROM ledger_entry")
        day = max(clock.today(), date.fromisoformat(newest))
        differences = checked_books(self.session, self.fund_id, day)
        assert not differences, differences

    def attempt(self, transition: str, step: Callable[[], Any]) -> Any:
        """What the step gave; None where it was refused."""
        RUNS["steps"] += 1
        try:
            with self.session.begin_nested():
                done = step()
                self.session.flush()
        except Refused as refused:
            self.session.expire_all()
            REACHED[transition, refused.code] += 1
            return None
        REACHED[transition, "done"] += 1
        self.changed, self.seen = True, None
        return done

    def can(self, what: str) -> bool:
        """Whether something of `RIPE` is there."""
        if self.seen is None:
            self.seen = dict(zip(RIPE, self.driver.execute(_RIPE).fetchone(), strict=True))
        return bool(self.seen[what])

    def some(self, which: int, query: str) -> UUID | None:
        """One of the ids that a query finds, as long as there are any."""
        found = self.driver.execute(query).fetchall()
        return UUID(found[which % len(found)][0]) if found else None

    def on_one(self, transition: str, which: int, query: str, step: Callable[[UUID], Any]) -> Any:
        """Attempt it on one of those that a query finds."""
        found = self.some(which, query)
        return None if found is None else self.attempt(transition, lambda: step(found))

    def on_item(self, transition: str, which: int, step: Callable[[UUID, UUID], Any]) -> Any:
        """Attempt it on an item of an agenda, likelier one of an open session."""
        query = (
            "SELECT i.id FROM agenda_item i JOIN committee_session s ON s.id = i.session_id"
            " ORDER BY s.state <> 'open', s.state = 'closed', i.state <> 'pending', i.id LIMIT 2"
        )
        found = self.some(which, query)
        if found is None:
            return None
        session_id = self.session.get_one(AgendaItem, found).session_id
        return self.attempt(transition, lambda: step(session_id, found))

    @invariant()
    def everything_holds(self) -> None:
        if self.changed:
            self.changed = False
            faults = self.oracle.faults(clock.today())
            assert not faults, faults
