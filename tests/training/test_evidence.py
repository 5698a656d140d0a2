"""Papers and pictures beside a diagnosis and the reports of a plan, by the team and through the firm's own link."""

import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.test import TestResponse

from services.training.cli import group as cli
from services.training.models import Sme
from shared import files
from shared.identity import Caller
from shared.kernel import clock
from shared.service import Service
from shared.testing import headers, person, settings_of
from shared.tokens import Keyring
from tests.training.csr_firms import (
    REVIEWER,
    ROOT,
    TRAINER,
    Speaker,
    csr_portal,
    diagnosed,
    executed,
    link_of,
    speaking,
    training,
)
from tests.training.house import COORDINATOR, STRANGER, number

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF\n"
FIRM = number(70_000)
Send = Callable[..., TestResponse]


def png(note: bytes = b"") -> bytes:
    """A picture of one point, with a note of the camera where one is given."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    parts = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    parts += chunk(b"tEXt", b"Comment\0" + note) if note else b""
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


@pytest.fixture
def service(tmp_path: Path, keys: dict[str, Keyring]) -> Iterator[Service]:
    with training(tmp_path, keys) as built:
        with built.database.transaction() as session:
            for place in (0, 1):
                firm = session.get(Sme, number(70_000 + place))
                assert firm is not None
                diagnosed(session, firm, 1)
        yield built


@pytest.fixture
def send(service: Service, keys: dict[str, Keyring]) -> Send:
    def sent(by: Caller, path: str, content: bytes, name: str = "acta.pdf") -> TestResponse:
        told = {"data": {"file": (BytesIO(content), name)}, "content_type": "multipart/form-data"}
        return service.web.test_client().post(ROOT + path, headers=headers(keys, by), **told)

    return sent


@pytest.fixture
def team(service: Service, keys: dict[str, Keyring]) -> Speaker:
    return speaking(service, keys)(TRAINER)


@pytest.fixture
def reviewer(service: Service, keys: dict[str, Keyring]) -> Speaker:
    return speaking(service, keys)(REVIEWER)


@pytest.fixture
def diagnosis(team: Speaker) -> str:
    return str(team.get("/diagnoses", sme_id=FIRM).json["items"][0]["id"])


@pytest.fixture
def plan(team: Speaker, reviewer: Speaker, send: Send) -> dict[str, Any]:
    """A plan whose first month was reported."""
    made = team.post("/csr-plans", {"sme_id": str(FIRM)}).json
    plan = executed(team, reviewer, made["id"], clock.today())
    told = {"month": 1, "progress": [{"number": 1, "state": "done"}], "evidence": "Recibos"}
    with clock.frozen(clock.now() + timedelta(days=32)):
        assert team.post(f"/csr-plans/{plan['id']}/check-ins", told).status_code == 201
    return plan


def shown(diagnosis: dict[str, Any], code: str) -> list[dict[str, Any]]:
    rows = [one for area in diagnosis["areas"] for one in area["indicators"] if one["code"] == code]
    return list(rows[0]["files"])


def test_a_file_stands_beside_its_question_and_is_opened_by_team_and_reviewer(
    send: Send, team: Speaker, reviewer: Speaker, diagnosis: str
) -> None:
    made = send(TRAINER, f"/diagnoses/{diagnosis}/evidence/G1", PDF)
    assert made.status_code == 201, made.text
    file = shown(made.json, "G1")[0]
    assert (file["name"], file["media_type"], file["size"]) == ("acta.pdf", "application/pdf", len(PDF))
    assert shown(made.json, "G2") == []
    for reader in (team, reviewer):
        opened = reader.get(f"/csr-evidence/{file['id']}")
        assert (opened.status_code, opened.data) == (200, PDF)


def test_a_picture_is_kept_without_what_its_camera_wrote(send: Send, team: Speaker, diagnosis: str) -> None:
    picture = png(b"14.07N 87.19W")
    made = send(TRAINER, f"/diagnoses/{diagnosis}/evidence/G1", picture, "foto.png")
    kept = team.get(f"/csr-evidence/{shown(made.json, 'G1')[0]['id']}")
    assert kept.data == png()
    assert b"14.07N" not in kept.data


@pytest.mark.parametrize("content", [b"", b"x", b"MZ\x90\0", b"%PDF-1.4 half", png()[:-20], b"<svg xmlns='x'/>"])
def test_what_is_neither_a_pdf_nor_a_whole_picture_is_refused(send: Send, diagnosis: str, content: bytes) -> None:
    refused = send(TRAINER, f"/diagnoses/{diagnosis}/evidence/G1", content, "acta.pdf")
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/file"


def test_the_same_file_twice_a_sixth_and_one_of_an_unknown_question_are_refused(send: Send, diagnosis: str) -> None:
    path = f"/diagnoses/{diagnosis}/evidence"
    for place in range(5):
        assert send(TRAINER, f"{path}/G1", PDF + b"%%%d\n%%%%EOF" % place).status_code == 201
    again = send(TRAINER, f"{path}/G1", PDF + b"%0\n%%EOF")
    assert (again.status_code, again.json["code"]) == (409, "evidence.shown_already")
    sixth = send(TRAINER, f"{path}/G1", PDF)
    assert (sixth.status_code, sixth.json["code"], sixth.json["facts"]) == (422, "evidence.too_many", {"most": 5})
    assert send(TRAINER, f"{path}/G2", PDF).status_code == 201, "each question has room of its own"
    assert send(TRAINER, f"{path}/Z9", PDF).json["code"] == "diagnosis.not_asked"


def test_two_at_the_same_moment_do_not_pass_the_most(send: Send, team: Speaker, diagnosis: str) -> None:
    path = f"/diagnoses/{diagnosis}/evidence/G1"
    for place in range(4):
        send(TRAINER, path, PDF + b"%%%d\n%%%%EOF" % place)
    answers: list[int] = []
    both = [
        threading.Thread(target=lambda name=name: answers.append(send(TRAINER, path, PDF + name).status_code))
        for name in (b"%a\n%%EOF", b"%b\n%%EOF")
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(answers) == [201, 422]
    assert len(shown(team.get(f"/diagnoses/{diagnosis}").json, "G1")) == 5


def test_nobody_else_sends_opens_or_erases_a_file(
    send: Send, service: Service, keys: dict[str, Keyring], diagnosis: str
) -> None:
    path = f"/diagnoses/{diagnosis}/evidence/G1"
    file = shown(send(TRAINER, path, PDF).json, "G1")[0]["id"]
    speak = speaking(service, keys)
    assert send(REVIEWER, path, PDF).status_code == 403
    assert send(STRANGER, path, PDF).status_code in {403, 404}
    abroad = person("trainer", scope="GT", subject="abroad")
    assert speak(abroad).get(f"/csr-evidence/{file}").status_code == 403
    assert speak(abroad).send("DELETE", f"/csr-evidence/{file}").status_code == 403
    assert speak(abroad).get("/csr-evidence").json["items"] == []
    reader = person("network_coordinator", scope="*", subject="red")
    assert speak(reader).get("/csr-evidence").json["items"][0]["id"] == file
    assert speak(reader).get(f"/csr-evidence/{file}").status_code == 403
    assert speak(REVIEWER).send("DELETE", f"/csr-evidence/{file}").status_code == 403


def test_who_showed_something_does_not_verify_it_and_afterwards_nothing_changes(
    send: Send, team: Speaker, service: Service, keys: dict[str, Keyring], reviewer: Speaker, diagnosis: str
) -> None:
    path = f"/diagnoses/{diagnosis}"
    made = send(COORDINATOR, f"{path}/evidence/G1", PDF)
    assert made.status_code == 201, made.text
    version = made.json["version"]
    own = speaking(service, keys)(COORDINATOR).post(f"{path}/verification", {"note": "Visto"}, version)
    assert own.json["code"] == "diagnosis.own"
    assert reviewer.post(f"{path}/verification", {"note": "Visto"}, version).status_code == 200
    assert send(TRAINER, f"{path}/evidence/G1", PDF + b"%%EOF").json["code"] == "evidence.verified"
    file = shown(made.json, "G1")[0]["id"]
    assert team.send("DELETE", f"/csr-evidence/{file}").json["code"] == "evidence.verified"


def test_a_report_of_a_month_is_shown_until_the_plan_is_closed(send: Send, team: Speaker, plan: dict[str, Any]) -> None:
    path = f"/csr-plans/{plan['id']}"
    made = send(TRAINER, f"{path}/evidence/1", png(), "playa.png")
    assert made.json["check_ins"][0]["files"][0]["name"] == "playa.png"
    assert send(TRAINER, f"{path}/evidence/2", PDF).json["code"] == "evidence.report_first"
    assert send(TRAINER, f"{path}/evidence/99", PDF).status_code == 404
    version = team.get(path).json["version"]
    team.post(f"{path}/closing", {"outcome": "abandoned", "note": "Cerró la tienda"}, version)
    assert send(TRAINER, f"{path}/evidence/1", PDF).json["code"] == "evidence.plan_closed"


def test_a_file_is_erased_for_good(send: Send, team: Speaker, service: Service, diagnosis: str) -> None:
    file = shown(send(TRAINER, f"/diagnoses/{diagnosis}/evidence/G1", PDF).json, "G1")[0]["id"]
    assert team.send("DELETE", f"/csr-evidence/{file}").status_code == 204
    assert team.get(f"/csr-evidence/{file}").json["code"] == "evidence.unknown"
    assert team.send("DELETE", f"/csr-evidence/{file}").status_code == 404
    assert bytes_kept(service) == 0


def test_with_the_contact_of_a_firm_its_files_go_and_those_of_others_stay(
    send: Send, team: Speaker, service: Service, diagnosis: str, plan: dict[str, Any]
) -> None:
    send(TRAINER, f"/diagnoses/{diagnosis}/evidence/G1", PDF)
    send(TRAINER, f"/csr-plans/{plan['id']}/evidence/1", png())
    other = team.get("/diagnoses", sme_id=number(70_001)).json["items"][0]["id"]
    send(TRAINER, f"/diagnoses/{other}/evidence/G1", PDF)
    firm = team.get(f"/smes/{FIRM}").json
    done = team.send("DELETE", f"/smes/{FIRM}/contact", None, firm["version"])
    assert done.status_code == 200, done.text
    assert [row["sme_id"] for row in team.get("/csr-evidence").json["items"]] == [str(number(70_001))]
    assert team.get(f"/csr-plans/{plan['id']}").json["check_ins"][0]["files"] == []
    assert bytes_kept(service) == 1


def bytes_kept(service: Service) -> int:
    """How many files there are whose bytes were not erased."""
    with service.database.reading() as session:
        kept = files.file_table.select().where(files.file_table.c.erased_at.is_(None))
        return len(session.execute(kept).all())


def test_a_firm_shows_opens_and_erases_through_its_link_and_nothing_of_another_firm(tmp_path: Path) -> None:
    with csr_portal(tmp_path) as (portal, service):
        mine, other = link_of(service, portal, 0), link_of(service, portal, 1)
        owner, neighbour = portal.browser(), portal.browser()
        sent = owner.post(f"{mine}/areas/governance/files", {"shows": "G1", "file": (BytesIO(PDF), "acta.pdf")})
        assert (sent.status_code, sent.location) == (303, f"{mine}/areas/governance#files")
        page = owner.get(f"{mine}/areas/governance").text
        assert "acta.pdf" in page
        address = page.split(f'href="{mine}/evidence/')[1].split('"')[0]
        assert owner.get(f"{mine}/evidence/{address}").data == PDF
        assert neighbour.get(f"{other}/evidence/{address}").status_code == 404
        neighbour.get(f"{other}/areas/governance")
        gone = neighbour.post(f"{other}/evidence/{address}/erasing", {"area": "governance"})
        assert gone.status_code == 303
        assert owner.get(f"{mine}/evidence/{address}").status_code == 200
        owner.get(f"{mine}/areas/governance")
        owner.post(f"{mine}/evidence/{address}/erasing", {"area": "governance"})
        assert "acta.pdf" not in owner.get(f"{mine}/areas/governance").text.split("<main")[1].split("Agregar")[0]
        assert owner.get(f"{mine}/evidence/{address}").status_code == 404


def test_the_page_says_what_is_wrong_with_a_file_beside_its_field(tmp_path: Path) -> None:
    with csr_portal(tmp_path) as (portal, service):
        mine, owner = link_of(service, portal, 0), portal.browser()
        path = f"{mine}/areas/governance/files"
        for told, said in (
            ({"shows": "G1"}, "Elija el archivo."),
            ({"file": (BytesIO(PDF), "a.pdf")}, "Elija qué muestra el archivo"),
            ({"shows": "../own", "file": (BytesIO(PDF), "a.pdf")}, "Elija qué muestra el archivo"),
            ({"shows": "G1", "file": (BytesIO(b"x"), "a.pdf")}, "no es un PDF ni una foto completa"),
        ):
            refused = owner.post(path, told)
            assert refused.status_code == 422
            assert said in refused.text


def test_answers_stay_saved_when_their_file_is_refused(tmp_path: Path) -> None:
    with csr_portal(tmp_path) as (portal, service):
        mine, owner = link_of(service, portal, 2), portal.browser()
        owner.post(f"{mine}/diagnosis", {"form": "short"})
        page = owner.get(f"{mine}/areas/governance").text
        version = page.split('name="version" value="')[1].split('"')[0]
        names = {part.split('"')[0] for part in page.split('name="')[1:] if part.startswith("answer-")}
        told = {"version": version, **dict.fromkeys(names, "2"), "next": "yes"}
        code = min(names).removeprefix("answer-")
        lost = owner.post(f"{mine}/areas/governance", told | {"file": (BytesIO(PDF), "a.pdf")})
        assert lost.status_code == 422
        assert lost.text.count("checked") == 3, "nothing that was chosen is lost"
        sent = owner.post(f"{mine}/areas/governance", told | {"shows": code, "file": (BytesIO(b"x"), "a.pdf")})
        after = owner.get(sent.location.partition("#")[0])
        assert "Lo que escribió está guardado; el archivo no: El archivo no es un PDF" in after.text
        assert after.text.count("checked") == 3


def test_commands_show_fetch_and_erase(service: Service, tmp_path: Path, diagnosis: str) -> None:
    house = SimpleNamespace(service=lambda _name: service, settings=lambda name: settings_of(name, tmp_path))
    paper = tmp_path / "acta.pdf"
    paper.write_bytes(PDF)

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, ["evidence", *words], obj=house)
        assert done.exit_code == 0, done.output
        return done.output

    run("show-indicator", diagnosis, "G1", str(paper))
    file = run("list", "--sme", str(FIRM)).split()[0]
    fetched = Path(run("fetch", file, "--into", str(tmp_path)).strip())
    assert fetched.read_bytes() == PDF
    run("erase", file)
    assert run("list") == ""
