"""Attendance: noted once, by whoever may, of women of the group alone; the later mark stands and both are kept."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.documents.attendance_sheet import printed
from services.training.models import AttendanceMark, AttendanceSheet, SheetRow, TrainingGroup, TrainingSession
from services.training.queries.attendance import group_hours, members, roster, sheet_rows, show_row
from services.training.queries.sessions import show_session
from services.training.rules.attendance import Mark, Share, by_woman, contradicts, later
from services.training.use_cases.plan_session import cancel_session, close_session, move_session
from services.training.use_cases.print_sheet import issue_sheet, mark_by_row, revoke_sheet
from shared import links
from shared.kernel import Forbidden, Invalid, NotFound, Refused, clock, uuid7
from tests.training.house import STRANGER, TECHNICIAN, TRAINER, register, withdraw, woman_of
from tests.training.lessons import FIRST, SECOND, WOMEN, at, form_group, mark, plan
from tests.training.test_merged import merge

pytestmark = pytest.mark.both_databases

KEY = b"k" * 32


@pytest.fixture
def group(session: Session) -> TrainingGroup:
    return form_group(session)


@pytest.fixture
def planned(session: Session, group: TrainingGroup) -> TrainingSession:
    return plan(session, group)


def row_of(session: Session, planned: TrainingSession, woman: int) -> dict:
    rows = roster(session, show_session(session, TRAINER, planned.id))
    return next(row for row in rows if row["entrepreneur_id"] == woman_of(woman))


def test_who_was_there_has_all_hours_unless_told_otherwise(session: Session, planned: TrainingSession) -> None:
    with clock.frozen(at(FIRST)):
        mark(session, planned, 1)
        mark(session, planned, 2, minutes=90)
        mark(session, planned, 3, "excused")
        mark(session, planned, 4, "absent")
    told = [(row["mark"] or {}).get("minutes") for row in roster(session, show_session(session, TRAINER, planned.id))]
    assert told == [240, 90, 0, 0, None, None, None, None]
    shown = show_session(session, TRAINER, planned.id)
    assert (shown["present"], shown["excused"], shown["absent"], shown["women"]) == (2, 1, 1, WOMEN)


def test_a_woman_of_another_group_is_refused_and_nothing_is_noted(session: Session, planned: TrainingSession) -> None:
    register(session, 50)
    with clock.frozen(at(FIRST)), pytest.raises(Invalid, match=r"attendance\.other_group") as refused:
        mark(session, planned, 50)
    assert (refused.value.pointer, refused.value.facts["title"]) == ("/entrepreneur_id", planned.title)
    assert session.scalar(select(func.count()).select_from(AttendanceMark)) == 0


def test_the_same_mark_sent_again_is_noted_once(session: Session, planned: TrainingSession) -> None:
    once = uuid4()
    with clock.frozen(at(FIRST)):
        first = mark(session, planned, 1, mark_id=once)
        assert mark(session, planned, 1, mark_id=once) is first
        with pytest.raises(Refused, match=r"attendance\.mark_differs"):
            mark(session, planned, 1, "absent", mark_id=once)
        with pytest.raises(Refused, match=r"attendance\.mark_differs"):
            mark(session, planned, 2, mark_id=once)
    assert len(row_of(session, planned, 1)["history"]) == 1


def test_a_mark_sent_again_after_the_closing_is_answered_as_the_first_time(
    session: Session, planned: TrainingSession
) -> None:
    once = uuid4()
    with clock.frozen(at(FIRST)):
        first = mark(session, planned, 1, mark_id=once)
        close_session(session, TRAINER, session_id=planned.id, version=None)
        assert mark(session, planned, 1, mark_id=once) is first


def test_of_two_phones_the_later_mark_stands_whichever_arrives_first_and_both_are_shown(
    session: Session, planned: TrainingSession
) -> None:
    early, late = at(FIRST, 9), at(FIRST, 10)
    with clock.frozen(at(FIRST, 13)):
        mark(session, planned, 1, "absent", marked_at=late, way="offline")
        mark(session, planned, 1, "present", marked_at=early, by=TECHNICIAN, way="offline")
        mark(session, planned, 2, "present", marked_at=early, by=TECHNICIAN)
        mark(session, planned, 2, "absent", marked_at=late)
    for woman in (1, 2):
        row = row_of(session, planned, woman)
        assert (row["mark"]["status"], row["contradicted"]) == ("absent", True)
        told = [(one["status"], one["by_name"], one["stands"]) for one in row["history"]]
        assert told == [("absent", TRAINER.name, True), ("present", TECHNICIAN.name, False)]


def test_a_correction_by_who_saw_the_mark_is_no_contradiction(session: Session, planned: TrainingSession) -> None:
    with clock.frozen(at(FIRST)):
        first = mark(session, planned, 1, "absent")
    with clock.frozen(at(FIRST, 10)):
        mark(session, planned, 1, "present", seen=first.id)
    row = row_of(session, planned, 1)
    assert (row["mark"]["status"], row["contradicted"], len(row["history"])) == ("present", False, 2)


def test_a_phone_with_a_wrong_clock_neither_wins_for_ever_nor_loses_always(
    session: Session, planned: TrainingSession
) -> None:
    with clock.frozen(at(FIRST, 9)):
        ahead = mark(session, planned, 1, "absent", marked_at=at(FIRST + timedelta(days=900)))
        behind = mark(session, planned, 2, "absent", marked_at=at(FIRST - timedelta(days=900)))
    assert (ahead.marked_at, behind.marked_at) == (at(FIRST, 9), at(FIRST, 8))
    with clock.frozen(at(FIRST, 10)):
        mark(session, planned, 1, "present")
    assert row_of(session, planned, 1)["mark"]["status"] == "present"


def test_what_cannot_have_been_is_refused(session: Session, group: TrainingGroup, planned: TrainingSession) -> None:
    with pytest.raises(Refused, match=r"attendance\.not_yet"):
        mark(session, planned, 1)
    with clock.frozen(at(FIRST)):
        with pytest.raises(Invalid, match=r"attendance\.too_many_minutes"):
            mark(session, planned, 1, minutes=241)
        with pytest.raises(Invalid, match=r"attendance\.too_many_minutes"):
            mark(session, planned, 1, minutes=0)
        with pytest.raises(Invalid, match=r"attendance\.minutes_of_absent"):
            mark(session, planned, 1, "absent", minutes=5)
        with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
            mark(session, planned, 1, by=STRANGER)
    off = plan(session, group, SECOND)
    cancel_session(session, TRAINER, session_id=off.id, version=None, reason="x")
    with clock.frozen(at(SECOND)), pytest.raises(Refused, match=r"attendance\.session_cancelled"):
        mark(session, off, 1)


def test_a_mark_after_the_closing_needs_a_reason_that_is_shown(session: Session, planned: TrainingSession) -> None:
    with clock.frozen(at(FIRST)):
        mark(session, planned, 1)
        close_session(session, TRAINER, session_id=planned.id, version=None)
        for reason in (None, "  "):
            with pytest.raises(Invalid, match=r"attendance\.late_needs_reason"):
                mark(session, planned, 2, reason=reason)
        mark(session, planned, 2, reason="Llegó su hoja firmada")
    assert row_of(session, planned, 2)["mark"]["reason"] == "Llegó su hoja firmada"


def sheet_of(session: Session, planned: TrainingSession) -> tuple[AttendanceSheet, list[str]]:
    """A sheet in the order of the group's list, and what the QR of its rows sign."""
    women = [row["entrepreneur_id"] for row in members(session, {"subject_id": planned.subject_id})]
    sheet = issue_sheet(session, TRAINER, session_id=planned.id, members=women)
    return sheet, [links.signed(row.id, sheet.expires_on, KEY) for row in sheet.rows]


