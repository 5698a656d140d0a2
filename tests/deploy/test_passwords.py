"""The passwords of a new installation."""

import base64
import hashlib
import json
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy import passwords
from shared.settings import SERVICES
from shared.testing import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    passwords.create(tmp_path / "secrets")
    return tmp_path / "secrets"


@pytest.fixture
def definitions(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "rabbitmq_definitions.json").read_text())


def test_every_secret_of_the_compose_file_is_made(folder: Path) -> None:
    named = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["secrets"]
    assert {Path(secret["file"]).name for secret in named.values()} == {path.name for path in folder.iterdir()}


def test_it_knows_the_same_services_as_the_house() -> None:
    assert passwords.SERVICES == SERVICES


def test_a_second_run_changes_nothing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert passwords.create(folder) == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_no_password_is_used_twice(folder: Path) -> None:
    passwords = [urlsplit(path.read_text()).password for path in folder.glob("*_url")]
    passwords.append((folder / "postgres_password").read_text())
    assert len(set(passwords)) == len(passwords) == 11
    assert all(password and len(password) >= 32 for password in passwords)


def test_the_folder_keeps_other_accounts_of_the_machine_out(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_broker_knows_each_service_by_the_password_in_its_address(
    folder: Path, definitions: dict[str, Any]
) -> None:
    for user in definitions["users"]:
        password = urlsplit((folder / f"{user['name']}_bus_url").read_text()).password or ""
        hashed = base64.b64decode(user["password_hash"])
        assert hashed[4:] == hashlib.sha256(hashed[:4] + password.encode()).digest()
        assert user["tags"] == []


@pytest.mark.parametrize("service", SERVICES)
def test_at_the_broker_a_service_owns_its_queues_and_speaks_in_its_own_name(
    service: str, definitions: dict[str, Any]
) -> None:
    permission = next(one for one in definitions["permissions"] if one["user"] == service)
    topic = next(one for one in definitions["topic_permissions"] if one["user"] == service)
    other = next(name for name in SERVICES if name != service)
    for right in ("configure", "write", "read"):
        assert re.search(permission[right], "csem.events")
        assert re.search(permission[right], f"csem.{service}.{other}")
        assert not re.search(permission[right], f"csem.{other}.{service}")
    assert re.search(topic["write"], f"org.csem.{service}.something.v1")
    assert not re.search(topic["write"], f"org.csem.{other}.something.v1")


def test_it_runs_with_nothing_installed(tmp_path: Path) -> None:
    command = [sys.executable, "-S", str(ROOT / "deploy" / "passwords.py"), str(tmp_path / "made")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(done.stdout.split()) == 12
