"""Diagnoses through the API: saved area by area, by the team or by the firm itself through its link; benchmarks."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from services.training.queries.benchmarks import show_benchmark
from services.training.queries.diagnoses import show_effect
from shared import history
from shared.identity import Caller
from shared.kernel import Refused, clock
from shared.service import Service
from shared.testing import person
from shared.tokens import Keyring
from tests.training.csr_firms import REVIEWER, TRAINER, Speaker, diagnosed, speaking, training, write_sme
from tests.training.house import COORDINATOR, STRANGER, number

FIRM = str(number(70_000))
PORTAL = Caller.service("portal")


@pytest.fixture
def service(tmp_path: Path, keys: dict[str, Keyring]) -> Iterator[Service]:
    with training(tmp_path, keys) as built:
        yield built


@pytest.fixture
def speak(service: Service, keys: dict[str, Keyring]) -> Callable[[Caller], Speaker]:
    return speaking(service, keys)


@pytest.fixture
def trainer(speak: Callable[[Caller], Speaker]) -> Speaker:
    return speak(TRAINER)


def answers(diagnosis: dict[str, Any], area: str, answer: str = "3") -> dict[str, Any]:
    asked = next(one for one in diagnosis["areas"] if one["code"] == area)["indicators"]
    return {"answers": [{"indicator": one["code"], "answer": answer, "evidence": "Cartel"} for one in asked]}


def begin(trainer: Speaker, form: str = "short") -> dict[str, Any]:
    made = trainer.post("/diagnoses", {"sme_id": FIRM, "form": form})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json
    return found


def test_an_area_is_saved_on_its_own_and_scores_show_how_much_is_answered(trainer: Speaker) -> None:
    begun = begin(trainer)
    saved = trainer.put(f"/diagnoses/{begun['id']}/areas/community", answers(begun, "community"), begun["version"])
    assert saved.status_code == 200
    community = next(one for one in saved.json["areas"] if one["code"] == "community")
    assert (community["score"], community["exact"], community["answered"]) == (0.75, "3/4", 3)
    assert community["stage"]["es"] == "Gestión"
    assert saved.json["coverage"] == pytest.approx(3 / 21)
    assert saved.json["areas"][0]["score"] is None
    again = trainer.get(f"/diagnoses/{begun['id']}").json
    assert again["areas"][3]["indicators"][0]["evidence"] == "Cartel"


def test_an_answer_is_taken_back_and_the_others_stay(trainer: Speaker) -> None:
    begun = begin(trainer)
    path = f"/diagnoses/{begun['id']}/areas/community"
    saved = trainer.put(path, answers(begun, "community"), begun["version"]).json
    back = trainer.put(path, {"answers": [{"indicator": "C1", "answer": None}]}, saved["version"]).json
    assert next(one for one in back["areas"] if one["code"] == "community")["answered"] == 2


@pytest.mark.parametrize(
    ("area", "rows", "status", "code"),
    [
        ("community", [{"indicator": "C1", "answer": "5"}], 422, "diagnosis.no_such_level"),
        ("community", [{"indicator": "C1", "answer": "+1"}], 422, "diagnosis.no_such_level"),
        ("community", [{"indicator": "G1", "answer": "1"}], 422, "diagnosis.not_asked"),
        ("community", [{"indicator": "C4", "answer": "1"}], 422, "diagnosis.not_asked"),
        ("community", [{"indicator": "C1", "answer": "1"}] * 2, 422, "diagnosis.told_twice"),
        ("community", [{"indicator": "C1", "answer": 1}], 422, "body.invalid_fields"),
        ("nowhere", [], 404, "diagnosis.unknown_area"),
    ],
)
def test_what_cannot_be_an_answer_is_refused(
    trainer: Speaker, area: str, rows: list[Any], status: int, code: str
) -> None:
    begun = begin(trainer)
    refused = trainer.put(f"/diagnoses/{begun['id']}/areas/{area}", {"answers": rows}, begun["version"])
    assert (refused.status_code, refused.json["code"]) == (status, code)
    assert len(refused.json["detail"]) > 15


def test_of_two_who_save_the_second_is_told(trainer: Speaker) -> None:
    begun = begin(trainer)
    path = f"/diagnoses/{begun['id']}/areas/community"
    assert trainer.put(path, answers(begun, "community"), begun["version"]).status_code == 200
    assert trainer.put(path, answers(begun, "community"), begun["version"]).status_code == 412
    assert trainer.put(path, answers(begun, "community")).status_code == 428


def test_it_is_handed_in_once_enough_is_answered_and_verified_by_somebody_else(
    trainer: Speaker, speak: Callable[[Caller], Speaker]
) -> None:
    found = begin(trainer)
    path = f"/diagnoses/{found['id']}"
    early = trainer.post(f"{path}/submission", version=found["version"])
    assert (early.status_code, early.json["code"]) == (409, "diagnosis.too_little_answered")
    assert early.json["facts"] | {} == {"answered": 0, "asked": 21, "needed": 17}
    helper = speak(person("technician", scope="HN17", subject="helper"))
    for area in [one["code"] for one in found["areas"]]:
        by = helper if area == "community" else trainer
        found = by.put(f"{path}/areas/{area}", answers(found, area, "unknown"), found["version"]).json
    handed = trainer.post(f"{path}/submission", version=found["version"])
    assert (handed.status_code, handed.json["state"], handed.json["overall"]) == (200, "handed_in", 0)
    late = trainer.put(f"{path}/areas/community", answers(found, "community"), handed.json["version"])
    assert late.json["code"] == "diagnosis.handed_in"
    own = trainer.post(f"{path}/verification", {"note": "Visto"}, handed.json["version"])
    assert own.json["code"] == "diagnosis.own"
    assert (
        helper.post(f"{path}/verification", {"note": "Visto"}, handed.json["version"]).json["code"] == "diagnosis.own"
    )
    seen = speak(REVIEWER).post(f"{path}/verification", {"note": "Visto"}, handed.json["version"])
    assert (seen.json["state"], seen.json["verified_by_name"]) == ("verified", "Hortensia Revisora")


def test_one_diagnosis_at_a_time_and_only_of_ones_own_territory(
    trainer: Speaker, speak: Callable[[Caller], Speaker]
) -> None:
    begun = begin(trainer)
    assert trainer.post("/diagnoses", {"sme_id": FIRM, "form": "full"}).json["code"] == "diagnosis.one_is_open"
    stranger = speak(STRANGER)
    assert stranger.get(f"/diagnoses/{begun['id']}").status_code == 403
    assert stranger.get("/diagnoses").json["items"] == []
    assert stranger.post("/diagnoses", {"sme_id": FIRM, "form": "full"}).status_code == 403
    assert trainer.post("/diagnoses", {"sme_id": str(number(1)), "form": "full"}).status_code == 404


def test_stakeholders_are_mapped(trainer: Speaker) -> None:
    begun = begin(trainer)
    row = {"name": "Vecinas", "kind": "community", "influence": 2, "interest": 3, "expects": "Menos ruido", "how": ""}
    path = f"/diagnoses/{begun['id']}/stakeholders"
    saved = trainer.put(path, {"stakeholders": [row]}, begun["version"])
    assert saved.json["stakeholders"] == [row]
    wrong = trainer.put(path, {"stakeholders": [row | {"influence": 4}]}, saved.json["version"])
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/stakeholders/0/influence")


def test_a_firm_answers_through_its_link_until_it_is_taken_back(
    trainer: Speaker, speak: Callable[[Caller], Speaker], service: Service
) -> None:
    until = (clock.today() + timedelta(days=30)).isoformat()
    link = trainer.post("/sme-links", {"sme_id": FIRM, "expires_on": until}).json
    portal, door = speak(PORTAL), f"/sme-links/{link['token']}"
    assert portal.get(f"{door}/own").json["diagnosis"] is None
    begun = portal.post(f"{door}/diagnosis", {"form": "short"}).json["diagnosis"]
    assert begun["mode"] == "self"
    for area in [one["code"] for one in begun["areas"]]:
        answer = portal.put(f"{door}/diagnosis/areas/{area}", answers(begun, area), begun["version"])
        begun = answer.json["diagnosis"]
    done = portal.post(f"{door}/diagnosis/submission", version=begun["version"]).json["diagnosis"]
    assert (done["state"], done["overall_exact"]) == ("handed_in", "3/4")
    assert "<svg" in portal.get(f"{door}/radar").json["drawing"]
    with service.database.reading() as session:
        who = {entry["caller"] for entry in history.of(session, UUID(done["id"]))}
    assert who == {f"sme-link:{link['id']}"}
    assert trainer.get(f"{door}/own").status_code == 403, "only the portal opens it"
    revoked = trainer.post(f"/sme-links/{link['id']}/revocation", version=link["version"])
    assert revoked.json["state"] == "revoked"
    for method, path, body in (
        ("GET", "/own", None),
        ("POST", "/diagnosis", {"form": "short"}),
        ("PUT", "/diagnosis/areas/community", answers(done, "community")),
        ("POST", "/plan", None),
    ):
        refused = portal.send(method, door + path, body, 1)
        assert (refused.status_code, refused.json["code"]) == (404, "sme_link.not_open")


def test_a_link_ends_with_its_last_day_and_a_forged_one_opens_nothing(
    trainer: Speaker, speak: Callable[[Caller], Speaker]
) -> None:
    link = trainer.post("/sme-links", {"sme_id": FIRM, "expires_on": clock.today().isoformat()}).json
    portal = speak(PORTAL)
    assert portal.get(f"/sme-links/{link['token']}/own").status_code == 200
    forged = ("B" if link["token"][0] == "A" else "A") + link["token"][1:]
    assert portal.get(f"/sme-links/{forged}/own").status_code == 404
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert trainer.get("/sme-links").json["items"][0]["state"] == "expired"
    too_far = (clock.today() + timedelta(days=999)).isoformat()
    for day in ((clock.today() - timedelta(days=1)).isoformat(), too_far):
        assert trainer.post("/sme-links", {"sme_id": FIRM, "expires_on": day}).json["code"] == "sme_link.last_day"


@pytest.fixture
def firms(session: Session) -> Session:
    """Seven firms of trade and three of tourism in Valle, diagnosed last month; the first again today."""
    with clock.frozen(datetime(2026, 2, 10, 15, tzinfo=UTC)):
        for place in range(10):
            sector = "trade" if place < 7 else "tourism"
            diagnosed(session, write_sme(session, place, sector=sector, size="medium"), place % 5)
    return session


def test_a_benchmark_withholds_small_groups_and_the_one_that_would_tell_of_them(firms: Session) -> None:
    found = show_benchmark(firms, COORDINATOR, live=True)
    groups = {(one["by"], one["value"]): one["overall"] for one in found["groups"]}
    assert groups["sector", "tourism"]["withheld"]
    assert groups["sector", "trade"]["withheld"] != groups["all", ""]["withheld"]
    (nobody,) = show_benchmark(firms, STRANGER, live=True)["groups"]
    assert {cell["mean"] for cell in [*nobody["cells"], nobody["overall"]]} == {None}


def test_who_may_not_open_diagnoses_sees_those_of_before_this_month(firms: Session) -> None:
    before = show_benchmark(firms, COORDINATOR, live=False)
    diagnosed(firms, write_sme(firms, 20, size="medium"), 4)
    assert show_benchmark(firms, COORDINATOR, live=False) == before
    assert before["as_of"] == date(2026, 3, 1)
    everybody = show_benchmark(firms, COORDINATOR, live=True)
    assert [one["overall"] for one in everybody["groups"]] != [one["overall"] for one in before["groups"]]


def test_the_latest_diagnosis_of_a_firm_counts_and_its_effect_is_told(session: Session) -> None:
    smes = [write_sme(session, place) for place in range(5)]
    first, *_ = [diagnosed(session, sme, 1) for sme in smes]
    with pytest.raises(Refused, match=r"diagnosis\.nothing_to_compare"):
        show_effect(session, TRAINER, first)
    second = diagnosed(session, smes[0], 1, environment=3)
    told = show_effect(session, TRAINER, second)
    points = {row["area"]: row["points"] for row in told["changes"]}
    assert (points["environment"], points["community"]) == (0.5, 0.0)
    assert points[None] == pytest.approx(0.5 / 7)
    environment = show_benchmark(session, COORDINATOR, live=True)["groups"][0]["cells"][2]
    assert environment["enterprises"] == 5
    assert environment["mean"] == pytest.approx((4 * 0.25 + 0.75) / 5)


def test_who_reads_benchmarks_reads_no_diagnosis(speak: Callable[[Caller], Speaker], trainer: Speaker) -> None:
    begun = begin(trainer)
    viewer = speak(person("leda_viewer", scope="HN17"))
    assert viewer.get("/csr-benchmark").json["live"] is False
    assert viewer.get(f"/diagnoses/{begun['id']}").status_code == 403
    assert viewer.get("/csr-follow-up").status_code == 403
    assert trainer.get("/csr-benchmark").json["live"] is True
    assert speak(person("planner", scope="HN17")).get("/csr-benchmark").status_code == 403
