"""GeoPackages of strangers: their points are asked about, and nothing in them runs."""

import io
import sqlite3
from pathlib import Path
from typing import Any

import geopandas
import pytest

from services.registry.intake.dialects import columns_to_map, read_inventory
from services.registry.intake.geopackage import read_geopackage
from shared.kernel import Invalid
from shared.workbooks import DEFAULT, Limits
from tests.registry.exported import exported
from tests.registry.house import COORDINATOR, House


def written(folder: Path, *, crs: str = "EPSG:4326", points: Any = None, **columns: Any) -> bytes:
    """A layer as QGIS and its like write it, with the triggers of its spatial index."""
    from shapely import Point

    here = points or [Point(-87.447, 13.424), None, Point(-87.45, 13.42)]
    frame = geopandas.GeoDataFrame({"negocio": ["Una", "Dos", "Tres"], **columns}, geometry=here, crs="EPSG:4326")
    path = folder / "capa.gpkg"
    frame.to_crs(crs).to_file(path, layer="mujeres", driver="GPKG")
    return path.read_bytes()


def changed(content: bytes, *statements: str) -> bytes:
    database = sqlite3.connect(":memory:")
    database.deserialize(content)
    for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
        database.create_function(name, 1, lambda _: 0)
    for statement in statements:
        database.execute(statement)
    database.commit()
    out = bytes(database.serialize())
    database.close()
    return out


def test_the_points_of_a_strangers_layer_are_columns_that_are_asked_about(tmp_path: Path) -> None:
    content = written(tmp_path, nombres=["Rosa", "Ana", "Eva"], apellidos=["A", "B", "C"])
    rows = read_geopackage(content, DEFAULT)["mujeres"]
    assert rows[0][-2:] == ["Longitud", "Latitud"]
    assert [row[-2:] for row in rows[1:]] == [[-87.447, 13.424], ["", ""], [-87.45, 13.42]]
    guessed = {column["header"]: column["field"] for column in columns_to_map(content)}
    assert guessed["Latitud"] == "_gps_latitude"
    assert guessed["nombres"] == "nombres"
    with pytest.raises(Invalid) as refused:
        read_inventory(io.BytesIO(content))
    assert refused.value.code == "file.mapping_needed"


def test_a_layer_in_another_projection_is_refused_and_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        read_geopackage(written(tmp_path, crs="EPSG:32616"), DEFAULT)
    assert (refused.value.code, refused.value.facts["layer"]) == ("file.other_projection", "mujeres")


def test_what_is_no_point_is_no_number(tmp_path: Path) -> None:
    from shapely import LineString

    rows = read_geopackage(written(tmp_path, points=[LineString([(0, 0), (1, 1)])] * 3), DEFAULT)["mujeres"]
    assert rows[1][-2:] == ["?", "?"]


HOSTILE = {
    "a view in place of the layer": (
        "ALTER TABLE mujeres RENAME TO hidden",
        "CREATE VIEW mujeres AS SELECT fid, geom, load_extension('x') AS negocio FROM hidden",
    ),
    "a column that is computed": (
        "ALTER TABLE mujeres ADD COLUMN more TEXT GENERATED ALWAYS AS (hex(zeroblob(1000000))) VIRTUAL",
    ),
    "a virtual table": (
        "DROP TABLE mujeres",
        "CREATE VIRTUAL TABLE mujeres USING rtree(fid, a, b)",
    ),
    "a text beyond all measure": ("UPDATE mujeres SET negocio = hex(zeroblob(40000000))",),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_that_stands_in_a_database_runs(tmp_path: Path, kind: str) -> None:
    base = changed(
        written(tmp_path),
        *(
            f"DROP TRIGGER IF EXISTS {name}"
            for (name,) in _names(written(tmp_path), "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ),
    )
    content = changed(base, *HOSTILE[kind])
    try:
        found = read_geopackage(content, DEFAULT)
    except Invalid as refused:
        assert refused.code in {"file.damaged", "file.text_too_long"}  # noqa: PT017 - either is an answer
    else:
        assert "mujeres" not in found


def _names(content: bytes, statement: str) -> list[Any]:
    database = sqlite3.connect(":memory:")
    database.deserialize(content)
    found = database.execute(statement).fetchall()
    database.close()
    return found


def test_another_database_and_a_broken_one_are_refused(tmp_path: Path) -> None:
    plain = sqlite3.connect(":memory:")
    plain.execute("CREATE TABLE one (two)")
    content = bytes(plain.serialize())
    plain.close()
    with pytest.raises(Invalid) as refused:
        read_geopackage(content, DEFAULT)
    assert refused.value.code == "file.no_geopackage"
    whole = written(tmp_path)
    for broken in (whole[:200], whole[:5000], whole[:4096] + b"\xff" * 9000):
        with pytest.raises(Invalid):
            read_geopackage(broken, DEFAULT)


def test_more_rows_than_are_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        read_geopackage(written(tmp_path), Limits(rows=2))
    assert refused.value.code == "file.too_many_rows"


def test_a_row_that_names_a_record_of_elsewhere_or_another_womans_id_is_not_kept(sqlite_house: House) -> None:
    """An export is a text anybody may write: what is there is never written over by it."""
    mine = sqlite_house.register(caller=COORDINATOR)
    other = sqlite_house.register(caller=COORDINATOR, name="Otra")
    content = exported(sqlite_house, "csv").decode("utf-8-sig")
    woman, stolen = mine["owners"][0]["id"], other["owners"][0]["id"]
    hostile = [line for line in content.splitlines(keepends=True) if mine["id"] in line or line.startswith("csem_id")]
    fresh = "01890000-0000-7000-8000-000000000001"
    before = sqlite_house.call("GET", f"/entrepreneurs/{stolen}").json
    cases = {
        "record.differs": "".join(hostile).replace("María Ficticia", "Robada"),
        "record.woman_differs": "".join(hostile)
        .replace(mine["id"], fresh)
        .replace(woman, stolen)
        .replace("María", "Robada"),
        "record.id_taken": "".join(hostile).replace(mine["id"], stolen).replace(woman, fresh),
    }
    for code, text in cases.items():
        report = sqlite_house.report(text.encode(), caller=COORDINATOR)
        assert (code, report["created"], report["updated"]) == (code, 0, 0)
        assert code in {problem["code"] for problem in report["problems"]}, report["problems"]
        assert all(problem["message"] != problem["code"] for problem in report["problems"])
    assert sqlite_house.call("GET", f"/entrepreneurs/{stolen}").json == before
