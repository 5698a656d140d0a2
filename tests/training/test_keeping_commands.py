"""Commands that keep what the pages keep: groups, measurements, firms, workshops, dialogues, partners and links."""

import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from services.training import cli
from services.training.models import Measurement, TrainingSession
from shared.kernel import clock
from shared.service import Service
from tests.training.csr_house import service
from tests.training.house import woman_of
from tests.training.lessons import form_group, plan
from tests.training.round_house import answered, note, women
from tests.training.test_learning import measure, write

__all__ = ["service"]
Run = Callable[..., str]


@pytest.fixture
def run(service: Service) -> Run:
    """Runs a command, which must work, and tells what it printed."""
    place = SimpleNamespace(service=lambda _name: service)

    def told(*words: str) -> str:
        done = CliRunner().invoke(cli.group, [str(word) for word in words], obj=place, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output.strip()

    return told


def test_groups_are_listed_shown_and_renamed(service: Service, run: Run) -> None:
    with service.database.transaction() as session:
        group = form_group(session)
        planned = plan(session, group)
        number, session_id = str(group.number), planned.id
    assert run("rename", number, "Las Conchas") == f"{number}  Las Conchas"
    assert run("groups", "--under-way").endswith("Las Conchas")
    assert run("groups", "--ended") == ""
    shown = json.loads(run("group", number))
    assert str(woman_of(1)) in {one["entrepreneur_id"] for one in shown["members"]}
    assert json.loads(run("sessions", "show", session_id))["title"] == "Costos y precios"
    assert {line.split()[-1] for line in run("invitations", number).splitlines()} == {"invited"}
    missing = CliRunner().invoke(cli.group, ["group", "99"], obj=SimpleNamespace(service=lambda _name: service))
    assert "There is no group 99" in missing.output
    with service.database.reading() as session:
        assert session.scalars(select(TrainingSession.id)).all() == [session_id]


def test_a_round_is_changed_read_and_put_right(service: Service, run: Run) -> None:
    with service.database.transaction() as session:
        women(session, 9)
        note(session, 2, slots=["sat-am"])
        placement = answered(session)
        round_id, placement_id = placement.round_id, placement.id
    assert run("round", "change", round_id, "--name", "Otra ronda") == "Otra ronda"
    assert len(run("round", "who", round_id).splitlines()) == 10
    assert json.loads(run("round", "woman", woman_of(2)))["slots"] == ["sat-am"]
    assert "too_far" in run("round", "left-out", placement_id)
    placed = json.loads(run("round", "placement", placement_id, "--json"))["groups"][0]["number"]
    assert run("round", "allow", placement_id, placed, "--because", "Van juntas")
    (venue,) = json.loads(run("round", "show", round_id))["venues"]
    run("round", "drop-venue", round_id, venue["id"])
    assert json.loads(run("round", "show", round_id))["venues"] == []


def test_a_measurement_is_followed_to_its_end(service: Service, run: Run) -> None:
    with service.database.transaction() as session:
        group = form_group(session)
        measurement_id = measure(session, group, write(session), "before").id
    assert "costos" in run("questionnaires")
    assert "0/8" in run("measurements", "--unit", "HN17")
    group_link, *rows = run("measurement", "links", measurement_id).splitlines()
    assert group_link.startswith("/answer/")
    assert len(rows) == 8
    with service.database.reading() as session:
        found = session.get_one(Measurement, measurement_id)
        assert found.state == "open"
    assert run("measurement", "close", measurement_id) == "closed"


def test_a_firm_is_put_right_without_its_contact_on_the_screen(run: Run) -> None:
    firm = run("sme", "write", "HN17", "Panadería Ficticia", "--sector", "trade", "--size", "micro")
    assert run("sme", "change", firm, "--size", "small", "--employees", "9") == "2"
    shown = json.loads(run("sme", "show", firm))
    assert (shown["size"], shown["sector"], shown["employees"]) == ("small", "trade", 9)
    assert not any(name.startswith("contact_") for name in shown)
    run("sme", "forget-contact", firm)
    assert run("sme-links", "--sme", firm) == ""


def test_a_workshop_is_kept_from_its_partners_to_its_public_form(run: Run) -> None:
    ahead = (clock.today() + timedelta(days=20)).isoformat()
    made = run("workshop", "plan", "HN17", "Nacaome", "Taller", "--on", ahead, "--places", "20")
    partner = run("csr-partner", "write", "HN17", "Cámara Ficticia", "--kind", "private_sector")
    run("workshop", "join", made, partner)
    assert "Cámara Ficticia" in run("workshop", "show", made)
    run("workshop", "leave", made, partner)
    assert "Cámara Ficticia" not in run("workshop", "show", made)
    run("workshop", "describe", made, "--city", "San Lorenzo", "--title", "Otro taller", "--places", "30")
    assert run("workshop", "show", made).startswith("Otro taller, San Lorenzo")
    run("workshop", "give", made, "Módulo", "https://example.org/modulo.pdf")
    assert run("workshop", "open", made, "--until", ahead).startswith("/register/")
    run("workshop", "close", made)


def test_a_dialogue_comes_to_promises_that_are_followed(run: Run) -> None:
    today = clock.today().isoformat()
    made = run("csr-dialogue", "plan", "HN17", "Nacaome", "Mesa", "--kind", "round_table", "--on", today)
    run("csr-dialogue", "describe", made, "--city", "San Lorenzo", "--title", "Mesa de mujeres")
    sides = ("--side", "government", "2", "8", "12")
    run("csr-dialogue", "hold", made, *sides, "--conclusions", "Seguir hablando")
    promise = run("csr-dialogue", "promise", made, "Abrir una oficina", "--by", "Alcaldía", "--due", "2026-12-01")
    assert "Alcaldía: Abrir una oficina" in run("csr-commitment", "list", "--state", "open")
    run("csr-commitment", "follow", promise, "kept", "--on", today, "--note", "Está abierta")
    assert run("csr-commitment", "list", "--state", "open") == ""
    shown = json.loads(run("csr-dialogue", "show", made))
    assert (shown["title"], shown["state"], shown["present"][0]["women"]) == ("Mesa de mujeres", "held", 8)


def test_partners_are_changed_and_agreements_begin_and_end(run: Run) -> None:
    today = clock.today().isoformat()
    partner = run("csr-partner", "write", "HN17", "Cámara Ficticia", "--kind", "private_sector")
    run("csr-partner", "change", partner, "--unit", "HN", "--name", "Cámara Inventada", "--kind", "private_sector")
    told = ("--with", partner, "--on", today, "--purpose", "Dar becas")
    made = run("csr-agreement", "sign", "HN17", "Convenio de becas", *told)
    assert "Convenio de becas" in run("csr-agreement", "list")
    run("csr-agreement", "end", made, "--on", today)
    known: dict[str, Any] = json.loads(run("csr-partner", "show", partner))
    assert (known["unit"], known["name"], known["agreements"][0]["ends_on"]) == ("HN", "Cámara Inventada", today)
