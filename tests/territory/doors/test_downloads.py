"""Downloads: five kinds of file with exactly what the filter shows to who asks."""

import io
import json
from collections.abc import Callable
from tempfile import NamedTemporaryFile
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pyogrio.raw
import pytest
import shapely
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from services.territory.api.ogc import downloads
from services.territory.queries import features
from shared.events.registry import Point
from shared.testing import person
from tests.territory.conftest import register

pytestmark = pytest.mark.both_databases

TECHNICIAN = person("technician", scope="HN17")
LEDA = person("leda_viewer", scope="HN17")
PLANNER = person("planner", scope="HN17")
AT = "/ogc/collections/enterprises/download"
UNITS = "/ogc/collections/units/download"
FILTER = quote("jobs_women > 2")


def the_gulf(session: Session) -> None:
    for number in range(30):
        register(session, 1, jobs_women=number % 5, consent_map=number % 3 != 0, started_year=None,
                 point=Point(lon=-87.5 + number / 100, lat=13.3, accuracy_m=4.0))  # fmt: skip


@pytest.fixture
def gulf(serve: Callable[..., SimpleNamespace]) -> SimpleNamespace:
    return serve(the_gulf)


def _read(content: bytes, form: str) -> Any:
    with NamedTemporaryFile(suffix=f".{form}") as file:
        file.write(content)
        file.flush()
        return pyogrio.raw.read(file.name)


def rows(content: bytes, form: str) -> list[dict[str, Any]]:
    """The rows of a file as its kind of program reads them, each with its lon and lat."""
    if form == "geojson":
        found = json.loads(content)["features"]
        return [
            one["properties"] | dict(zip(("lon", "lat"), one["geometry"]["coordinates"], strict=True)) for one in found
        ]
    if form == "csv":
        heads, *lines = [line.split(";") for line in content.decode("utf-8-sig").splitlines()]
        return [dict(zip(heads, line, strict=True)) for line in lines]
    if form == "xlsx":
        heads, *lines = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        return [dict(zip(heads, line, strict=True)) for line in lines]
    meta, _, geometries, columns = _read(content, form)
    assert meta["crs"] == "EPSG:4326"
    places = shapely.from_wkb(geometries)
    return [
        dict(zip(meta["fields"], line, strict=True)) | {"lon": place.x, "lat": place.y}
        for *line, place in zip(*columns, places, strict=True)
    ]


@pytest.mark.parametrize("form", ["gpkg", "geojson", "fgb", "csv", "xlsx"])
@pytest.mark.parametrize("who", [TECHNICIAN, LEDA], ids=["exact", "masked"])
def test_a_file_has_what_the_filter_shows(gulf: SimpleNamespace, form: str, who: Any) -> None:
    shown = gulf.get(who, f"/ogc/collections/enterprises/items?limit=100&filter={FILTER}").json["features"]
    answer = gulf.get(who, f"{AT}?format={form}&filter={FILTER}")

    assert answer.status_code == 200, answer.text
    assert f"emprendimientos.{form}" in answer.headers["Content-Disposition"]
    found = {str(row["id"]): row for row in rows(answer.data, form)}
    assert len(shown) == (12 if who is TECHNICIAN else 8)
    assert set(found) == {one["id"] for one in shown}
    for one in shown:
        row = found[one["id"]]
        lon, lat = one["geometry"]["coordinates"]
        assert (float(row["lon"]), float(row["lat"])) == pytest.approx((lon, lat), abs=1e-6)
        assert int(row["jobs_women"]) == one["properties"]["jobs_women"]
        assert ("accuracy_m" in row) == (who is TECHNICIAN)


@pytest.mark.parametrize("form", ["gpkg", "geojson", "fgb", "csv", "xlsx"])
def test_an_empty_choice_is_an_empty_file(gulf: SimpleNamespace, form: str) -> None:
    answer = gulf.get(TECHNICIAN, f"{AT}?format={form}&chain=honey")
    assert answer.status_code == 200, answer.text
    assert rows(answer.data, form) == []


@pytest.mark.parametrize("form", ["gpkg", "geojson", "fgb", "csv", "xlsx"])
def test_units_are_downloaded_with_the_figures_one_may_see(gulf: SimpleNamespace, form: str) -> None:
    for who, number in ((TECHNICIAN, 30), (PLANNER, 20)):
        answer = gulf.get(
            who, f"{UNITS}?format={form}&filter={quote('code IN (' + chr(39) + 'HN1709' + chr(39) + ')')}"
        )
        assert answer.status_code == 200, answer.text
        if form == "geojson":
            [row] = [one["properties"] for one in answer.json["features"]]
        elif form in {"csv", "xlsx"}:
            [row] = rows(answer.data, form)
        else:
            meta, _, _, columns = _read(answer.data, form)
            row = dict(zip(meta["fields"], (column[0] for column in columns), strict=True))
        assert (row["id"], int(row["enterprises"])) == ("HN1709", number)


def test_who_may_not_see_gets_no_file(gulf: SimpleNamespace) -> None:
    assert gulf.get(PLANNER, f"{AT}?format=csv").status_code == 403
    assert gulf.get(TECHNICIAN, f"{AT}?format=shp").status_code == 400
    assert gulf.get(TECHNICIAN, AT).status_code == 400
    bad = gulf.get(LEDA, f"{AT}?format=csv&filter={quote('accuracy_m < 5')}")
    assert (bad.status_code, bad.json["code"]) == (400, "filter.property")


def test_a_filter_too_long_for_all_the_rows_is_refused_a_file(
    gulf: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = "&filter=" + quote("jobs_women * 2 < 0")
    assert gulf.get(TECHNICIAN, f"{AT}?format=csv{nobody}").status_code == 200
    monkeypatch.setattr(features, "MOST_OF_A_FILE", 20)
    answer = gulf.get(TECHNICIAN, f"{AT}?format=csv{nobody}")
    assert (answer.status_code, answer.json["code"]) == (409, "features.too_much_to_decide")
    plain = gulf.get(TECHNICIAN, f"{AT}?format=csv&filter=" + quote("jobs_women < 0"))
    assert plain.status_code == 200, "the database decides it alone"


def test_a_file_that_would_be_cut_is_refused(gulf: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "MOST", 29)
    answer = gulf.get(TECHNICIAN, f"{AT}?format=csv")
    assert (answer.status_code, answer.json["code"]) == (409, "features.too_many")
