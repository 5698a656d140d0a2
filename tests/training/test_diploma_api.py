"""Diplomas through the API, the commands and the pages: the same rules, the same papers, no name for whom it is not."""

import json
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypdf
import pytest
from click.testing import CliRunner
from openbadgeslib.ob3.status import decode_encoded_list, set_indices

from services.training import cli
from services.training.app import build
from services.training.reference.diplomas import contexts
from services.training.rules.diplomas import badge, payload
from shared.service import Service
from shared.testing import fill, headers, person, settings_of
from shared.tokens import Keyring
from shared.web import Peers
from tests.portal.conftest import Browser, Portal, built, text_of
from tests.training.house import COORDINATOR, STRANGER, TRAINER, number, register_many, withdraw, woman_of
from tests.training.test_api import ASKED, Registry, Speaker, speaker

SERVICE = person("service", scope="*", subject="service:portal")


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def service(tmp_path: Path, keys: dict[str, Keyring], registry: Registry) -> Iterator[Service]:
    settings = settings_of("training", tmp_path)
    made = build(settings, keys["training"], Peers(settings, keys["training"], {"registry": registry.web}))
    fill(made.database, "training")
    with made.database.transaction() as session:
        register_many(session, 1, 8)
    yield made
    made.database.dispose()


@pytest.fixture
def trainer(service: Service, keys: dict[str, Keyring]) -> Speaker:
    return speaker(service, keys, TRAINER)


@pytest.fixture
def portal_service(service: Service, keys: dict[str, Keyring]) -> Speaker:
    return speaker(service, keys, SERVICE)


def sent(
    service: Service, keys: dict[str, Keyring], path: str, body: Any, version: int | str, by: Any = TRAINER
) -> Any:
    web = service.web.test_client()
    told = headers(keys, by) | {"If-Match": f'"{version}"'}
    return web.post(f"/api/training/v1{path}", headers=told, json=body)


@pytest.fixture
def group(service: Service, keys: dict[str, Keyring], trainer: Speaker) -> dict[str, Any]:
    """A group of eight whose training seven completed; the registry does not show the name of the eighth."""
    placement = trainer.post("/rounds/begun", ASKED).json
    made = trainer.post(f"/placements/{placement['id']}/groups/1/confirmation", {}).json
    women = [str(woman_of(woman)) for woman in range(1, 9) if woman != 7]
    ended = {"completed_on": made["formed_on"], "entrepreneur_ids": women}
    return sent(service, keys, f"/groups/{made['id']}/completion", ended, made["version"]).json


def asked(group: dict[str, Any], **changed: Any) -> dict[str, Any]:
    training = {"group_id": group["id"], "title": "Costos y precios", "hours": 24}
    return {"kind": "attendance", "trainings": [training | changed]}


@pytest.fixture
def batch(trainer: Speaker, group: dict[str, Any]) -> dict[str, Any]:
    answer = trainer.post("/diploma-batches", asked(group))
    assert answer.status_code == 201, answer.text
    return answer.json


def first(trainer: Speaker) -> dict[str, Any]:
    """The diploma with the lowest number."""
    return trainer.get("/diplomas").json["items"][-1]


def test_a_batch_says_who_got_none_and_its_file_holds_the_signed_papers(
    service: Service, trainer: Speaker, batch: dict[str, Any]
) -> None:
    assert batch["issued"] == 6
    told = {row["entrepreneur_id"]: row["reason"] for row in batch["left_out"]}
    assert told == {str(woman_of(7)): "too_few_hours", str(woman_of(8)): "no_name"}
    assert trainer.get(f"/diploma-batches/{batch['id']}/file").status_code == 404
    runner = next(loop for loop in service.worker.loops if loop.name == "training-jobs")
    assert runner.run_due() >= 1
    shown = trainer.get(f"/diploma-batches/{batch['id']}").json
    assert (shown["job"]["state"], shown["has_file"]) == ("done", True)
    with zipfile.ZipFile(BytesIO(trainer.get(f"/diploma-batches/{batch['id']}/file").data)) as archive:
        assert len(archive.namelist()) == 6
        paper = archive.read("D-2026-000001.pdf")
    keys = published(trainer)
    assert payload.read_file(paper, keys).name == "Marta 1 Inventada"


def published(anybody: Speaker) -> dict[str, bytes]:
    return {row["id"]: bytes.fromhex(row["public"]) for row in anybody.get("/diplomas/keys").json["items"]}