def by_row(session: Session, token: str, status: str = "present", key: bytes = KEY) -> AttendanceMark:
    return mark_by_row(session, token, key, mark_id=uuid7(), status=status)


def test_the_code_of_a_row_marks_its_woman_and_shows_nobodys_name(session: Session, planned: TrainingSession) -> None:
    _, tokens = sheet_of(session, planned)
    with clock.frozen(at(FIRST)):
        by_row(session, tokens[2], "absent")
        shown = show_row(session, tokens[2], KEY)
    assert (shown["line"], shown["sheet"], shown["status"]) == (3, 1, "absent")
    assert not {"name", "entrepreneur_id"} & shown.keys()
    made = row_of(session, planned, 3)["mark"]
    assert (made["way"], made["by"], made["by_name"]) == ("sheet", "1/3", "")


def test_a_code_opens_nothing_once_it_is_over_void_moved_closed_or_not_ours(
    session: Session, group: TrainingGroup, planned: TrainingSession
) -> None:
    sheet, tokens = sheet_of(session, planned)

    def refused(token: str, key: bytes = KEY) -> bool:
        with pytest.raises(NotFound, match=r"sheet\.row_not_open"):
            by_row(session, token, key=key)
        with pytest.raises(NotFound, match=r"sheet\.row_not_open"):
            show_row(session, token, key)
        return True

    with clock.frozen(at(FIRST)):
        assert refused(tokens[0], b"x" * 32)
        assert refused("B" + tokens[0][1:])
        assert refused(links.signed(sheet.rows[0].id, sheet.expires_on + timedelta(days=9), KEY))
    with clock.frozen(at(sheet.expires_on + timedelta(days=1))):
        assert refused(tokens[0])
    revoke_sheet(session, TRAINER, session_id=planned.id, sheet_id=sheet.id)
    with clock.frozen(at(FIRST)):
        assert refused(tokens[0])
        with pytest.raises(Refused, match=r"sheet\.revoked_already"):
            revoke_sheet(session, TRAINER, session_id=planned.id, sheet_id=sheet.id)
    other = plan(session, group, SECOND)
    _, older = sheet_of(session, other)
    moved = {"first_day": SECOND, "starts": "13:00", "ends": "15:00", "place": "x", "reason": "x"}
    move_session(session, TRAINER, session_id=other.id, version=None, **moved)
    with clock.frozen(at(SECOND, 14)):
        assert refused(older[0])
        _, newer = sheet_of(session, other)
        by_row(session, newer[0])
        close_session(session, TRAINER, session_id=other.id, version=None)
        assert refused(newer[0])


