"""`csem credit`: who sits on a committee and comes to its sessions, and the exceptions that are noted for them."""

import pytest
from sqlalchemy import select

from services.credit.models import AgendaItem, Committee, CopyEnterprise, Notified, Seat
from tests.credit.house import LEDA, MEMBERS, WOMAN
from tests.credit.test_cli import run  # noqa: F401 - a fixture

SESSION = "FON-CS-2026-0001"
SEAT = ("--account", "account-of-fidelia", "--organization", "Banco Fiduciario", "--since", "2026-03-05")


def test_the_committee_that_watches_is_formed_and_its_seats_are_given(build_house, run, database):  # noqa: F811
    build_house()
    with pytest.raises(AssertionError, match=r"The fund FON has no such committee"):
        run("seat", "FON", "Fidelia", "--kind", "trust_fund", "--constituency", "trustee", *SEAT)
    with pytest.raises(AssertionError, match=r"1 to 200 characters are expected"):
        run("form-committee", "FON", " ", "--kind", "trust_fund")
    assert "Comité del Fideicomiso is formed" in run(
        "form-committee", "FON", "Comité del Fideicomiso", "--kind", "trust_fund"
    )
    with pytest.raises(AssertionError, match=r"committee\.formed_already"):
        run("form-committee", "FON", "Otro", "--kind", "trust_fund")
    given = ("--kind", "trust_fund", "--constituency", "trustee")
    told = run("seat", "FON", "Fidelia", *given, *SEAT, "--position", "chair")
    assert "Fidelia sits on Comité del Fideicomiso from 2026-03-05" in told
    other = ("--account", "account-of-felisa", *SEAT[2:], "--until", "2026-12-31", "--alternate-for")
    with pytest.raises(AssertionError, match=r"Nobody called Nadie sits there"):
        run("seat", "FON", "Felisa", *given, *other, "Nadie")
    run("seat", "FON", "Felisa", *given, *other, "Fidelia")
    with database.reading() as session:
        body = session.scalars(select(Committee).where(Committee.kind == "trust_fund")).one()
        chair, alternate = body.seats
        assert (chair.subject, chair.position) == ("account-of-fidelia", "chair")
        assert (alternate.alternate_for_id, str(alternate.until)) == (chair.id, "2026-12-31")


def test_members_are_told_of_a_session_and_what_they_answer_is_noted(build_house, run, database):  # noqa: F811
    build_house(lambda house: house.convened(house.appraised()), notice={"days": 5, "source": "art. 11"})
    with pytest.raises(AssertionError, match=r"session\.notice_too_short"):
        run("invite", SESSION, "--channel", "phone")
    only = run("invite", SESSION, "--channel", "phone", "--member", LEDA.name, "--reason", "Urge")
    assert f"told of {SESSION}: {LEDA.name}\n" in only
    assert run("invite", SESSION, "--channel", "message").count(",") == len(MEMBERS) - 1
    assert "Leda Local: excused" in run("answer", SESSION, LEDA.name, "excused", "--excuse", "Salud")
    with pytest.raises(AssertionError, match=r"Nobody called Nadie sits there"):
        run("answer", SESSION, "Nadie", "coming")
    with pytest.raises(AssertionError, match=r"There is no committeesession NADA"):
        run("answer", "NADA", LEDA.name, "coming")
    with database.transaction() as session:
        session.scalars(select(Seat).where(Seat.subject == WOMAN.subject)).one().name = LEDA.name
    with pytest.raises(AssertionError, match=r"2 people called Leda Local sit there"):
        run("answer", SESSION, LEDA.name, "coming")
    with database.reading() as session:
        hers = select(Notified).join(Seat, Seat.id == Notified.seat_id).where(Seat.subject == LEDA.subject)
        found = session.scalars(hers).one()
        assert (found.answer, found.excuse) == ("excused", "Salud")


def test_who_was_not_told_of_a_session_has_nothing_to_answer(build_house, run):  # noqa: F811
    build_house(lambda house: house.convened(house.appraised()))
    with pytest.raises(AssertionError, match=r"session\.not_invited"):
        run("answer", SESSION, LEDA.name, "coming")


def test_the_reason_of_an_exception_is_noted_before_the_votes(build_house, run, database):  # noqa: F811
    def step(house):
        application = house.appraised()
        house.convened(application)
        other = house.appraised()
        return application.number, application.enterprise_id, other.number

    _, (number, enterprise_id, elsewhere) = build_house(step)
    with pytest.raises(AssertionError, match=r"exception\.nothing_to_except"):
        run("exception", SESSION, number, "--reason", "Se renueva")
    with pytest.raises(AssertionError, match=rf"{elsewhere} is not on the agenda of {SESSION}"):
        run("exception", SESSION, elsewhere, "--reason", "Se renueva")
    with database.transaction() as session:
        session.get_one(CopyEnterprise, enterprise_id).validation = "captured"
    with pytest.raises(AssertionError, match=r"1 to 1000 characters are expected"):
        run("exception", SESSION, number, "--reason", " ")
    told = run("exception", SESSION, number, "--reason", "Se renueva mañana")
    assert f"{number}: an exception from validated" in told
    with database.reading() as session:
        assert session.scalars(select(AgendaItem)).one().exception_reason == "Se renueva mañana"
