"""`csem territory map`: a map as a file, of every form."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.csem import main
from tests.house import opened_house
from tests.territory.conftest import register


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CSEM_HOME", str(tmp_path))
    with (
        opened_house(tmp_path, "territory") as opened,
        opened.service("territory").database.transaction() as session,
    ):
        register(session, 12)
        register(session, 2, "HN1703")
    return tmp_path


@pytest.mark.parametrize(
    ("form", "beginning"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbf")]
)
def test_a_map_is_written_in_the_form_of_its_name(home: Path, form: str, beginning: bytes) -> None:
    out = home / f"mapa.{form}"

    done = CliRunner().invoke(main, ["territory", "map", "HN17", "--kind", "symbols", "-o", str(out)])

    assert done.exit_code == 0, done.output
    assert "Emprendimientos: Valle" in done.output
    assert out.read_bytes().startswith(beginning)


def test_classes_filters_and_published_figures_are_options(home: Path) -> None:
    out = home / "map.svg"
    options = ["--break", "5", "--break", "10", "--chain", "fishing", "--published", "--language", "en"]

    done = CliRunner().invoke(main, ["territory", "map", "HN17", *options, "-o", str(out)])

    assert done.exit_code == 0, done.output
    svg = out.read_text()
    assert "11 and more" in svg
    assert "Figures published for" in svg
    assert "Amapala: 2" not in svg


def test_hexagons_count_every_place(home: Path) -> None:
    out = home / "map.svg"

    done = CliRunner().invoke(main, ["territory", "map", "HN17", "--kind", "hexagons", "-o", str(out)])

    assert done.exit_code == 0, done.output
    assert "<title>14</title>" in out.read_text()


@pytest.mark.parametrize(
    "wrong",
    [
        ["HN17", "-o", "map.gif"],
        ["HN99", "-o", "map.svg"],
        ["HN17", "-o", "map.svg", "--kind", "pie"],
        ["HN17", "-o", "map.svg", "--number", "9"],
        ["HN17", "-o", "map.svg", "--kind", "bivariate", "--second", "enterprises"],
        ["HN17", "-o", "map.svg", "--published", "--tier", "strategic"],
        ["HN17", "-o", "map.svg", "--kind", "hexagons", "--published"],
    ],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_is_written(home: Path, wrong: list[str]) -> None:
    out = [str(home / part) if part.startswith("map.") else part for part in wrong]

    done = CliRunner().invoke(main, ["territory", "map", *out])

    assert done.exit_code != 0
    assert not list(home.glob("map.*"))