def test_a_paper_is_pdf_ua_and_says_what_its_code_says(trainer: Speaker, batch: dict[str, Any]) -> None:
    one = first(trainer)
    answer = trainer.get(f"/diplomas/{one['id']}/pdf")
    assert answer.content_type == "application/pdf"
    said = payload.read_file(answer.data, published(trainer))
    assert (said.number, said.name, said.hours) == (one["number"], one["name"], "24")
    read = pypdf.PdfReader(BytesIO(answer.data))
    text = " ".join(read.pages[0].extract_text().split())
    assert len(read.pages) == 1
    for words in (one["name"], one["number"], "Costos y precios", "24 de las 24 horas", "Diploma de asistencia"):
        assert words in text
    assert b"pdfuaid" in answer.data or "/MarkInfo" in read.trailer["/Root"]
    assert read.trailer["/Root"]["/Lang"] == "es"


def test_a_badge_is_a_credential_that_the_published_keys_verify(trainer: Speaker, batch: dict[str, Any]) -> None:
    one = first(trainer)
    answer = trainer.get(f"/diplomas/{one['id']}/badge")
    assert answer.content_type == badge.MEDIA_TYPE
    document = badge.read_badge(answer.data, published(trainer), contexts())
    assert document["issuer"]["id"] == trainer.get("/diplomas/keys").json["items"][0]["did"]
    assert document["evidence"][0]["id"].endswith(f"/verify/{one['hash']}")


def test_anybody_learns_from_the_list_that_a_badge_names_whether_it_was_taken_back(
    service: Service, trainer: Speaker, keys: dict[str, Keyring], batch: dict[str, Any]
) -> None:
    one, anybody = first(trainer), service.web.test_client()
    told = badge.read_badge(trainer.get(f"/diplomas/{one['id']}/badge").data, published(trainer), contexts())
    where, place = told["credentialStatus"]["statusListCredential"], int(told["credentialStatus"]["statusListIndex"])

    def taken_back() -> frozenset[int]:
        answer = anybody.get(where[where.index("/api/") :])
        assert (answer.status_code, answer.content_type) == (200, badge.MEDIA_TYPE)
        return set_indices(decode_encoded_list(answer.json["credentialSubject"]["encodedList"]))

    assert taken_back() == frozenset()
    gone = sent(service, keys, f"/diplomas/{one['id']}/revocation", {"reason": "not_earned"}, one["version"])
    assert gone.status_code == 200, gone.text
    assert taken_back() == {place}
    assert anybody.get("/api/training/v1/diplomas/status-lists/1").status_code == 404


def test_a_diploma_is_verified_by_its_code_and_its_signed_words(
    trainer: Speaker, portal_service: Speaker, service: Service, keys: dict[str, Keyring], batch: dict[str, Any]
) -> None:
    one = first(trainer)
    assert trainer.get(f"/documents/{one['hash']}/verification").status_code == 403
    told = portal_service.get(f"/documents/{one['hash'][:16]}/verification").json
    assert (told["number"], told["standing"]) == (one["number"], "in_force")
    assert one["name"] not in json.dumps(told)
    paper = trainer.get(f"/diplomas/{one['id']}/pdf").data
    sealed = paper.rsplit(b" ", 1)[1].decode().strip()
    said = portal_service.post("/diplomas/verification", {"payload": sealed}).json
    assert (said["name"], said["standing"]["standing"]) == (one["name"], "in_force")
    again = sent(service, keys, f"/diplomas/{one['id']}/reissue", {"reason": "lost"}, one["version"])
    assert again.status_code == 201, again.text
    assert again.json["name"] == one["name"]
    said = portal_service.post("/diplomas/verification", {"payload": sealed}).json
    assert said["standing"]["standing_by"]["number"] == again.json["number"]
    refused = portal_service.post("/diplomas/verification", {"payload": sealed[:-1] + "A"})
    assert refused.status_code == 422
    assert refused.json["code"].startswith("diploma.")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"hours": 0}, 422, None),
        ({"hours": 2001}, 422, None),
        ({"title": ""}, 422, None),
        ({"group_id": str(number(77))}, 404, "group.unknown"),
        ({"attended": [{"entrepreneur_id": str(woman_of(99)), "hours": 1}]}, 422, "diploma.not_a_member"),
        ({"attended": [{"entrepreneur_id": str(woman_of(1)), "hours": 25}]}, 422, "diploma.more_hours"),
        ({"attended": [{"entrepreneur_id": str(woman_of(1)), "hours": 2}] * 2}, 422, "diploma.woman_twice"),
    ],
)
def test_wrong_input_is_refused_in_both_languages(
    service: Service, keys: dict[str, Keyring], group: dict[str, Any], changed: Any, status: int, code: str | None
) -> None:
    told = set()
    for language in ("es", "en"):
        somebody = speaker(service, keys, TRAINER, **{"Accept-Language": language})
        answer = somebody.post("/diploma-batches", asked(group, **changed))
        assert answer.status_code == status, answer.text
        assert code is None or answer.json["code"] == code
        told.add(answer.json["detail"])
    assert len(told) == 2


