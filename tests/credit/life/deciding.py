"""Rules of the machine: the committee, its agenda, its sessions and its votes."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.credit.models import AgendaItem
from services.credit.use_cases.cast_vote import cast_vote, declare_conflict
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.convene_session import (
    convene_session,
    notify_members,
    place_on_agenda,
    reorder_agenda,
    take_off_agenda,
)
from services.credit.use_cases.form_committee import declare_interest, end_mandate, take_seat
from services.credit.use_cases.hold_session import correct_acta, open_session, record_attendance
from shared.identity import Caller
from shared.kernel import clock
from tests.credit.house import COORDINATOR, URL, names
from tests.credit.life.run import RIPE, Run, conducting, people, pick, when
from tests.credit.life.world import OFFICES, PEOPLE, SEATED

choices = st.sampled_from(["approve", "approve", "approve", "refuse", "defer"])


class Deciding(Run):
    """What the committee does, by whomever."""

    @when("ready")
    @rule(which=st.lists(pick, max_size=2))
    def convene(self, which: list[int]) -> None:
        committee = self.house.committee_id
        facts = {"committee_id": committee, "scheduled_for": clock.now(), "place": "San Lorenzo"}
        self.attempt("convene_session", lambda: convene_session(self.session, COORDINATOR, **facts))
        for number in which:
            self.place(meeting=-1, which=number)

    @when("ready")
    @rule(meeting=pick, which=pick)
    def place(self, meeting: int, which: int) -> None:
        found = self.some(meeting, "SELECT id FROM committee_session ORDER BY id")
        ripe = "SELECT id FROM application ORDER BY state NOT IN ('appraised', 'deferred', 'approved'), id"
        if found is not None:
            self.on_one(
                "place_on_agenda",
                which,
                ripe,
                lambda one: place_on_agenda(self.session, COORDINATOR, session_id=found, application_id=one),
            )

    @when("agenda")
    @rule(which=pick, off=st.booleans())
    def change_agenda(self, which: int, off: bool) -> None:
        def step(session_id: UUID, item_id: UUID) -> Any:
            if off:
                return take_off_agenda(self.session, COORDINATOR, session_id=session_id, item_id=item_id)
            items = self.session.get_one(AgendaItem, item_id).session.agenda
            turned = [item.id for item in reversed(items)]
            return reorder_agenda(self.session, COORDINATOR, session_id=session_id, items=turned)

        self.on_item("take_off_agenda" if off else "reorder_agenda", which, step)

    @rule(meeting=pick, reason=st.sampled_from(["", "Urge"]))
    def notify(self, meeting: int, reason: str) -> None:
        seats = list(self.house.seats.values())
        self.on_one(
            "notify_members",
            meeting,
            "SELECT id FROM committee_session ORDER BY state <> 'convened', id",
            lambda found: notify_members(
                self.session, COORDINATOR, session_id=found, seats=seats, channel="phone", reason=reason
            ),
        )

    @rule(meeting=pick, by=conducting, absent=st.sets(st.sampled_from(SEATED), max_size=3))
    def open_the_session(self, meeting: int, by: Caller, absent: set[str]) -> None:
        seats = [seat for subject, seat in self.house.seats.items() if subject not in absent]
        self.on_one(
            "open_session",
            meeting,
            "SELECT id FROM committee_session ORDER BY state <> 'convened', id",
            lambda found: open_session(self.session, by, session_id=found, present=seats),
        )

    @rule(seat=st.integers(0, 12), present=st.booleans())
    def come_and_go(self, seat: int, present: bool) -> None:
        found = self.some(
            seat,
            "SELECT r.id FROM roll_seat r JOIN committee_session s ON s.id = r.session_id ORDER BY s.state = 'closed', r.id",
        )
        if found is not None:
            [[meeting]] = self.driver.execute("SELECT session_id FROM roll_seat WHERE id = ?", (found.hex,))
            self.attempt(
                "record_attendance",
                lambda: record_attendance(
                    self.session, COORDINATOR, session_id=UUID(meeting), roll_seat_id=found, present=present
                ),
            )

    @when("sits")
    @rule(constituency=st.sampled_from(["women_organizations", "csem", "leda"]), by=people)
    def walk_out(self, constituency: str, by: Caller) -> None:
        """All who sit for one constituency leave, and the others go on."""
        query = (
            "SELECT r.id, r.session_id FROM roll_seat r JOIN committee_session s ON s.id = r.session_id"
            " WHERE s.state = 'open' AND r.constituency = ? AND r.arrived_at IS NOT NULL AND r.left_at IS NULL"
        )
        for seat, meeting in self.driver.execute(query, (constituency,)).fetchall():
            facts = {"session_id": UUID(meeting), "roll_seat_id": UUID(seat), "present": False}
            self.attempt("record_attendance", lambda: record_attendance(self.session, COORDINATOR, **facts))  # noqa: B023
        self.vote(which=0, by=by, choice="approve")
        self.close(which=0, by=COORDINATOR)

    @when("agenda")
    @rule(which=pick, by=people)
    def recuse(self, which: int, by: Caller) -> None:
        def step(session_id: UUID, item_id: UUID) -> Any:
            return declare_conflict(self.session, by, session_id=session_id, item_id=item_id, reason="Conflicto")

        self.on_item("declare_conflict", which, step)

    @when("agenda")
    @rule(which=pick, by=people, choice=choices)
    def vote(self, which: int, by: Caller, choice: str) -> None:
        def step(session_id: UUID, item_id: UUID) -> Any:
            return cast_vote(self.session, by, session_id=session_id, item_id=item_id, choice=choice, reason="Lo pensé")

        self.on_item("cast_vote", which, step)

    @when("agenda")
    @rule(which=pick, silent=st.sets(st.sampled_from(SEATED), max_size=1), by=conducting)
    def everybody_approves(self, which: int, silent: set[str], by: Caller) -> None:
        """All but some, and then the item is closed."""
        for member in PEOPLE:
            if member.subject in SEATED and member.subject not in silent:
                self.vote(which=which, by=member, choice="approve")
        self.close(which=which, by=by)

    @when("agenda")
    @rule(which=pick, by=conducting)
    def close(self, which: int, by: Caller) -> None:
        def step(session_id: UUID, item_id: UUID) -> Any:
            return close_item(self.session, by, session_id=session_id, item_id=item_id)

        self.on_item("close_item", which, step)

    @rule(meeting=pick, by=conducting)
    def end_session(self, meeting: int, by: Caller) -> None:
        self.on_one(
            "close_session",
            meeting,
            "SELECT id FROM committee_session ORDER BY state <> 'open', id",
            lambda found: close_session(self.session, by, session_id=found, names=names, public_url=URL),
        )

    @rule(meeting=pick, by=conducting)
    def correct_minutes(self, meeting: int, by: Caller) -> None:
        self.on_one(
            "correct_acta",
            meeting,
            "SELECT id FROM committee_session ORDER BY state <> 'open', id",
            lambda found: correct_acta(self.session, by, session_id=found, acta="FON-A-0001", text="Donde dice"),
        )

    @rule(who=st.sampled_from(SEATED), which=pick)
    def become_interested(self, who: str, which: int) -> None:
        self.on_one(
            "declare_interest",
            which,
            "SELECT enterprise_id FROM copy_enterprise ORDER BY 1",
            lambda found: declare_interest(
                self.session,
                COORDINATOR,
                committee_id=self.house.committee_id,
                seat_id=self.house.seats[who],
                entrepreneur_id=self.house.owners[found],
                relation="relative",
            ),
        )

    @when("sits")
    @rule(who=st.sampled_from(SEATED))
    def vote_on_her_own(self, who: str) -> None:
        """Somebody votes on the credit of a woman of whom she has just said that she is close to her."""
        asked = (
            f"SELECT a.enterprise_id FROM application a JOIN {RIPE['sits']} AND a.id = i.application_id ORDER BY i.id"
        )
        asker = self.some(0, asked)
        assert asker is not None
        self.attempt(
            "declare_interest",
            lambda: declare_interest(
                self.session,
                COORDINATOR,
                committee_id=self.house.committee_id,
                seat_id=self.house.seats[who],
                entrepreneur_id=self.house.owners[asker],
                relation="relative",
            ),
        )
        [by] = [one for one in PEOPLE if one.subject == who]
        self.vote(which=0, by=by, choice="approve")

    @rule(who=st.sampled_from(SEATED))
    def renew_mandate(self, who: str) -> None:
        """Her mandate ends and she takes a new one."""
        constituency, position = OFFICES[who]

        def step() -> Any:
            committee = self.house.committee_id
            end_mandate(self.session, COORDINATOR, committee_id=committee, seat_id=self.house.seats[who])
            facts = {"constituency": constituency, "position": position, "subject": who, "name": who}
            return take_seat(
                self.session,
                COORDINATOR,
                committee_id=committee,
                organization="Otra",
                since=clock.today(),
                **facts,
            )

        seat = self.attempt("renew_mandate", step)
        if seat is not None:
            self.house.seats[who] = seat.id
