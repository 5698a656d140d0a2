"""The standard doors from the command line: what a filter shows, as the same file that the API sends."""

import json
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from shared.events.registry import Point
from shared.kernel import NotFound, Refused
from shared.testing import person
from tests.territory.commands.conftest import Run
from tests.territory.conftest import register
from tests.territory.test_layers import MARKETS, sent

NOBODY = "0190a0a0-0000-7000-8000-000000000000"
NETWORK = person("network_coordinator", scope="*")
AT = "/ogc/collections"


@pytest.fixture
def bay(service: SimpleNamespace) -> SimpleNamespace:
    """Thirty enterprises close together, two of three with more than two women at work."""
    with service.database.transaction() as session:
        for number in range(30):
            point = Point(lon=-87.45 + number / 20_000, lat=13.42, accuracy_m=4.0)
            service.ids = register(session, 1, jobs_women=number % 3 + 1, point=point)
    return service


@pytest.mark.parametrize("form", ["gpkg", "geojson", "fgb", "csv", "xlsx"])
def test_a_filter_s_enterprises_are_written_in_every_form(
    bay: SimpleNamespace, run: Run, tmp_path: Path, form: str
) -> None:
    out = tmp_path / f"emprendimientos.{form}"

    run("features", "download", "enterprises", "-o", out, "--filter", "jobs_women > 2", "--unit", "HN17")

    asked = {"format": form, "filter": "jobs_women > 2", "unit": "HN17"}
    sent = bay.get(NETWORK, f"{AT}/enterprises/download", query_string=asked).data
    assert len(out.read_bytes()) == len(sent)
    if form in {"geojson", "csv", "fgb"}:
        assert out.read_bytes() == sent
    if form == "geojson":
        assert len(json.loads(out.read_bytes())["features"]) == 10


def test_units_and_clusters_are_written_too(bay: SimpleNamespace, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "fuera.geojson"
    run(
        "features", "download", "units", "-o", out, "--level", "department", "--inside", "HN", "--filter", "code='HN17'"
    )
    (unit,) = json.loads(out.read_bytes())["features"]
    assert (unit["id"], unit["properties"]["enterprises"]) == ("HN17", 30)
    run("features", "download", "clusters", "-o", out, "--chain", "fishing")
    (cluster,) = json.loads(out.read_bytes())["features"]
    assert cluster["properties"]["enterprises"] == 30
    assert json.loads(run("features", "show", "clusters", "1"))["properties"]["women"] == 60


def test_collections_and_what_a_filter_may_name_are_told(bay: SimpleNamespace, run: Run) -> None:
    assert [line.split()[0] for line in run("features", "collections").splitlines()] == [
        "enterprises",
        "units",
        "clusters",
    ]
    told = dict(line.split() for line in run("features", "queryables", "enterprises").splitlines())
    assert (told["jobs_women"], told["chain"], told["geometry"]) == ("number", "text", "geometry")


def test_one_feature_is_shown_by_its_id(bay: SimpleNamespace, run: Run) -> None:
    (last,) = bay.ids
    shown = json.loads(run("features", "show", "enterprises", last))
    assert (UUID(shown["id"]), shown["properties"]["precision"]) == (last, "exact")
    assert json.loads(run("features", "show", "units", "HN1709"))["properties"]["enterprises"] == 30
    for collection, wrong in (("enterprises", NOBODY), ("enterprises", "x"), ("units", "HN99"), ("clusters", "9"),
                              ("clusters", "x"), (f"layer-{NOBODY}", "1")):  # fmt: skip
        with pytest.raises(NotFound, match=r"features\.unknown"):
            run("features", "show", collection, wrong)


def test_what_the_door_refuses_the_command_refuses(bay: SimpleNamespace, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "fuera.csv"
    for told, code in ((("--filter", "colour = 1"), r"filter\."), (("--bbox", "200,0,1,1"), r"features\.box"),
                       (("--datetime", "ayer"), r"features\.time"), (("--unit", "HN99"), r"unit\.unknown"),
                       (("--level", "department"), r"body\.invalid_fields")):  # fmt: skip
        with pytest.raises(Refused, match=code):
            run("features", "download", "enterprises", "-o", out, *told)
    assert not out.exists()
    assert "write one of enterprises" in run("features", "download", "planets", "-o", out, code=2)
    assert "layer-ID" in run("features", "queryables", "layer-x", code=2)
    assert ".fgb" in run("features", "download", "units", "-o", tmp_path / "fuera.shp", code=2)


def test_a_layer_is_shown_filtered_drawn_and_written(service: SimpleNamespace, run: Run, tmp_path: Path) -> None:
    layer = sent(service, MARKETS)
    assert "Mercados de Valle (markets, ready): 2; HN17" in run("layers", "show", layer)
    told = dict(line.split() for line in run("features", "queryables", f"layer-{layer}").splitlines())
    assert told["puestos"] == "number"
    assert json.loads(run("features", "show", f"layer-{layer}", "1"))["properties"]["puestos"] == 120

    out = tmp_path / "mercados.geojson"
    run("features", "download", f"layer-{layer}", "-o", out, "--filter", "puestos > 100")
    assert [one["properties"]["puestos"] for one in json.loads(out.read_bytes())["features"]] == [120]
    for form, beginning in (("svg", b"<svg"), ("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("geojson", b"{")):
        run("layers", "export", layer, "-o", tmp_path / f"mercados.{form}")
        assert (tmp_path / f"mercados.{form}").read_bytes().startswith(beginning)
    assert "--output" in run("layers", "export", layer, "-o", tmp_path / "mercados.shp", code=2)
    with pytest.raises(NotFound, match=r"layers\.unknown"):
        run("layers", "show", NOBODY)
