"""Dialogues, partners and agreements, and the annual report that is made of them."""

import io
from typing import Any

import openpyxl
import pytest

from services.training.rules.withholding import told
from shared.identity import Caller
from shared.service import Service
from shared.testing import person
from shared.tokens import Keyring
from tests.training.csr_house import DIALOGUE, FIRM, OUTCOME, WORKSHOP, Desk, refusal, service, written_on
from tests.training.house import COORDINATOR, STRANGER

__all__ = ["service"]


@pytest.fixture
def desk(service: Service, keys: dict[str, Keyring]) -> Desk:
    return Desk(service, keys, COORDINATOR)


def partner(desk: Desk, name: str, kind: str) -> str:
    made: str = desk.made("/csr-partners", {"unit": "HN", "name": name, "kind": kind})["id"]
    return made


def held_dialogue(desk: Desk, **facts: Any) -> str:
    made: str = desk.made("/csr-dialogues", DIALOGUE | facts)["id"]
    desk.changed("POST", f"/csr-dialogues/{made}/outcome", OUTCOME, of=f"/csr-dialogues/{made}")
    return made


def held_workshop(desk: Desk, women: int, men: int, **facts: Any) -> str:
    """A workshop to which so many came, each person for a firm of her own."""
    workshop: str = desk.made("/csr-workshops", WORKSHOP | facts)["id"]
    here = f"/csr-workshops/{workshop}"
    for number in range(women + men):
        firm = FIRM | {"name": f"Empresa {number}", "sector": "trade" if number % 2 else "services"}
        who = {"sme": firm, "name": f"Persona {chr(65 + number)}", "sex": "woman" if number < women else "man"}
        desk.made(f"{here}/participants", who)
    rows = desk.get(f"{here}/participants", limit=200).json["items"]
    marks = [{"participant_id": row["id"], "present": True} for row in rows]
    assert desk.send("POST", f"{here}/attendance", {"day": 1, "marks": marks}).status_code == 200
    desk.changed("POST", f"{here}/holding", of=here)
    return workshop


def test_a_dialogue_has_who_was_there_what_it_came_to_and_what_was_promised(desk: Desk) -> None:
    dialogue = held_dialogue(desk)
    here = f"/csr-dialogues/{dialogue}"
    shown = desk.get(here).json
    assert (shown["state"], shown["conclusions"], shown["present"][0]["women"]) == ("held", OUTCOME["conclusions"], 8)
    promise = {"what": "Llevar las conclusiones al pleno", "owner": "Congreso ficticio", "due_on": "2026-03-04"}
    made = desk.made(f"{here}/commitments", promise)
    assert (made["state"], made["late"]) == ("open", True)
    note = {"day": "2026-03-05", "state": "kept", "note": "Se leyeron en la sesión 12 (ficticia)"}
    path = f"/csr-commitments/{made['id']}/follow-ups"
    done = desk.send("POST", path, note, made["version"]).json
    assert (done["state"], done["late"], done["version"], done["notes"][0]["note"]) == ("kept", False, 2, note["note"])
    assert desk.send("POST", path, note, made["version"]).status_code == 412
    same = desk.send("POST", path, note | {"note": "Confirmado"}, 2).json
    assert (same["version"], len(same["notes"])) == (3, 2), "a note that changes no state is a new version too"
    assert desk.get("/csr-commitments", state="open").json["items"] == []


def test_what_cannot_be_of_a_dialogue_is_refused(desk: Desk) -> None:
    planned = f"/csr-dialogues/{desk.made('/csr-dialogues', DIALOGUE | {'starts_on': '2026-03-20'})['id']}"
    promise = {"what": "x", "owner": "x", "due_on": "2026-03-25"}
    assert refusal(desk.send("POST", f"{planned}/commitments", promise)) == (409, "csr_commitment.not_held_yet")
    assert refusal(desk.send("POST", f"{planned}/outcome", OUTCOME, 1)) == (409, "csr_activity.not_over")
    dialogue = f"/csr-dialogues/{held_dialogue(desk)}"
    early = desk.send("POST", f"{dialogue}/commitments", promise | {"due_on": "2026-03-03"})
    assert refusal(early) == (422, "csr_commitment.due_before_made")
    twice = OUTCOME | {"present": OUTCOME["present"] * 2}
    assert refusal(desk.send("POST", f"{dialogue}/outcome", twice, 2)) == (422, "csr_activity.side_twice")
    workshop = desk.made("/csr-workshops", WORKSHOP)["id"]
    assert desk.get(f"/csr-dialogues/{workshop}").status_code == 404, "a workshop is no dialogue"
    made = desk.made(f"{dialogue}/commitments", promise)
    to_come = {"day": "2026-03-06", "state": "kept", "note": "x"}
    answer = desk.send("POST", f"/csr-commitments/{made['id']}/follow-ups", to_come, 1)
    assert refusal(answer) == (422, "csr_commitment.day_to_come")