def test_the_sheet_is_accessible_and_each_row_leads_to_its_own_address(
    session: Session, planned: TrainingSession, tmp_path
) -> None:
    sheet, tokens = sheet_of(session, planned)
    found, rows = sheet_rows(session, planned.id, sheet.id)
    named = [row | {"name": f"Marta {row['line']} Inventada", "enterprise_name": "Pescadería"} for row in rows]
    made = {
        language: printed(
            show_session(session, TRAINER, planned.id),
            found,
            named,
            key=KEY,
            public_url="https://csem.example",
            language=language,
        )
        for language in ("es", "en")
    }
    path = tmp_path / "sheet.pdf"
    path.write_bytes(made["es"])
    pdf = PdfReader(path)
    assert "pdfuaid" in pdf.xmp_metadata.stream.get_data().decode()
    text = "\n".join(page.extract_text() for page in pdf.pages)
    assert "Marta 8 Inventada" in text
    assert "Lista de asistencia" in text
    links_ = {
        note.get_object()["/A"]["/URI"]
        for page in pdf.pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object()
    }
    assert links_ == {f"https://csem.example/attendance/{token}" for token in tokens}
    assert made["es"] != made["en"]


def test_hours_roll_up_per_woman_and_group_and_say_who_completes_by_the_rule(
    session: Session, group: TrainingGroup, planned: TrainingSession
) -> None:
    second = plan(session, group, SECOND, ends="09:00")
    with clock.frozen(at(SECOND)):
        for woman in (1, 2, 3):
            mark(session, planned, woman)
        mark(session, second, 1)
        mark(session, planned, 4, minutes=239)
        mark(session, second, 2, "excused")
    with clock.frozen(at(SECOND + timedelta(days=1))):
        found = group_hours(session, TRAINER, group.id)
    assert (found["sessions"], found["held_minutes"], found["share_percent"]) == (2, 300, 80)
    hours = {row["entrepreneur_id"]: (row["minutes"], row["percent"], row["completes"]) for row in found["members"]}
    assert hours[woman_of(1)] == (300, 100.0, True)
    assert hours[woman_of(2)] == (240, 80.0, True), "exactly 80 %"
    assert hours[woman_of(4)] == (239, 79.7, False)
    assert hours[woman_of(8)] == (0, 0.0, False)
    assert (found["person_minutes"], found["person_sessions"], found["completing"]) == (300 + 240 + 240 + 239, 5, 3)