def test_where_the_registry_is_away_nothing_is_issued(
    trainer: Speaker, registry: Registry, group: dict[str, Any]
) -> None:
    registry.away = True
    answer = trainer.post("/diploma-batches", asked(group))
    assert (answer.status_code, answer.json["code"]) == (409, "diploma.no_names")
    assert trainer.get("/diplomas").json["items"] == []


def test_an_old_name_is_not_printed_again_where_the_registry_cannot_be_asked(
    service: Service,
    keys: dict[str, Keyring],
    registry: Registry,
    tmp_path: Path,
    trainer: Speaker,
    portal_service: Speaker,
    batch: dict[str, Any],
) -> None:
    one = first(trainer)
    registry.away = True
    told = set()
    for language in ("es", "en"):
        web = service.web.test_client()
        asking = headers(keys, TRAINER) | {"If-Match": f'"{one["version"]}"', "Accept-Language": language}
        answer = web.post(f"/api/training/v1/diplomas/{one['id']}/reissue", headers=asking, json={"reason": "lost"})
        assert (answer.status_code, answer.json["code"]) == (409, "diploma.name_not_told")
        told.add(answer.json["detail"])
    assert len(told) == 2
    done = run(service, keys, tmp_path, registry, "reissue", one["number"], "--reason", "lost")
    assert done.exit_code != 0
    assert "diploma.name_not_told" in done.output
    assert portal_service.get(f"/documents/{one['hash']}/verification").json["standing"] == "in_force"
    assert len(trainer.get("/diplomas").json["items"]) == batch["issued"], "no number was given"
    registry.away = False
    new = sent(service, keys, f"/diplomas/{one['id']}/reissue", {"reason": "lost"}, one["version"])
    assert (new.status_code, new.json["name"]) == (201, one["name"])


def test_nobody_reads_a_diploma_of_elsewhere(
    service: Service, keys: dict[str, Keyring], trainer: Speaker, batch: dict[str, Any]
) -> None:
    one, stranger = first(trainer), speaker(service, keys, STRANGER)
    assert stranger.get("/diplomas").json["items"] == []
    for path in ("", "/pdf", "/badge"):
        assert stranger.get(f"/diplomas/{one['id']}{path}").status_code == 403
    assert stranger.get(f"/diploma-batches/{batch['id']}").status_code == 404
    assert stranger.post(f"/diplomas/{one['id']}/links").status_code == 403
    assert sent(service, keys, f"/diplomas/{one['id']}/revocation", {"reason": "lost"}, 1, STRANGER).status_code == 403
    assert speaker(service, keys, COORDINATOR).get(f"/diplomas/{one['id']}").status_code == 200
    planner = speaker(service, keys, person("planner", scope="HN"))
    assert planner.get("/diplomas").status_code == 403


def test_the_register_is_filtered(trainer: Speaker, group: dict[str, Any], batch: dict[str, Any]) -> None:
    one = first(trainer)
    for asked_for, count in (
        ({"number": one["number"]}, 1),
        ({"kind": "achievement"}, 0),
        ({"state": "revoked"}, 0),
        ({"subject_id": group["id"]}, 6),
        ({"holder_id": one["holder_id"]}, 1),
        ({"unit": "HN17"}, 6),
    ):
        assert len(trainer.get("/diplomas", **asked_for).json["items"]) == count, asked_for


# Commands


def run(service: Service, keys: dict[str, Keyring], tmp_path: Path, registry: Registry, *words: str) -> Any:
    class House(dict[str, Any]):
        def settings(self, _name: str) -> Any:
            return settings_of("training", tmp_path)

        def service(self, _name: str) -> Any:
            return SimpleNamespace(database=service.database)

    del keys
    return CliRunner().invoke(cli.group, ("diplomas", *words), obj=House(registry=registry.web))


