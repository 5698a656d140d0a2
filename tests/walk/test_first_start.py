"""The first start of all: the demonstration is loaded, and everything works in the same hour."""

from pathlib import Path

import httpx
import pytest

from deploy.demonstration.accounts import PASSWORD
from tests.walk.houses import embedded


@pytest.mark.timeout(400)
def test_what_was_just_loaded_can_be_seen_and_printed_without_a_second_start(tmp_path: Path) -> None:
    with embedded(tmp_path, demo=True) as house, httpx.Client(base_url=house.urls["portal"], timeout=20) as client:
        person = {"username": "planificadora", "password": PASSWORD}
        token = client.post("/api/portal/v1/tokens", json=person).raise_for_status().json()["access_token"]
        report = "/api/territory/v1/reports/municipal/HN1709"
        headers = {"Authorization": f"Bearer {token}"}
        counted = client.get(report, headers=headers).raise_for_status().json()
        printed = client.get(f"{report}/document", headers=headers).raise_for_status().content
    assert counted["municipality"] == "HN1709"
    assert printed.startswith(b"%PDF")