def test_a_session_counts_once_it_is_over_and_a_cancelled_one_never(
    session: Session, group: TrainingGroup, planned: TrainingSession
) -> None:
    off = plan(session, group, SECOND)
    cancel_session(session, TRAINER, session_id=off.id, version=None, reason="x")
    assert group_hours(session, TRAINER, group.id)["held_minutes"] == 0
    assert not any(row["completes"] for row in group_hours(session, TRAINER, group.id)["members"])
    with clock.frozen(at(SECOND + timedelta(days=30))):
        assert group_hours(session, TRAINER, group.id)["held_minutes"] == 240


def test_a_woman_whose_record_was_merged_is_marked_under_either_id_and_counted_once(
    session: Session, group: TrainingGroup, planned: TrainingSession
) -> None:
    register(session, 20)
    merge(session, 20, 3)
    with clock.frozen(at(FIRST)):
        assert mark(session, planned, 20).entrepreneur_id == woman_of(3)
        mark(session, planned, 3, minutes=60, seen=None)
    with clock.frozen(at(SECOND)):
        hours = {row["entrepreneur_id"]: row["minutes"] for row in group_hours(session, TRAINER, group.id)["members"]}
    assert sorted(hours.values())[-2:] == [0, 60], "the later of the two marks, once"


def test_who_withdraws_leaves_no_mark_and_no_row(session: Session, planned: TrainingSession) -> None:
    sheet, tokens = sheet_of(session, planned)
    with clock.frozen(at(FIRST)):
        mark(session, planned, 1)
        withdraw(session, 1)
        session.expire_all()
        assert session.scalar(select(func.count()).select_from(AttendanceMark)) == 0
        hers = select(func.count()).select_from(SheetRow).where(SheetRow.entrepreneur_id == woman_of(1))
        assert session.scalar(hers) == 0
        with pytest.raises(NotFound):
            by_row(session, tokens[0])
        with pytest.raises(Invalid, match=r"attendance\.other_group"):
            mark(session, planned, 1)
    assert sheet.number == 1


_MARKS = st.lists(
    st.builds(
        Mark,
        id=st.uuids(),
        status=st.sampled_from(("present", "absent")),
        minutes=st.integers(0, 240),
        marked_at=st.datetimes(min_value=at(FIRST).replace(tzinfo=None), max_value=at(SECOND).replace(tzinfo=None)),
    ),
    min_size=2,
    max_size=6,
)


@given(_MARKS, st.randoms())
def test_whatever_the_order_of_arrival_the_same_mark_stands(marks: list[Mark], chance) -> None:
    def standing(order: list[Mark]) -> UUID:
        found = order[0]
        for one in order[1:]:
            found = later(found, one)
        return found.id

    shuffled = marks.copy()
    chance.shuffle(shuffled)
    assert standing(marks) == standing(shuffled)


def test_two_who_note_the_same_do_not_contradict_each_other() -> None:
    one, other = (Mark(uuid4(), "present", 60, at(FIRST)) for _ in range(2))
    assert not contradicts(one, None)
    assert not contradicts(one, other)
    assert contradicts(Mark(uuid4(), "absent", 0, at(FIRST)), other)


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_the_share_is_exact(held: int, attended: int) -> None:
    assert Share(attended, held).completes(80) == (attended * 5 >= held * 4)
    assert not Share(attended, 0).completes(80)


def test_a_session_counts_once_for_a_woman_with_two_records() -> None:
    woman, one = uuid4(), uuid4()
    assert by_woman([(woman, one, 60), (woman, one, 90), (woman, uuid4(), 30)], {one: 120}) == {woman: Share(90, 120)}