def test_an_agreement_of_several_partners_comes_from_a_dialogue_and_ends(desk: Desk) -> None:
    dialogue = held_dialogue(desk)
    congress = partner(desk, "Congreso ficticio", "government_international")
    local = partner(desk, "Fundación ficticia", "csr_organization")
    body = {
        "unit": "HN",
        "title": "Diálogo permanente",
        "purpose": "Que el diálogo continúe",
        "contribution": "in_kind",
        "partner_ids": [congress, local],
        "signed_on": "2026-03-05",
        "activity_id": dialogue,
    }
    made = desk.made("/csr-agreements", body)
    assert [one["name"] for one in made["partners"]] == ["Congreso ficticio", "Fundación ficticia"]
    assert [one["title"] for one in desk.get(f"/csr-partners/{local}").json["agreements"]] == ["Diálogo permanente"]
    end = f"/csr-agreements/{made['id']}/end"
    assert refusal(desk.send("POST", end, {"ends_on": "2026-03-04"}, 1)) == (422, "csr_agreement.ends_before_signed")
    assert desk.send("POST", end, {"ends_on": "2027-03-05"}, 1).json["ends_on"] == "2027-03-05"
    assert refusal(desk.send("POST", end, {"ends_on": "2028-01-01"}, 2)) == (409, "csr_agreement.ends_already")
    for changed, code in (
        ({"signed_on": "2026-03-06"}, "csr_agreement.day_to_come"),
        ({"partner_ids": ["01890000-0000-7000-8000-000000000000"]}, "csr_partner.unknown"),
        ({"activity_id": "01890000-0000-7000-8000-000000000000"}, "csr_activity.unknown"),
    ):
        assert refusal(desk.send("POST", "/csr-agreements", body | changed)) == (422, code)


def test_a_partner_of_a_country_stands_there_once_and_is_put_right(desk: Desk) -> None:
    here = f"/csr-partners/{partner(desk, 'Cámara Ficticia', 'private_sector')}"
    again = {"unit": "HN17", "name": "CAMARA ficticia", "kind": "private_sector"}
    assert refusal(desk.send("POST", "/csr-partners", again)) == (409, "csr_partner.known_already")
    put = desk.changed("PUT", here, again | {"kind": "civil_society_academia"}, of=here)
    assert (put["kind"], put["unit"]) == ("civil_society_academia", "HN17")


def test_the_report_has_the_parts_numbers_and_annexes_of_the_programme(desk: Desk) -> None:
    first = held_workshop(desk, 6, 5, gender_module=True)
    second = held_workshop(desk, 6, 5, starts_on="2026-02-10", city="Nacaome")
    local = partner(desk, "Fundación ficticia", "csr_organization")
    for workshop in (first, second):
        here = f"/csr-workshops/{workshop}"
        desk.changed("POST", f"{here}/partners", {"partner_id": local}, of=here)
    held_workshop(desk, 1, 0, starts_on="2025-06-10", title="El año anterior")
    desk.made("/csr-workshops", WORKSHOP | {"starts_on": "2026-12-10", "city": "Choluteca", "unit": "HN06"})
    held_dialogue(desk)
    report = desk.get("/csr-report").json
    assert [one["city"] for one in report["workshops"]] == ["Nacaome", "San Lorenzo"], "of the year, in order"
    assert (report["smes"], report["persons"]) == (11, 11), "the same eleven came twice: distinct ones are counted"
    assert [one["persons"] for one in report["workshops"]] == [11, 11]
    assert report["by_sex"] == [{"code": "man", "count": 5}, {"code": "woman", "count": 6}]
    assert report["gender_workshops"] == 1
    assert [one["city"] for one in report["planned"]] == ["Choluteca"]
    assert [one["title"] for one in report["dialogues"]] == [DIALOGUE["title"]]
    assert [one["starts_on"] for one in report["annex_activities"]] == [
        "2026-03-04",
        "2026-03-03",
        "2026-02-10",
        "2025-06-10",
    ]
    lines = report["annex_partners"]["workshops"]
    assert [one["csr_organization"] for one in lines] == [["Fundación ficticia"], ["Fundación ficticia"], []]
    assert report["partner_kinds"][1] == {"code": "csr_organization", "count": 1}


