"""Settings: read strictly, every mistake told at once."""

from pathlib import Path

import pytest

from shared.settings import Settings, SettingsError


def test_an_empty_environment_is_the_embedded_default(tmp_path: Path):
    settings = Settings.read("credit", {"CSEM_HOME": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/credit.sqlite"
    assert settings.bus_url == "memory://"
    assert settings.peer_urls["registry"] == "inprocess://registry"
    assert settings.files == tmp_path / "files" / "credit"
    assert settings.secure_cookies is False


def test_every_mistake_is_told_at_once_with_what_to_write_instead():
    with pytest.raises(SettingsError) as told:
        Settings.read(
            "credit",
            {
                "CSEM_DATABASE_URL": "mysql://x",
                "CSEM_BUS_URL": "redis://x",
                "CSEM_PUBLIC_URL": "http://[",
                "CSEM_REGISTRY_URL": "ftp://x",
                "CSEM_SECURE_COOKIES": "yes",
                "CSEM_LOG_FORMAT": "xml",
                "CSEM_DEMO": "True",
            },
        )
    lines = str(told.value).splitlines()
    names = [
        "DATABASE_URL",
        "BUS_URL",
        "PUBLIC_URL",
        "REGISTRY_URL",
        "SECURE_COOKIES",
        "LOG_FORMAT",
        "DEMO",
    ]
    assert sorted(line.partition(":")[0] for line in lines) == sorted(f"CSEM_{name}" for name in names)
    assert "CSEM_SECURE_COOKIES: must be exactly 0 or 1, not 'yes'" in lines
    assert "CSEM_LOG_FORMAT: must be one of json, console, not 'xml'" in lines


def test_what_is_set_for_one_service_wins_over_what_is_set_for_all():
    environ = {"CSEM_DATABASE_URL": "postgresql://all/all", "CSEM_CREDIT_DATABASE_URL": "postgresql://one/credit"}
    assert Settings.read("credit", environ).database_url == "postgresql://one/credit"
    assert Settings.read("training", environ).database_url == "postgresql://all/all"


def test_an_unknown_service_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match="registry, territory, credit, training, portal"):
        Settings.read("accounting", {})


def test_a_secret_may_stand_in_a_file(tmp_path: Path):
    (tmp_path / "url").write_text("postgresql://u:p@h/credit\n")
    settings = Settings.read("credit", {"CSEM_DATABASE_URL_FILE": str(tmp_path / "url")})
    assert settings.database_url == "postgresql://u:p@h/credit"
    with pytest.raises(SettingsError, match="CSEM_DATABASE_URL_FILE: cannot be read"):
        Settings.read("credit", {"CSEM_DATABASE_URL_FILE": str(tmp_path / "nothing")})


def test_a_service_on_its_own_needs_addresses_and_a_broker_outside():
    with pytest.raises(SettingsError) as told:
        Settings.read("credit", {"CSEM_PORTAL_URL": "http://portal:8000"}).require_separate()
    assert "CSEM_REGISTRY_URL: where does registry answer?" in str(told.value)
    assert "CSEM_BUS_URL: memory:// reaches nobody" in str(told.value)
    assert "CSEM_PORTAL_URL" not in str(told.value)
    assert "CSEM_CREDIT_URL" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PLACEMENT_SOLVER", "glpk", "CSEM_PLACEMENT_SOLVER: must be one of highs, cpsat, not 'glpk'"),
        ("DASK", "http://engine:8786", "CSEM_DASK: must begin with one of tcp://, tls://"),
    ],
)
def test_a_solver_or_an_engine_that_does_not_exist_is_a_mistake(name: str, value: str, told: str):
    with pytest.raises(SettingsError) as refused:
        Settings.read("training", {f"CSEM_{name}": value})
    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("name", "value", "extra"), [("PLACEMENT_SOLVER", "cpsat", "cpsat"), ("DASK", "tcp://engine:8786", "dask")]
)
def test_an_extra_that_is_not_installed_is_told_with_how_to_install_it(
    name: str, value: str, extra: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("shared.settings.find_spec", lambda _package: None)
    with pytest.raises(SettingsError, match=rf"pip install 'red-csem\[{extra}\]'"):
        Settings.read("training", {f"CSEM_{name}": value})
