"""Workshops on social responsibility: dates with their history, firms and persons, a public form, the roll."""

from typing import Any

import pytest
from sqlalchemy import select

from services.training.models import Participant, Sme
from services.training.rules.activity_dates import known_on
from shared import history
from shared.identity import Caller
from shared.service import Service
from shared.testing import person
from shared.tokens import Keyring
from tests.training.csr_house import FIRM, PERSON, WORKSHOP, Desk, refusal, service, written_on
from tests.training.house import COORDINATOR, STRANGER, TRAINER

__all__ = ["service"]


@pytest.fixture
def trainer(service: Service, keys: dict[str, Keyring]) -> Desk:
    return Desk(service, keys, TRAINER)


@pytest.fixture
def portal(service: Service, keys: dict[str, Keyring]) -> Desk:
    return Desk(service, keys, Caller.service("portal"))


def come(desk: Desk, workshop: str, firm: dict[str, Any], name: str, sex: str = "woman") -> None:
    desk.made(f"/csr-workshops/{workshop}/participants", {"sme": firm, "name": name, "sex": sex})


def people(desk: Desk, workshop: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = desk.get(f"/csr-workshops/{workshop}/participants", limit=200).json["items"]
    return rows


def test_a_workshop_has_the_two_days_of_the_template_with_its_interactive_sessions(trainer: Desk) -> None:
    made = trainer.made("/csr-workshops", WORKSHOP)
    days = made["agenda"]["days"]
    assert (made["days"], len(days), made["ends_on"]) == (2, 2, "2026-03-04")
    assert sum(item["interactive"] for day in days for item in day) == 6
    assert "gender" in {item["code"] for item in days[0]}
    assert all(item["es"] != item["en"] for day in days for item in day)


def test_a_moved_workshop_keeps_its_history(trainer: Desk) -> None:
    """Announced for May, held in July, as the programme's own workshop in Montevideo was."""
    made = trainer.made("/csr-workshops", WORKSHOP | {"starts_on": "2026-05-14"})
    here = f"/csr-workshops/{made['id']}"
    moved = trainer.changed("POST", f"{here}/dates", {"starts_on": "2026-07-29", "reason": "Sede ocupada"}, of=here)
    assert (moved["starts_on"], moved["ends_on"]) == ("2026-07-29", "2026-07-30")
    assert [(one["number"], one["starts_on"], one["reason"]) for one in moved["dates"]] == [
        (1, "2026-05-14", ""),
        (2, "2026-07-29", "Sede ocupada"),
    ]
    again = trainer.send("POST", f"{here}/dates", {"starts_on": "2026-07-29", "reason": "x"}, moved["version"])
    assert refusal(again) == (422, "csr_activity.same_date")


def test_the_date_that_counts_is_the_one_known_on_the_day() -> None:
    from datetime import date

    said = [(date(2014, 3, 1), date(2014, 5, 14)), (date(2014, 4, 30), date(2014, 7, 29))]
    assert known_on(date(2014, 4, 1), said, 1) == date(2014, 5, 14)
    assert known_on(date(2014, 5, 1), said, 1) == date(2014, 7, 29)
    assert known_on(date(2014, 2, 1), said, 1) is None, "nobody had announced it"
    late = [(date(2026, 1, 1), date(2014, 7, 29))]
    assert known_on(date(2014, 12, 31), late, 1) == date(2014, 7, 29), "history entered late is history"
    assert known_on(date(2014, 7, 29), late, 1) is None, "its second day had not come"


def test_distinct_firms_and_persons_are_different_counts(trainer: Desk) -> None:
    workshop = trainer.made("/csr-workshops", WORKSHOP)["id"]
    other = FIRM | {"name": "Ferretería Ficticia", "sector": "trade"}
    for name, firm in (("Ana", FIRM), ("Berta", FIRM), ("Celia", other)):
        come(trainer, workshop, firm, f"{name} Inventada")
    shown = trainer.get(f"/csr-workshops/{workshop}").json
    assert (shown["smes_registered"], shown["persons_registered"], shown["persons_came"]) == (2, 3, 0)
    assert shown["by_sector"] == [{"code": "manufacturing", "count": 1}, {"code": "trade", "count": 1}]
    marks = [
        {"participant_id": one["id"], "present": one["name"] != "Celia Inventada"} for one in people(trainer, workshop)
    ]
    told = trainer.send("POST", f"/csr-workshops/{workshop}/attendance", {"day": 1, "marks": marks}).json
    assert (told["smes_came"], told["persons_came"]) == (1, 2)
    assert told["marked_days"] == [
        {"day": 1, "present": 2, "absent": 1, "unmarked": 0},
        {"day": 2, "present": 0, "absent": 0, "unmarked": 3},
    ]


def test_the_roll_of_a_day_that_has_not_come_and_of_a_stranger_is_refused(trainer: Desk) -> None:
    workshop = trainer.made("/csr-workshops", WORKSHOP | {"starts_on": "2026-03-05"})["id"]
    elsewhere = trainer.made("/csr-workshops", WORKSHOP)["id"]
    come(trainer, workshop, FIRM, "Ana Inventada")
    come(trainer, elsewhere, FIRM, "Berta Inventada")
    here, mark = (
        f"/csr-workshops/{workshop}/attendance",
        {"participant_id": people(trainer, workshop)[0]["id"], "present": True},
    )
    assert refusal(trainer.send("POST", here, {"day": 2, "marks": [mark]})) == (422, "csr_attendance.day_to_come")
    assert refusal(trainer.send("POST", here, {"day": 3, "marks": [mark]})) == (422, "csr_attendance.no_such_day")
    wrong = mark | {"participant_id": people(trainer, elsewhere)[0]["id"]}
    assert refusal(trainer.send("POST", here, {"day": 1, "marks": [mark, wrong]})) == (
        422,
        "csr_attendance.not_registered",
    )
    assert people(trainer, workshop)[0]["attended"] == [None, None], "nothing of a refused roll is kept"
    assert trainer.send("POST", here, {"day": 1, "marks": [mark]}).status_code == 200
    assert trainer.send("POST", here, {"day": 1, "marks": [mark | {"present": False}]}).status_code == 200
    assert people(trainer, workshop)[0]["attended"] == [False, None], "what is told later counts"


def test_the_same_person_of_the_same_firm_is_registered_once(trainer: Desk) -> None:
    workshop = trainer.made("/csr-workshops", WORKSHOP)["id"]
    come(trainer, workshop, FIRM, "Ana Inventada")
    again = {"sme": FIRM | {"name": "PANADERIA ficticia"}, "name": "ána  inventada", "sex": "woman"}
    answer = trainer.send("POST", f"/csr-workshops/{workshop}/participants", again)
    assert refusal(answer) == (409, "csr_participant.registered_already")
    assert len(trainer.get("/smes").json["items"]) == 1


def test_a_workshop_takes_as_many_as_it_has_places(trainer: Desk) -> None:
    workshop = trainer.made("/csr-workshops", WORKSHOP | {"capacity": 1})["id"]
    come(trainer, workshop, FIRM, "Ana Inventada")
    more = {"sme": FIRM, "name": "Berta Inventada", "sex": "woman"}
    assert refusal(trainer.send("POST", f"/csr-workshops/{workshop}/participants", more)) == (409, "csr_activity.full")


def test_a_firm_is_either_chosen_or_told(trainer: Desk) -> None:
    workshop, sme = trainer.made("/csr-workshops", WORKSHOP)["id"], trainer.made("/smes", FIRM)["id"]
    here, who = f"/csr-workshops/{workshop}/participants", {"name": "Ana Inventada", "sex": "woman"}
    for told in ({}, {"sme": FIRM, "sme_id": sme}):
        assert refusal(trainer.send("POST", here, who | told)) == (422, "csr_participant.one_firm")
    assert trainer.made(here, who | {"sme_id": sme})["smes_registered"] == 1


def test_nobody_is_registered_for_a_firm_of_another_territory(service: Service, keys: dict[str, Keyring]) -> None:
    both = Desk(service, keys, person("trainer", scope=("HN17", "GT01"), subject="both"))
    far = both.made("/smes", FIRM | {"unit": "GT01"})["id"]
    trainer = Desk(service, keys, TRAINER)
    here = f"/csr-workshops/{trainer.made('/csr-workshops', WORKSHOP)['id']}/participants"
    who = {"name": "Ana Inventada", "sex": "woman"}
    assert refusal(trainer.send("POST", here, who | {"sme_id": far})) == (422, "sme.unknown")
    abroad = who | {"sme": FIRM | {"unit": "GT01", "name": "Otra Ficticia"}}
    assert refusal(trainer.send("POST", here, abroad)) == (422, "csr_registration.other_country")


def opened(trainer: Desk, **facts: Any) -> tuple[str, str]:
    """A workshop that takes registrations, and what stands in the address of its form."""
    workshop = trainer.made("/csr-workshops", WORKSHOP | {"starts_on": "2026-03-20", "capacity": 30} | facts)["id"]
    here = f"/csr-workshops/{workshop}"
    return workshop, trainer.changed("POST", f"{here}/registration", {"until": "2026-03-18"}, of=here)[
        "registration_token"
    ]


def test_a_form_that_anybody_may_send_is_bounded_by_places(trainer: Desk) -> None:
    here = f"/csr-workshops/{trainer.made('/csr-workshops', WORKSHOP | {'starts_on': '2026-03-20'})['id']}"
    answer = trainer.send("POST", f"{here}/registration", {"until": "2026-03-18"}, 1)
    assert refusal(answer) == (409, "csr_activity.places_missing")
    described = {"city": "Nacaome", "title": "Taller", "capacity": 30}
    trainer.changed("PUT", here, described, of=here)
    late = trainer.send("POST", f"{here}/registration", {"until": "2026-03-21"}, 2)
    assert refusal(late) == (422, "csr_activity.registration_day")


def test_a_firm_registers_itself_through_the_public_form(trainer: Desk, portal: Desk) -> None:
    workshop, token = opened(trainer)
    seen = portal.get(f"/csr-registrations/{token}").json
    assert set(seen) == {"title", "unit", "city", "starts_on", "ends_on", "registration_until", "full"}
    entered = PERSON | {"sme": FIRM, "agreed": True}
    assert portal.send("POST", f"/csr-registrations/{token}", entered).status_code == 201
    again = portal.send("POST", f"/csr-registrations/{token}", entered)
    assert (again.status_code, again.json) == (201, seen), "nobody learns who was registered before"
    (row,) = people(trainer, workshop)
    assert (row["name"], row["source"], row["sme_name"]) == ("Dora Inventada", "form", "Panadería Ficticia")


def test_who_registers_for_a_known_firm_changes_nothing_of_it(trainer: Desk, portal: Desk) -> None:
    firm = trainer.made("/smes", FIRM | {"contact_name": "Jefa Inventada"})
    _, token = opened(trainer)
    body = PERSON | {"agreed": True, "sme": FIRM | {"size": "medium", "sector": "other"}}
    assert "Jefa" not in portal.send("POST", f"/csr-registrations/{token}", body).text
    kept = trainer.get(f"/smes/{firm['id']}").json
    assert (kept["size"], kept["sector"], kept["workshops"]) == ("micro", "manufacturing", 1)


def test_the_form_is_refused_without_agreement_from_another_country_and_when_full(trainer: Desk, portal: Desk) -> None:
    workshop, token = opened(trainer, capacity=1)
    here, body = f"/csr-registrations/{token}", PERSON | {"sme": FIRM, "agreed": True}
    assert refusal(portal.send("POST", here, body | {"agreed": False})) == (422, "csr_registration.not_agreed")
    abroad = body | {"sme": FIRM | {"unit": "GT01"}}
    assert refusal(portal.send("POST", here, abroad)) == (422, "csr_registration.other_country")
    come(trainer, workshop, FIRM, "Ana Inventada")
    assert portal.get(here).json["full"] is True
    assert refusal(portal.send("POST", here, body)) == (409, "csr_activity.full")
    known = portal.send("POST", here, body | {"name": "Ana Inventada"})
    assert refusal(known) == (409, "csr_activity.full"), "nobody learns from a full workshop who has a place"


def test_nothing_is_said_through_an_address_that_is_over_closed_replaced_or_forged(trainer: Desk, portal: Desk) -> None:
    workshop, token = opened(trainer)
    with written_on("2026-03-18"):
        assert portal.get(f"/csr-registrations/{token}").status_code == 200, "its last day counts"
    with written_on("2026-03-19"):
        assert refusal(portal.get(f"/csr-registrations/{token}")) == (404, "csr_registration.closed")
    here = f"/csr-workshops/{workshop}"
    again = trainer.changed("POST", f"{here}/registration", {"until": "2026-03-18"}, of=here)["registration_token"]
    forged = again[:-1] + ("A" if again[-1] != "A" else "B")
    for dead in (token, forged, "x"):
        assert refusal(portal.get(f"/csr-registrations/{dead}")) == (404, "csr_registration.closed")
    trainer.changed("DELETE", f"{here}/registration", of=here)
    body = PERSON | {"sme": FIRM, "agreed": True}
    assert refusal(portal.send("POST", f"/csr-registrations/{again}", body)) == (404, "csr_registration.closed")


def test_a_workshop_is_held_after_its_last_day_and_then_stays_as_it_was(trainer: Desk) -> None:
    workshop = trainer.made("/csr-workshops", WORKSHOP | {"starts_on": "2026-03-05"})
    here = f"/csr-workshops/{workshop['id']}"
    assert refusal(trainer.send("POST", f"{here}/holding", version=1)) == (409, "csr_activity.not_over")
    with written_on("2026-03-06"):
        assert trainer.changed("POST", f"{here}/holding", of=here)["state"] == "held"
        late = trainer.send("POST", f"{here}/dates", {"starts_on": "2026-04-01", "reason": "x"}, 2)
        assert refusal(late) == (409, "csr_activity.is_held")
        assert refusal(trainer.send("POST", f"{here}/cancellation", version=2)) == (409, "csr_activity.is_held")


def test_a_change_of_an_old_version_is_refused(trainer: Desk) -> None:
    here = f"/csr-workshops/{trainer.made('/csr-workshops', WORKSHOP)['id']}"
    body = {"city": "Nacaome", "title": "Otro", "gender_module": True}
    assert trainer.send("PUT", here, body).status_code == 428
    assert trainer.changed("PUT", here, body, of=here)["gender_module"] is True
    assert trainer.send("PUT", here, body, 1).status_code == 412


def test_partners_and_materials_come_and_go(trainer: Desk) -> None:
    here = f"/csr-workshops/{trainer.made('/csr-workshops', WORKSHOP)['id']}"
    partner = trainer.made("/csr-partners", {"unit": "HN17", "name": "Cámara Ficticia", "kind": "private_sector"})["id"]
    joined = trainer.changed("POST", f"{here}/partners", {"partner_id": partner}, of=here)
    assert [one["name"] for one in joined["partners"]] == ["Cámara Ficticia"]
    twice = trainer.send("POST", f"{here}/partners", {"partner_id": partner}, joined["version"])
    assert refusal(twice) == (409, "csr_activity.partner_already")
    material = {"title": "Módulo de género", "address": "https://example.org/modulo.pdf"}
    given = trainer.changed("POST", f"{here}/materials", material, of=here)["materials"]
    wrong = trainer.send("POST", f"{here}/materials", material | {"address": "javascript:alert(1)"}, 3)
    assert refusal(wrong) == (422, "field.malformed")
    assert trainer.changed("DELETE", f"{here}/materials/{given[0]['id']}", of=here)["materials"] == []
    assert trainer.changed("DELETE", f"{here}/partners/{partner}", of=here)["partners"] == []


def test_a_name_is_forgotten_on_request_and_the_count_stays(trainer: Desk, service: Service) -> None:
    workshop = trainer.made("/csr-workshops", WORKSHOP)["id"]
    body = PERSON | {"sme": FIRM}
    trainer.made(f"/csr-workshops/{workshop}/participants", body)
    (row,) = people(trainer, workshop)
    left = trainer.send("DELETE", f"/csr-workshops/{workshop}/participants/{row['id']}")
    assert left.json["persons_registered"] == 1
    (kept,) = people(trainer, workshop)
    assert [kept[name] for name in ("name", "email", "phone", "forgotten")] == [None, None, None, True]
    again = trainer.send("DELETE", f"/csr-workshops/{workshop}/participants/{row['id']}")
    assert refusal(again) == (409, "csr_participant.forgotten_already")
    with service.database.reading() as session:
        stored = session.scalars(select(Participant)).one()
        told = str([entry["after"] for entry in history.of(session, stored.activity_id)])
        assert stored.name_key is None
        assert "Dora" not in told
        assert "example.org" not in told


def test_a_contact_is_shown_to_the_team_hidden_from_the_reviewer_and_forgotten_on_request(
    trainer: Desk, service: Service, keys: dict[str, Keyring]
) -> None:
    firm = trainer.made("/smes", FIRM | {"contact_name": "Jefa Inventada", "contact_email": "jefa@example.org"})
    reviewer = Desk(service, keys, person("csr_reviewer", scope="HN"))
    assert trainer.get("/smes").json["items"][0]["contact_name"] == "Jefa Inventada"
    assert reviewer.get(f"/smes/{firm['id']}").json["contact_email"] is None
    assert reviewer.get("/smes").json["items"][0]["contact_name"] is None
    here = f"/smes/{firm['id']}"
    assert trainer.changed("DELETE", f"{here}/contact", of=here)["contact_name"] is None
    with service.database.reading() as session:
        sme = session.scalars(select(Sme)).one()
        assert "Jefa" not in str(history.of(session, sme.id))


def test_wrong_facts_of_a_firm_are_refused(trainer: Desk) -> None:
    trainer.made("/smes", FIRM)
    for changed, code in (
        ({}, "sme.known_already"),
        ({"name": "¡!"}, "sme.name_without_letters"),
        ({"name": "B", "employees": 3, "women_employees": 4}, "sme.more_women_than_people"),
        ({"name": "B", "women_employees": 1}, "sme.more_women_than_people"),
        ({"name": "B", "women_owned_percent": 101}, "field.out_of_range"),
        ({"name": "B", "sector": "magic"}, "field.not_a_choice"),
        ({"name": "B", "contact_email": "nobody"}, "field.malformed"),
        ({"name": "B", "unit": "HN99"}, "municipality.unknown"),
        ({"name": "B", "unit": "GT01"}, "permission.outside_scope"),
    ):
        assert refusal(trainer.send("POST", "/smes", FIRM | changed))[1] == code, changed


def test_firms_are_found_by_place_sector_size_and_a_part_of_their_name(trainer: Desk) -> None:
    trainer.made("/smes", FIRM)
    trainer.made("/smes", FIRM | {"name": "Ferretería Única", "sector": "trade", "unit": "HN1701", "size": "small"})
    for asked, count in (
        ({"text": "ferreteria"}, 1),
        ({"sector": "trade", "size": "small"}, 1),
        ({"unit": "HN1709"}, 1),
        ({"sector": "trade", "size": "micro"}, 0),
        ({}, 2),
    ):
        assert len(trainer.get("/smes", **asked).json["items"]) == count, asked


def test_another_territory_sees_and_changes_nothing(trainer: Desk, service: Service, keys: dict[str, Keyring]) -> None:
    workshop, firm = trainer.made("/csr-workshops", WORKSHOP)["id"], trainer.made("/smes", FIRM)["id"]
    stranger = Desk(service, keys, STRANGER)
    assert stranger.get("/csr-workshops").json["items"] == stranger.get("/smes").json["items"] == []
    for path in (f"/csr-workshops/{workshop}", f"/csr-workshops/{workshop}/participants", f"/smes/{firm}"):
        assert stranger.get(path).status_code == 403, path
    assert stranger.send("POST", f"/csr-workshops/{workshop}/cancellation", version=1).status_code == 403
    assert Desk(service, keys, COORDINATOR).get(f"/csr-workshops/{workshop}").status_code == 200


def test_who_reviews_plans_does_not_see_who_came(trainer: Desk, service: Service, keys: dict[str, Keyring]) -> None:
    workshop = trainer.made("/csr-workshops", WORKSHOP)["id"]
    reviewer = Desk(service, keys, person("csr_reviewer", scope="HN"))
    assert reviewer.get(f"/csr-workshops/{workshop}").status_code == 200
    assert reviewer.get(f"/csr-workshops/{workshop}/participants").status_code == 403
    for role in ("planner", "leda_viewer", "admin", "organization"):
        assert Desk(service, keys, person(role, scope="HN")).get("/csr-workshops").status_code == 403, role


def test_refusals_are_sentences_in_both_languages(service: Service, keys: dict[str, Keyring]) -> None:
    missing = "/csr-workshops/01890000-0000-7000-8000-000000000000"
    assert "No existe esa actividad" in Desk(service, keys, TRAINER).get(missing).json["detail"]
    assert "There is no such activity" in Desk(service, keys, TRAINER, "en").get(missing).json["detail"]