def test_the_report_is_as_of_its_day(desk: Desk) -> None:
    """What happened later is not in it, and a date that was moved stands as it was known."""
    with written_on("2026-01-10"):
        moved = desk.made("/csr-workshops", WORKSHOP | {"starts_on": "2026-04-28"})["id"]
    here = f"/csr-workshops/{moved}"
    with written_on("2026-02-20"):
        desk.changed("POST", f"{here}/dates", {"starts_on": "2026-07-29", "reason": "Sede"}, of=here)
    dialogue = held_dialogue(desk, starts_on="2026-01-20")
    promise = {"what": "x", "owner": "y", "due_on": "2026-02-01"}
    made = desk.made(f"/csr-dialogues/{dialogue}/commitments", promise)
    note = {"day": "2026-03-01", "state": "kept", "note": "z"}
    assert desk.send("POST", f"/csr-commitments/{made['id']}/follow-ups", note, 1).status_code == 200

    def planned(day: str) -> list[str]:
        return [one["starts_on"] for one in desk.get("/csr-report", as_of=day).json["planned"]]

    def promised(day: str) -> list[tuple[str, bool]]:
        found = desk.get("/csr-report", as_of=day).json["dialogues"]
        return [(it["state"], it["late"]) for one in found for it in one["commitments"]]

    assert planned("2026-01-09") == []
    assert planned("2026-01-31") == ["2026-04-28"]
    assert planned("2026-03-01") == ["2026-07-29"]
    assert promised("2026-01-19") == []
    assert promised("2026-01-31") == [("open", False)]
    assert promised("2026-02-28") == [("open", True)]
    assert promised("2026-03-01") == [("kept", False)]
    assert refusal(desk.get("/csr-report", as_of="2026-03-06")) == (422, "csr_report.day_to_come")


def test_small_counts_are_withheld_with_what_would_tell_them() -> None:
    assert told({"a": 3, "b": 9, "c": 20}) == {"a": None, "b": None, "c": 20}
    assert told({"a": 3, "b": 2, "c": 20}) == {"a": None, "b": None, "c": 20}
    assert told({"a": 1, "b": 1, "c": 20}) == {"a": None, "b": None, "c": None}, "two that are one each would be told"
    assert told({"a": 5, "b": 6, "c": 0}) == {"a": 5, "b": 6, "c": 0}


def test_a_report_points_at_nobody(desk: Desk) -> None:
    held_workshop(desk, 9, 2)
    report = desk.get("/csr-report").json
    assert report["persons"] == 11
    assert report["by_sex"] == [{"code": "man", "count": None}, {"code": "woman", "count": None}]
    held_workshop(desk, 2, 0, starts_on="2026-01-10")
    assert [one["persons"] for one in desk.get("/csr-report").json["workshops"]] == [None, None]


def test_who_sees_only_reports_gets_whole_months_of_her_whole_territory(
    desk: Desk, service: Service, keys: dict[str, Keyring]
) -> None:
    leda = Desk(service, keys, person("leda_viewer", scope=("HN17", "HN06")))
    assert leda.get("/csr-report").json["as_of"] == "2026-02-28"
    assert leda.get("/csr-report", as_of="2026-01-31").status_code == 200
    assert refusal(leda.get("/csr-report", as_of="2026-01-30")) == (422, "csr_report.month_ends_only")
    assert refusal(leda.get("/csr-report", unit="HN17")) == (403, "csr_report.whole_territory")
    assert desk.get("/csr-report", unit="HN17", as_of="2026-01-30").status_code == 200
    stranger = Desk(service, keys, STRANGER)
    assert stranger.get("/csr-report", unit="HN17").status_code == 403
    assert Desk(service, keys, person("planner", scope="HN")).get("/csr-report").status_code == 403


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_same_report_has_the_same_bytes_and_verifies(
    desk: Desk, service: Service, keys: dict[str, Keyring], language: str
) -> None:
    held_workshop(desk, 6, 5)
    held_dialogue(desk)
    asked = {"as_of": "2026-03-05", "language": language}
    one, two = (desk.get("/csr-report/document", **asked).get_data() for _ in range(2))
    assert one == two
    assert one.startswith(b"%PDF-1.7")
    assert b"pdfuaid" in one
    book = desk.get("/csr-report/document", format="xlsx", **asked).get_data()
    assert book == desk.get("/csr-report/document", format="xlsx", **asked).get_data()
    sheets = openpyxl.load_workbook(io.BytesIO(book))
    about = [row[0].value for row in sheets.worksheets[0].iter_rows(min_row=1)]
    digest = about[-1].rpartition("/")[2]
    rows = [[cell.value for cell in row] for row in sheets.worksheets[1].iter_rows(min_row=2)]
    assert [row[3:] for row in rows] == [[11, 11], [11, 11]]
    portal = Desk(service, keys, Caller.service("portal"), language)
    found = portal.get(f"/documents/{digest[:16]}/verification")
    assert (found.status_code, found.json["number"]) == (200, "RSE-20260305-HN")
    assert portal.get(f"/documents/{'0' * 64}/verification").status_code == 404
    assert portal.get(f"/documents/{digest[:15]}/verification").status_code == 404