def test_the_commands_issue_print_revoke_and_verify(
    service: Service,
    keys: dict[str, Keyring],
    registry: Registry,
    tmp_path: Path,
    trainer: Speaker,
    group: dict[str, Any],
) -> None:
    def say(*words: str) -> str:
        done = run(service, keys, tmp_path, registry, *words)
        assert done.exit_code == 0, done.output
        return str(done.output)

    place = str(group["number"])
    issued = say("issue", place, "--title", "Costos", "--hours", "24", "--attended", f"{woman_of(1)}=20")
    assert "D-2026-000001" in issued
    assert "Marta 1 Inventada" in issued
    assert issued.count("too_few_hours") == 7
    paper, medal, known = tmp_path / "d.pdf", tmp_path / "d.json", tmp_path / "keys.json"
    say("pdf", "D-2026-000001", str(paper))
    say("badge", "D-2026-000001", str(medal))
    known.write_text(say("keys"))
    assert paper.read_bytes() == trainer.get(f"/diplomas/{first(trainer)['id']}/pdf").data
    assert medal.read_bytes() == trainer.get(f"/diplomas/{first(trainer)['id']}/badge").data
    sealed = paper.read_bytes().rsplit(b" ", 1)[1].decode().strip()
    for shown in (sealed, str(paper), str(medal)):
        assert "Marta 1 Inventada" in say("verify", shown, "--keys", str(known))
        assert "Marta 1 Inventada" in say("verify", shown)
    assert "in_force" in say("verify", sealed)
    new = say("reissue", "D-2026-000001", "--reason", "lost").split()[0]
    assert "replaced" in say("verify", sealed)
    assert json.loads(say("list", "--json", "--state", "valid"))[0]["number"] == new
    say("revoke", new, "--reason", "other")
    assert "D-2026-000002" in say("list", "--state", "revoked")
    for words, told in (
        (("verify", sealed[:-1] + ("A" if sealed[-1] != "A" else "B")), "Not genuine"),
        (("verify", "nothing"), "neither a payload"),
        (("revoke", "D-1", "--reason", "lost"), "There is no diploma D-1"),
        (("revoke", new, "--reason", "lost"), "diploma.revoked_already"),
        (("issue", "99", "--title", "x", "--hours", "8"), "There is no group 99"),
        (("issue", place, "--title", "x", "--hours", "8", "--attended", "x"), "WOMAN=HOURS"),
    ):
        done = run(service, keys, tmp_path, registry, *words)
        assert done.exit_code != 0
        assert told in done.output


