"""What stands between an approval and the money: conditions, the day it expires, a suspended fund; and the reasons,
notices and limits that the regulations set.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.credit.models import Application, Condition
from services.credit.queries.applications import counts, listed
from services.credit.rules import regulations
from services.credit.use_cases.cast_vote import cast_vote
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.convene_session import notify_members, place_on_agenda, reorder_agenda, take_off_agenda
from services.credit.use_cases.govern_lending import answer_observation, observe, resume_lending, suspend_lending
from services.credit.use_cases.hold_session import open_session
from services.credit.use_cases.keep_enterprises import forget_entrepreneur
from services.credit.use_cases.meet_conditions import ask_condition, drop_condition, meet_condition, show_evidence
from shared import files
from shared.bus import log as _log  # noqa: F401 - the platform's tables
from shared.bus.envelope import Envelope
from shared.bus.tables import event_log
from shared.events.registry import EntrepreneurWithdrawn
from shared.kernel import Forbidden, Invalid, NotFound, Refused, clock
from shared.papers import kept_of
from shared.testing import person
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    LEDA,
    MEMBERS,
    OFFICER,
    PARAMETERS,
    SECRETARY,
    TECHNICIAN,
    TODAY,
    House,
)

PDF = b"%PDF-1.7\n%%EOF"
JPEG = b"\xff\xd8" + b"\xff\xe0\x00\x04ab" + b"\xff\xe1\x00\x08GPS!!!" + b"\xff\xda\x00\x04cd" + b"scan\xff\xd9"
TRUST = person("trust_fund_member", scope="HN17", subject="trust", name="Fidelia Fideicomiso")
OTHER = person("trust_fund_member", scope="HN17", subject="other-trust", name="Felisa Fideicomiso")
REASONS = {
    "source": "art. 14",
    "items": [
        {"code": "capacity", "name": "Capacidad de pago insuficiente", "choices": ["refuse"]},
        {"code": "papers", "name": "Faltan documentos", "choices": ["defer", "refuse"]},
    ],
}


def conditional(house: House, **facts: Any) -> Application:
    """An application that is approved on one condition."""
    application = house.appraised(**facts)
    meeting = house.opened(application)
    ask(house, meeting)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    return application


def ask(house: House, meeting: Any, **facts: Any) -> Condition:
    asked = {"text": "Presentar la factura proforma", "verifier": "technician"} | facts
    return ask_condition(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id, **asked)


def condition_of(house: House, application: Application) -> Condition:
    return house.session.scalars(select(Condition).where(Condition.application_id == application.id)).one()


def show(house: House, application: Application, content: bytes = PDF) -> Condition:
    return show_evidence(
        house.session,
        TECHNICIAN,
        application_id=application.id,
        condition_id=condition_of(house, application).id,
        name="proforma.pdf",
        content=content,
    )


def meet(house: House, application: Application, by: Any = TECHNICIAN) -> Condition:
    condition = condition_of(house, application)
    return meet_condition(house.session, by, application_id=application.id, condition_id=condition.id, note="Vista")


def test_nothing_is_paid_out_while_a_condition_is_open(house: House):
    application = conditional(house)
    with pytest.raises(Refused, match=r"condition\.open"):
        house.disburse(application)
    show(house, application)
    with pytest.raises(Refused, match=r"condition\.open"):
        house.disburse(application)
    condition = meet(house, application)
    assert (condition.state, condition.met_by_name, condition.note) == ("met", TECHNICIAN.name, "Vista")
    assert house.disburse(application).principal == application.approved_amount


def test_what_waits_for_a_condition_is_found_until_it_is_met(house: House):
    waiting, free = conditional(house), house.approved("1000.00")

    def waits() -> list[Any]:
        house.session.flush()
        rows = listed(house.session, COORDINATOR, {"conditions": "open"}, limit=10, after=None).rows
        return [row["id"] for row in rows]

    assert waits() == [waiting.id]
    show(house, waiting)
    meet(house, waiting)
    assert waits() == []
    assert free.state == "approved"


def test_only_who_was_asked_says_that_a_condition_is_met_and_not_without_a_paper(house: House):
    application = conditional(house)
    with pytest.raises(Refused, match=r"condition\.no_evidence"):
        meet(house, application)
    show(house, application)
    with pytest.raises(Forbidden, match=r"condition\.other_verifier"):
        meet(house, application, OFFICER)
    meet(house, application)
    with pytest.raises(Refused, match=r"condition\.met_already"):
        meet(house, application)


def test_the_motion_does_not_change_once_somebody_has_voted(house: House):
    meeting = house.opened(house.appraised())
    condition = ask(house, meeting)
    with pytest.raises(Invalid, match=r"condition\.day_over"):
        ask(house, meeting, due_on=clock.today() - timedelta(days=1))
    house.vote(meeting, by=(CHAIR,))
    with pytest.raises(Refused, match=r"session\.voting_began"):
        ask(house, meeting)
    with pytest.raises(Refused, match=r"session\.voting_began"):
        drop_condition(
            house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id, condition_id=condition.id
        )


def test_a_condition_taken_out_binds_nobody(house: House):
    application = house.appraised()
    meeting = house.opened(application)
    item, condition = meeting.agenda[0], ask(house, meeting)
    with pytest.raises(NotFound, match=r"condition\.unknown"):
        drop_condition(house.session, CHAIR, session_id=meeting.id, item_id=item.id, condition_id=uuid4())
    drop_condition(house.session, CHAIR, session_id=meeting.id, item_id=item.id, condition_id=condition.id)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=item.id)
    assert house.disburse(application)


def test_a_picture_is_kept_without_what_the_camera_wrote(house: House):
    kind, kept = kept_of(JPEG) or ("", b"")
    assert kind == "image/jpeg"
    assert b"GPS" not in kept
    assert kept.startswith(b"\xff\xd8\xff\xe0")
    assert kept.endswith(b"scan\xff\xd9")
    assert kept_of(JPEG[:-2]) is None
    application = conditional(house)
    first = show(house, application, JPEG).evidence_file_id
    assert first
    show(house, application)
    with pytest.raises(NotFound, match=r"file\.erased"):
        files.find(house.session, first)
    with pytest.raises(Invalid, match=r"file\.neither_pdf_nor_picture"):
        show(house, application, b"GIF89a")


def test_what_was_shown_is_erased_with_her_who_withdraws(house: House):
    application = conditional(house)
    file_id = show(house, application).evidence_file_id
    assert file_id
    event = EntrepreneurWithdrawn(
        entrepreneur_id=house.owners[application.enterprise_id], enterprise_ids=[application.enterprise_id]
    )
    forget_entrepreneur(house.session, event, Envelope)  # type: ignore[arg-type]
    with pytest.raises(NotFound, match=r"file\.erased"):
        files.find(house.session, file_id)


APPROVALS = {"approvals": {"days": 30, "source": "art. 16"}}


@pytest.fixture
def hasty(session: Any) -> House:
    """A fund whose approvals hold for 30 days."""
    return House.build(session, cash="15000.00", **APPROVALS)


def test_an_approval_expires_and_its_money_is_free_again(hasty: House):
    application = hasty.approved("10000.00")
    assert hasty.fund.available(hasty.session) == 5_000_00
    with clock.frozen(TODAY + timedelta(days=30)):
        assert not application.expired(clock.today())
    with clock.frozen(TODAY + timedelta(days=31)):
        assert hasty.fund.available(hasty.session) == 15_000_00
        with pytest.raises(Refused, match=r"application\.approval_expired"):
            hasty.disburse(application)
        assert hasty.approved("12000.00").state == "approved"
        assert application.state == "lapsed"


def test_the_clock_that_moves_back_promises_no_money_twice(hasty: House):
    first = hasty.approved("10000.00")
    with clock.frozen(TODAY + timedelta(days=31)):
        hasty.approved("12000.00")
    assert hasty.fund.committed(hasty.session) == 12_000_00
    with pytest.raises(Refused, match=r"application\.is_lapsed"):
        hasty.disburse(first)


def test_a_lapsed_application_is_dealt_with_anew_and_paid_out_on_its_new_approval(hasty: House):
    application = hasty.approved("10000.00")
    with clock.frozen(TODAY + timedelta(days=40)):
        meeting = hasty.opened(application)
        hasty.vote(meeting)
        again = close_item(hasty.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
        assert again.expires_on == clock.today() + timedelta(days=30)
        assert hasty.disburse(application).resolution_id == again.id


def test_a_lapsed_application_may_be_appraised_again_or_taken_back(hasty: House):
    one, two = hasty.approved("3000.00"), hasty.approved("3000.00")
    with clock.frozen(TODAY + timedelta(days=40)):
        hasty.appraise(one)
        assert one.state == "appraised"
        two.withdraw()
        assert two.state == "withdrawn"


def test_from_the_day_it_expires_every_list_says_so(hasty: House):
    hasty.approved("3000.00")
    with clock.frozen(TODAY + timedelta(days=31)):
        hasty.session.flush()
        stages = {row["state"]: row["count"] for row in counts(hasty.session, COORDINATOR, {})}
        assert stages == {"lapsed": 1}
        page = {"limit": 10, "after": None}
        assert listed(hasty.session, COORDINATOR, {"state": ["approved"]}, **page).rows == []
        rows = listed(hasty.session, COORDINATOR, {"state": ["lapsed"]}, **page).rows
        assert [row["state"] for row in rows] == ["lapsed"]


def test_while_lending_is_suspended_nothing_is_approved_and_nothing_paid_out(house: House):
    waiting = house.approved("1000.00")
    meeting = house.opened(house.appraised("2000.00"), house.appraised("3000.00"))
    suspend_lending(house.session, TRUST, fund_id=house.fund.id, reason="El banco no concilia")
    with pytest.raises(Refused, match=r"fund\.suspended \("):
        house.disburse(waiting)
    house.vote(meeting, 0)
    with pytest.raises(Refused, match=r"fund\.suspended \("):
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    house.vote(meeting, 1, "refuse")
    refused = close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[1].id)
    assert refused.outcome == "refused"
    resume_lending(house.session, OTHER, fund_id=house.fund.id, reason="Conciliado")
    approved = close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    assert approved.outcome == "approved"
    assert house.disburse(waiting)
    told = house.session.scalars(select(event_log.c.type).where(event_log.c.type.contains("lending"))).all()
    assert list(told) == ["org.csem.credit.lending-suspended.v1", "org.csem.credit.lending-resumed.v1"]


def test_a_fund_is_suspended_once_with_a_reason_and_by_who_answers_for_all_of_it(house: House):
    with pytest.raises(Refused, match=r"fund\.not_suspended"):
        resume_lending(house.session, TRUST, fund_id=house.fund.id, reason="Ya")
    with pytest.raises(Invalid, match=r"fund\.reason_needed"):
        suspend_lending(house.session, TRUST, fund_id=house.fund.id, reason=" ")
    part = person("trust_fund_member", scope="HN1709", subject="part")
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        suspend_lending(house.session, part, fund_id=house.fund.id, reason="No")
    suspend_lending(house.session, TRUST, fund_id=house.fund.id, reason="Sí")
    with pytest.raises(Refused, match=r"fund\.suspended_already"):
        suspend_lending(house.session, TRUST, fund_id=house.fund.id, reason="Sí")


def test_an_observation_is_answered_once(house: House):
    month = clock.today()
    with pytest.raises(Invalid, match=r"observation\.month_to_come"):
        observe(house.session, TRUST, fund_id=house.fund.id, month=month + timedelta(days=40), text="¿?")
    made = observe(house.session, TRUST, fund_id=house.fund.id, month=month, rule="quorum", text="Faltó el acta")
    facts = {"fund_id": house.fund.id, "observation_id": made.id, "answer": "Ya está"}
    assert answer_observation(house.session, COORDINATOR, **facts).answered_by_name == COORDINATOR.name
    with pytest.raises(Refused, match=r"observation\.answered_already"):
        answer_observation(house.session, COORDINATOR, **facts)
    with pytest.raises(NotFound, match=r"observation\.unknown"):
        answer_observation(house.session, COORDINATOR, **facts | {"observation_id": uuid4()})


@pytest.fixture
def reasoned(session: Any) -> House:
    """A fund whose regulations list the reasons to refuse and to defer."""
    return House.build(session, reasons=REASONS)


def cast(house: House, meeting: Any, who: Any, choice: str, code: str | None) -> None:
    item = meeting.agenda[0].id
    cast_vote(house.session, who, session_id=meeting.id, item_id=item, choice=choice, reason="Así es", reason_code=code)


def test_a_refusal_and_a_deferral_name_a_reason_of_the_regulations(reasoned: House):
    meeting = reasoned.opened(reasoned.appraised())
    for choice, code in (("refuse", None), ("refuse", "luck"), ("defer", "capacity"), ("approve", "papers")):
        with pytest.raises(Invalid, match=r"committee\.reason_code_unknown"):
            cast(reasoned, meeting, CHAIR, choice, code)
    for who, code in zip(MEMBERS, ("papers", "capacity", "capacity", "papers"), strict=True):
        cast(reasoned, meeting, who, "refuse", code)
    done = close_item(reasoned.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    assert (done.outcome, done.reason_code) == ("refused", "papers"), "of equals, the first that was given"


def test_where_nothing_finds_a_majority_that_is_the_reason(reasoned: House):
    meeting = reasoned.opened(reasoned.appraised(), present=(CHAIR, SECRETARY, LEDA))
    for who, choice, code in (
        (CHAIR, "approve", None),
        (SECRETARY, "refuse", "capacity"),
        (LEDA, "defer", "papers"),
    ):
        cast(reasoned, meeting, who, choice, code)
    done = close_item(reasoned.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    assert (done.outcome, done.reason_code) == ("deferred", "no_majority")


@pytest.fixture
def formal(session: Any) -> House:
    """A fund whose regulations ask for five days of notice."""
    return House.build(session, notice={"days": 5, "source": "art. 11"})


def notify(house: House, meeting: Any, *who: Any, reason: str = "") -> None:
    notify_members(
        house.session,
        COORDINATOR,
        session_id=meeting.id,
        seats=[house.seats[one.subject] for one in who],
        channel="phone",
        reason=reason,
    )


def test_a_session_opens_once_every_principal_was_told(formal: House):
    meeting = formal.convened(formal.appraised())
    present = [formal.seats[who.subject] for who in MEMBERS]
    with pytest.raises(Invalid, match=r"session\.notice_too_short"):
        notify(formal, meeting, CHAIR)
    notify(formal, meeting, CHAIR, SECRETARY, reason="La temporada empieza")
    with pytest.raises(Refused, match=r"session\.not_notified") as refused:
        open_session(formal.session, CHAIR, session_id=meeting.id, present=present)
    assert refused.value.facts["names"] == "Marina Mujeres, Leda Local"
    notify(formal, meeting, *MEMBERS)
    assert meeting.short_notice == "La temporada empieza"
    assert open_session(formal.session, CHAIR, session_id=meeting.id, present=present).state == "open"


def test_in_time_no_reason_is_asked_and_the_first_notice_counts(formal: House):
    meeting = formal.convened(formal.appraised())
    meeting.scheduled_for = TODAY + timedelta(days=5)
    notify(formal, meeting, *MEMBERS)
    with clock.frozen(TODAY + timedelta(days=4)):
        notify(formal, meeting, *MEMBERS, reason="Otra vez")
    assert {one.at for one in meeting.notified} == {TODAY}


def test_a_session_is_not_opened_before_the_days_of_notice_are_over(formal: House):
    meeting = formal.convened(formal.appraised())
    meeting.scheduled_for = TODAY + timedelta(days=30)
    notify(formal, meeting, *MEMBERS)
    present = [formal.seats[who.subject] for who in MEMBERS]
    with clock.frozen(TODAY + timedelta(days=4)), pytest.raises(Refused, match=r"session\.not_notified") as refused:
        open_session(formal.session, CHAIR, session_id=meeting.id, present=present)
    assert refused.value.facts["days"] == 5
    with clock.frozen(TODAY + timedelta(days=5)):
        assert open_session(formal.session, CHAIR, session_id=meeting.id, present=present).state == "open"


def test_there_is_no_notice_of_an_empty_agenda_nor_to_a_stranger(formal: House):
    with pytest.raises(Refused, match=r"session\.agenda_empty"):
        notify(formal, formal.convened(), CHAIR, reason="Ya")
    meeting = formal.convened(formal.appraised())
    with pytest.raises(NotFound, match=r"committee\.seat_unknown"):
        notify_members(
            formal.session, COORDINATOR, session_id=meeting.id, seats=[uuid4()], channel="phone", reason="Ya"
        )


def test_the_agenda_is_put_in_order_and_thinned_until_the_session_opens(house: House):
    one, two, three = house.appraised(), house.appraised(), house.appraised()
    meeting = house.convened(one, two, three)
    order = [item.id for item in meeting.agenda][::-1]
    reorder_agenda(house.session, COORDINATOR, session_id=meeting.id, items=order)
    take_off_agenda(house.session, COORDINATOR, session_id=meeting.id, item_id=order[1])
    house.session.expire(meeting)
    assert [(item.position, item.application_id) for item in meeting.agenda] == [(1, three.id), (2, one.id)]
    assert two.state == "appraised"
    place_on_agenda(house.session, COORDINATOR, session_id=meeting.id, application_id=two.id)
    with pytest.raises(Invalid, match=r"session\.order_incomplete"):
        reorder_agenda(house.session, COORDINATOR, session_id=meeting.id, items=order[:1])
    open_session(house.session, CHAIR, session_id=meeting.id, present=[])
    with pytest.raises(Refused, match=r"session\.is_open"):
        take_off_agenda(house.session, COORDINATOR, session_id=meeting.id, item_id=order[0])


@pytest.mark.parametrize(
    ("section", "value", "pointer"),
    [
        ("notice", {"days": -1, "source": "x"}, "/parameters/notice/days"),
        ("notice", {"days": 3}, "/parameters/notice/source"),
        ("conflicts", {"degree": 0, "source": "x"}, "/parameters/conflicts/degree"),
        ("conflicts", {"degree": True, "source": "x"}, "/parameters/conflicts/degree"),
        ("approvals", {"days": 0, "source": "x"}, "/parameters/approvals/days"),
        ("approvals", {"days": 30, "source": " "}, "/parameters/approvals/source"),
        ("approvals", {"months": 1}, "/parameters/approvals"),
        ("reasons", {"items": [{"code": "a", "name": "A", "choices": ["approve"]}], "source": "x"}, "/parameters/reasons/items/0/choices"),
        ("reasons", {"items": REASONS["items"] * 2, "source": "x"}, "/parameters/reasons/items"),
        ("reasons", {"items": []}, "/parameters/reasons"),
    ],
)  # fmt: skip
def test_sections_that_contradict_themselves_are_refused(section, value, pointer):
    with pytest.raises(Invalid) as refused:
        regulations.read(PARAMETERS | {section: value})
    assert refused.value.pointer == pointer


def test_a_section_left_out_holds_what_held_before():
    read = regulations.read(PARAMETERS)
    assert (read.notice.days, read.conflicts.degree, read.approvals.days, read.reasons.items) == (0, None, None, ())


def test_refusals_are_told_in_both_languages_and_change_nothing(build_house, client, database):
    """The same through the API, by the people whose work it is."""

    def step(house: House) -> Any:
        return conditional(house).id, house.convened(house.appraised()).id

    house, (application, meeting) = build_house(step)
    fund = house.fund.id
    condition = client.get(TECHNICIAN, f"/applications/{application}").body["terms"][0]["id"]
    asked = f"/applications/{application}/conditions/{condition}/verification"
    payout = f"/applications/{application}/disbursement"
    day = {"disbursed_on": clock.today().isoformat()}
    reason = {"reason": "El banco no concilia"}
    refusals: list[tuple[Any, str, Any, int, str]] = [
        (OFFICER, payout, day, 409, "condition.open"),
        (TECHNICIAN, asked, {}, 409, "condition.no_evidence"),
        (OFFICER, asked, {}, 403, "condition.other_verifier"),
        (CASHIER, asked, {}, 403, "permission.role_missing"),
        (COORDINATOR, f"/funds/{fund}/suspension", reason, 403, "permission.role_missing"),
        (TRUST, f"/funds/{fund}/resumption", reason, 409, "fund.not_suspended"),
        (TRUST, f"/funds/{fund}/observations", {"month": "2026-04-01", "text": "¿?"}, 422, "observation.month_to_come"),
        (COORDINATOR, f"/sessions/{meeting}/agenda/order", {"items": [str(uuid4())]}, 422, "session.order_incomplete"),
        (COORDINATOR, f"/sessions/{meeting}/items/{uuid4()}/removal", {}, 404, "session.item_unknown"),
        (CHAIR, f"/sessions/{meeting}/corrections", {"acta": "FON-A-0009", "text": "Nada"}, 409, "session.is_convened"),
    ]
    for caller, path, body, status, code in refusals:
        told = {
            language: client.send("POST", caller, path, body, language=language, **{"Idempotency-Key": uuid4().hex})
            for language in ("es", "en")
        }
        for answer in told.values():
            assert (answer.status, answer.code) == (status, code), answer.content
            assert code not in answer.detail, "the catalogue lacks a sentence"
        assert told["es"].content != told["en"].content
    assert client.post(TRUST, f"/funds/{fund}/suspension", reason).status == 201
    refused = client.post(OFFICER, payout, day)
    assert (refused.code, "El banco no concilia" in refused.detail) == ("fund.suspended", True)
    assert client.get(COORDINATOR, f"/funds/{fund}").body["suspended"] is True
    assert UUID(condition)
