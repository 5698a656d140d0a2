"""What commands show is what the API shows: diagnoses, benchmark, plans; and the link of a firm."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.training.cli import group as cli
from services.training.models import Sme
from shared.identity import Caller
from shared.kernel import clock
from shared.service import Service
from shared.testing import settings_of
from shared.tokens import Keyring
from tests.training.csr_firms import TRAINER, Speaker, diagnosed, speaking, training
from tests.training.house import COORDINATOR, number


@pytest.fixture
def service(tmp_path: Path, keys: dict[str, Keyring]) -> Iterator[Service]:
    with training(tmp_path, keys) as built:
        with built.database.transaction() as session:
            for place in range(6):
                firm = session.get(Sme, number(70_000 + place))
                assert firm is not None
                diagnosed(session, firm, place % 5)
        yield built


@pytest.fixture
def coordinator(service: Service, keys: dict[str, Keyring]) -> Speaker:
    return speaking(service, keys)(COORDINATOR)


def run(service: Service, tmp_path: Path, *words: str) -> Result:
    house = SimpleNamespace(service=lambda _name: service, settings=lambda name: settings_of(name, tmp_path))
    return CliRunner().invoke(cli, words, obj=house)


def told(service: Service, tmp_path: Path, *words: str) -> Any:
    done = run(service, tmp_path, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_a_diagnosis_and_the_benchmark_are_the_same_by_command_and_by_api(
    service: Service, tmp_path: Path, coordinator: Speaker
) -> None:
    rows = told(service, tmp_path, "diagnoses")
    assert {row["id"] for row in rows} == {row["id"] for row in coordinator.get("/diagnoses").json["items"]}
    one = rows[0]["id"]
    shown = told(service, tmp_path, "diagnosis", one)
    same = coordinator.get(f"/diagnoses/{one}").json
    assert (shown["overall_exact"], shown["areas"]) == (same["overall_exact"], same["areas"])
    assert "internal_public" in run(service, tmp_path, "diagnosis", one).output
    found = told(service, tmp_path, "benchmark")
    api = coordinator.get("/csr-benchmark").json
    assert found["groups"][0] == api["groups"][0]
    assert re.search(r"all +6 +", run(service, tmp_path, "benchmark").output)


def test_plans_are_listed_and_shown(service: Service, tmp_path: Path, coordinator: Speaker) -> None:
    made = coordinator.post("/csr-plans", {"sme_id": str(number(70_000))}).json
    assert f"draft {' ' * 8}" in run(service, tmp_path, "plans", "--state", "draft").output
    assert told(service, tmp_path, "plans", "--state", "verified") == []
    assert told(service, tmp_path, "plan", made["id"])["state"] == "draft"


def test_the_link_that_a_command_makes_is_opened_by_the_portal(
    service: Service, tmp_path: Path, keys: dict[str, Keyring]
) -> None:
    until = (clock.today() + timedelta(days=5)).isoformat()
    home = SimpleNamespace(service=lambda _name: service, settings=lambda _name: service.settings)
    done = CliRunner().invoke(cli, ("sme-link", str(number(70_001)), "--until", until), obj=home)
    path = done.output.strip()
    assert path.startswith("/sme/"), done.output
    portal = speaking(service, keys)(Caller.service("portal"))
    assert portal.get(f"/sme-links/{path[5:]}/own").json["sme_name"] == "Empresa 1 de prueba"
    assert speaking(service, keys)(TRAINER).get("/sme-links").json["items"][0]["expires_on"] == until