def test_the_command_prints_the_list_of_badges_that_were_taken_back_as_everybody_gets_it(
    service: Service, keys: dict[str, Keyring], registry: Registry, tmp_path: Path, batch: dict[str, Any]
) -> None:
    def printed() -> frozenset[int]:
        done = run(service, keys, tmp_path, registry, "status-list", "0")
        assert done.exit_code == 0, done.output
        anybody = service.web.test_client().get("/api/training/v1/diplomas/status-lists/0").json
        told = json.loads(done.output)
        assert told["credentialSubject"] == anybody["credentialSubject"]
        assert told["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
        return set_indices(decode_encoded_list(told["credentialSubject"]["encodedList"]))

    assert printed() == frozenset()
    assert run(service, keys, tmp_path, registry, "revoke", "D-2026-000002", "--reason", "other").exit_code == 0
    assert printed() == {2}
    none = run(service, keys, tmp_path, registry, "status-list", "1")
    assert none.exit_code != 0
    assert "diploma.no_status_list" in none.output


# Pages


@pytest.fixture
def portal(tmp_path: Path, registry: Registry) -> Iterator[Portal]:
    with built("sqlite", tmp_path) as found:
        settings = settings_of("training", tmp_path)
        made = build(
            settings, found.keys["training"], Peers(settings, found.keys["training"], {"registry": registry.web})
        )
        fill(made.database, "training")
        found.apps["training"] = made.web
        with made.database.transaction() as session:
            register_many(session, 1, 8)
        found.training = made  # type: ignore[attr-defined]
        yield found
        made.database.dispose()


@pytest.fixture
def browser(portal: Portal) -> Browser:
    return portal.signed_in("trainer", units=("HN17",))


def ended_group(browser: Browser) -> str:
    """The address of a group whose training ended."""
    browser.get("/training/rounds/begin")
    wish = {"unit": "HN17", "topics": "quality", "minimum": "5", "maximum": "20", "reach_km": "10"}
    placement = str(browser.post("/training/rounds/begin", wish).headers["Location"])
    browser.get(placement)
    browser.post(f"{placement}/stop", {})
    formed = browser.post(f"{placement}/groups/1/confirmation", {}, page=f"{placement}/groups/1")
    address = str(formed.headers["Location"]).removesuffix("/invitations")
    page = browser.get(address).text
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    day = page.partition('min="')[2].partition('"')[0]
    women = [str(woman_of(woman)) for woman in range(1, 8)]
    assert browser.post(f"{address}/completion", {"seen": seen, "completed_on": day, "women": women}).status_code == 303
    return address


def test_from_an_ended_training_to_her_own_copy(portal: Portal, browser: Browser) -> None:
    assert "Todavía no se ha otorgado ningún diploma" in text_of(browser.get("/training/diplomas"))
    group = ended_group(browser).rpartition("/")[2]
    assert f"/training/diplomas/new?group={group}" in browser.get(f"/training/groups/{group}").text
    form = browser.get(f"/training/diplomas/new?group={group}")
    assert "Marta 1 Inventada" in text_of(form)
    told = {"groups": group, "kind": "attendance", "title": "", "hours": "x", "language": "es"}
    wrong = browser.post("/training/diplomas/new", told)
    assert wrong.status_code == 422
    assert "Hay un problema" in text_of(wrong)
    told |= {"title": "Costos y precios", "hours": "24", f"hours-{woman_of(1)}": "20", f"hours-{woman_of(2)}": "10,5"}
    made = browser.post("/training/diplomas/new", told)
    assert made.status_code == 303, text_of(made)
    batch = text_of(browser.get(made.headers["Location"]))
    assert "Diplomas otorgados: 1" in batch
    assert "Asistió a 10.5 horas; se necesitan 19.2." in batch
    assert "se están imprimiendo" in batch
    runner = next(loop for loop in portal.training.worker.loops if loop.name == "training-jobs")  # type: ignore[attr-defined]
    runner.run_due()
    page = browser.get(made.headers["Location"])
    assert "Descargar los diplomas (ZIP)" in text_of(page)
    assert browser.get(f"{made.headers['Location']}/file").data.startswith(b"PK")
    diploma = re.findall(r"/training/diplomas/[0-9a-f-]{36}(?=\")", page.text)[0]
    shown = browser.get(diploma)
    assert "Marta 1 Inventada" in text_of(shown)
    assert browser.get(f"{diploma}/pdf").data.startswith(b"%PDF")
    assert browser.get(f"{diploma}/badge").json["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    browser.get(diploma)
    browser.post(f"{diploma}/links", {})
    link = browser.get(diploma).text.partition("/diploma/")[2].partition("<")[0]
    anybody = portal.browser()
    hers = anybody.get(f"/diploma/{link}")
    assert "Marta 1 Inventada" in text_of(hers)
    paper = anybody.get(f"/diploma/{link}/pdf").data
    assert paper == browser.get(f"{diploma}/pdf").data
    assert anybody.get(f"/diploma/{link}/badge").status_code == 200
    sealed = paper.rsplit(b" ", 1)[1].decode().strip()
    anybody.get("/verify/diploma")
    checked = text_of(anybody.post("/verify/diploma", {"payload": sealed}))
    assert "Marta 1 Inventada" in checked
    assert "Vigente" in checked
    refused = anybody.post("/verify/diploma", {"payload": sealed[:-4]})
    assert refused.status_code == 422
    assert "Escanéelo otra vez" in text_of(refused) or "No es auténtico" in text_of(refused)
    version = shown.text.partition('name="version" value="')[2].partition('"')[0]
    browser.get(diploma)
    done = browser.post(f"{diploma}/revocation", {"version": version, "reason": "not_earned"})
    assert done.status_code == 303, text_of(done)
    assert "Anulado el" in text_of(browser.get(diploma))
    gone = anybody.get(f"/diploma/{link}")
    assert gone.status_code == 404
    assert "Marta" not in text_of(gone)
    code = shown.text.partition('href="/verify/')[2].partition('"')[0]
    verified = text_of(anybody.get(f"/verify/{code}"))
    assert "el centro lo anuló" in verified
    assert "Marta" not in verified
    assert anybody.get("/diploma/x").status_code == 404


def test_what_a_withdrawn_woman_left_is_shown_without_her_name(portal: Portal, browser: Browser) -> None:
    group = ended_group(browser).rpartition("/")[2]
    told = {"groups": group, "kind": "attendance", "title": "Costos", "hours": "24", "language": "en"}
    browser.get(f"/training/diplomas/new?group={group}")
    browser.post("/training/diplomas/new", told)
    with portal.training.database.transaction() as session:  # type: ignore[attr-defined]
        withdraw(session, 1)
    register = text_of(browser.get("/training/diplomas"))
    assert "Se retiró de la red" in register
    assert "Marta 1 Inventada" not in register
    assert "Marta 2 Inventada" in register
