"""Official boundaries take the place of the approximate ones: by file through the API, and by command."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from click.testing import CliRunner
from sqlalchemy import select, text

from services.territory import reference
from services.territory.cli import group
from services.territory.models import BoundarySet, BoundaryShape
from services.territory.queries.boundaries import in_force, sets_in_force
from services.territory.use_cases.replace_boundaries import replace_boundaries
from shared.bus.tables import event_log
from shared.database import Database
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, clock
from shared.testing import person
from tests.territory.conftest import register
from tests.territory.test_reading_boundaries import around, collection, feature

ADMIN = person("admin")
SAN_LORENZO = {"lon": -87.41, "lat": 13.44, "municipality": "HN1709"}


def squares(country: str, *, without: int = 0) -> dict[str, bytes]:
    units = [unit for unit in reference.municipalities().values() if unit.country == country][without:]
    return {u.code: shapely.to_wkb(shapely.box(u.lon - 0.02, u.lat - 0.02, u.lon + 0.02, u.lat + 0.02)) for u in units}


def report(country: str, shapes: dict[str, bytes]) -> dict[str, Any]:
    expected = sum(unit.country == country for unit in reference.municipalities().values())
    return {"countries": {country: {"expected": expected, "found": len(shapes), "missing": []}}}


def replace(database: Database, caller: Caller, country: str = "HN", **more: Any) -> Any:
    shapes = squares(country, without=more.pop("without", 0))
    with database.transaction() as session:
        given = {"source": "SINIT", "valid_from": clock.today()} | more
        return replace_boundaries(session, caller, shapes=shapes, report=report(country, shapes), **given)


def test_official_boundaries_are_in_force_and_announced(database: Database) -> None:
    replace(database, ADMIN)

    with database.reading() as session:
        kinds = {row["country"]: row["kind"] for row in sets_in_force(session)}
        announced = session.execute(select(event_log.c.type, event_log.c.data)).one()
        municipalities = in_force(session)
    assert kinds == {"GT": "approximate", "HN": "official", "SV": "approximate"}
    assert announced.type == "org.csem.territory.boundaries-replaced.v1"
    assert (announced.data["country"], announced.data["kind"]) == ("HN", "official")
    assert municipalities["HN1709"].official
    assert not municipalities["GT0101"].official


def test_a_municipality_that_the_file_lacks_keeps_its_cell(database: Database) -> None:
    replace(database, ADMIN, without=2)

    with database.reading() as session:
        municipalities = in_force(session)
    assert [unit.code for unit in municipalities.under("HN") if not unit.official] == ["HN0101", "HN0102"]


def test_a_second_set_closes_the_first(database: Database) -> None:
    replace(database, ADMIN)
    replace(database, ADMIN, source="COD-AB")

    with database.reading() as session:
        sets = session.scalars(select(BoundarySet).order_by(BoundarySet.id)).all()
        assert [(one.source, one.valid_to is None) for one in sets] == [("SINIT", False), ("COD-AB", True)]


def test_boundaries_cannot_begin_before_the_last(database: Database) -> None:
    replace(database, ADMIN)

    with pytest.raises(Invalid, match=r"boundaries\.before_the_last"):
        replace(database, ADMIN, valid_from=clock.today().replace(year=2020))


def test_half_a_country_is_refused(database: Database) -> None:
    with pytest.raises(Invalid, match=r"boundaries\.too_few"):
        replace(database, ADMIN, without=200)


def test_a_coordinator_replaces_no_country_beyond_her_territory(database: Database) -> None:
    with pytest.raises(Forbidden):
        replace(database, person("coordinator", scope="HN17"))
    with database.reading() as session:
        assert session.scalars(select(BoundarySet)).all() == []


@pytest.mark.services
def test_on_postgresql_shapes_and_points_are_real_geometry(tmp_path: Path) -> None:
    from shared.testing import database_of

    with database_of("territory", tmp_path, "postgresql") as database:
        replace(database, ADMIN)
        with database.transaction() as session:
            register(session)
        with database.reading() as session:
            kinds = session.execute(
                text("SELECT DISTINCT ST_GeometryType(geom), ST_SRID(geom) FROM boundary_shape")
            ).all()
            near = session.scalar(
                text(
                    "SELECT count(*) FROM copy_enterprise WHERE ST_DWithin(geom, ST_SetSRID(ST_MakePoint(-87.44, 13.42), 4326), 0.001)"
                )
            )
            indexes = session.scalars(text("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%USING gist%'")).all()
    assert kinds == [("ST_MultiPolygon", 4326)]
    assert near == 1
    assert {"ix_boundary_shape_geom", "ix_copy_enterprise_geom"} <= set(indexes)


def small_file() -> bytes:
    """Squares around most municipalities of El Salvador."""
    codes = [code for code in reference.municipalities() if code.startswith("SV")]
    return collection(*(feature(around(code, 0.02), code) for code in codes[:200]))


def run_jobs(service: SimpleNamespace) -> None:
    runner = next(loop for loop in service.built.worker.loops if loop.name == "territory-jobs")
    assert runner.run_due() == 1


def test_a_file_is_sent_read_confirmed_and_adopted(service: SimpleNamespace) -> None:
    def state(file_id: str) -> Any:
        return service.get(ADMIN, f"/boundary-files/{file_id}").json

    sent = service.call(
        ADMIN, "POST", "/boundary-files", data={"file": (io.BytesIO(small_file()), "../sv límites.geojson")}
    )
    assert sent.status_code == 202, sent.get_data(as_text=True)
    assert (sent.json["state"], sent.json["name"]) == ("reading", "sv límites.geojson")
    run_jobs(service)
    read = state(sent.json["id"])
    assert read["state"] == "read"
    assert read["reading"]["report"]["countries"]["SV"]["found"] == 200
    before = service.call(Caller.service("registry"), "POST", "/locations", json={"points": [SAN_LORENZO]}).json
    assert before["boundaries"] == "approximate"

    adopted = service.call(
        ADMIN, "PUT", f"/boundary-files/{read['id']}/adoption", json={"source": "CNR", "valid_from": "2026-01-01"},
        headers={"If-Match": f'"{read["version"]}"'},
    )  # fmt: skip
    assert adopted.status_code == 202, adopted.get_data(as_text=True)
    run_jobs(service)

    assert state(read["id"])["state"] == "adopted"
    sets = {row["country"]: row for row in service.get(ADMIN, "/boundaries").json["items"]}
    assert (sets["SV"]["kind"], sets["SV"]["source"], sets["SV"]["shapes"]) == ("official", "CNR", 200)
    assert len(service.get(ADMIN, "/boundary-files").json["items"]) == 1
    with service.database.reading() as session:
        assert len(session.scalars(select(BoundaryShape.code)).all()) == 200


def test_a_file_that_cannot_be_read_says_why_in_her_language(service: SimpleNamespace) -> None:
    sent = service.call(ADMIN, "POST", "/boundary-files", data={"file": (io.BytesIO(b"<OGRVRTDataSource/>"), "a.gpkg")})
    run_jobs(service)

    found = service.get(ADMIN, f"/boundary-files/{sent.json['id']}").json
    assert found["state"] == "unreadable"
    assert found["problem"]["code"] == "boundaries.format"
    assert "GeoPackage" in found["problem"]["detail"]
    refused = service.call(
        ADMIN, "PUT", f"/boundary-files/{found['id']}/adoption", json={"source": "x", "valid_from": "2026-01-01"},
        headers={"If-Match": f'"{found["version"]}"'},
    )  # fmt: skip
    assert (refused.status_code, refused.json["code"]) == (409, "boundaries.not_read")


def test_a_file_of_few_municipalities_goes_back_to_be_confirmed(service: SimpleNamespace) -> None:
    content = collection(feature(around("SV0101"), "SV0101"))
    sent = service.call(ADMIN, "POST", "/boundary-files", data={"file": (io.BytesIO(content), "a.geojson")}).json
    run_jobs(service)
    version = service.get(ADMIN, f"/boundary-files/{sent['id']}").json["version"]
    body = {"source": "x", "valid_from": "2026-01-01"}
    service.call(
        ADMIN, "PUT", f"/boundary-files/{sent['id']}/adoption", json=body, headers={"If-Match": f'"{version}"'}
    )
    run_jobs(service)

    found = service.get(ADMIN, f"/boundary-files/{sent['id']}").json
    assert found["state"] == "read"
    assert found["problem"]["code"] == "boundaries.too_few"


@pytest.mark.parametrize("role", ["technician", "planner", "leda_viewer", "auditor"])
def test_others_may_not_bring_boundaries(service: SimpleNamespace, role: str) -> None:
    sent = service.call(person(role), "POST", "/boundary-files", data={"file": (io.BytesIO(b"x"), "a.gpkg")})

    assert sent.status_code == 403


def test_adoption_needs_the_version_that_was_looked_at(service: SimpleNamespace) -> None:
    sent = service.call(ADMIN, "POST", "/boundary-files", data={"file": (io.BytesIO(small_file()), "a.geojson")}).json
    run_jobs(service)
    body, path = {"source": "x", "valid_from": "2026-01-01"}, f"/boundary-files/{sent['id']}/adoption"

    assert service.call(ADMIN, "PUT", path, json=body).status_code == 428
    assert service.call(ADMIN, "PUT", path, json=body, headers={"If-Match": '"99"'}).status_code == 412
    outside = person("coordinator", scope="HN17")
    version = service.get(ADMIN, f"/boundary-files/{sent['id']}").json["version"]
    refused = service.call(outside, "PUT", path, json=body, headers={"If-Match": f'"{version}"'})
    assert refused.status_code == 403


def command(service: SimpleNamespace, *arguments: str, typed: str = "") -> Any:
    house = SimpleNamespace(service=lambda _name: service.built)
    return CliRunner().invoke(group, list(arguments), obj=house, input=typed)


def test_the_command_shows_the_report_and_asks_before_it_adopts(service: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "sv.geojson"
    path.write_bytes(small_file())

    declined = command(service, "boundaries", "import", str(path), typed="n\n")
    assert "200 de 262" in declined.output
    assert declined.exit_code != 0
    done = command(service, "boundaries", "import", str(path), "--yes", "--map", "code=code", "--source", "CNR")
    assert done.exit_code == 0, done.output
    assert "SV: 200 límites oficiales en vigor." in done.output
    assert "official" in command(service, "boundaries", "list").output


@pytest.mark.parametrize("mapping", ["code", "=x", "colour=x", "code="])
def test_a_mapping_that_is_none_is_refused(service: SimpleNamespace, tmp_path: Path, mapping: str) -> None:
    path = tmp_path / "sv.geojson"
    path.write_bytes(b"{}")

    assert command(service, "boundaries", "import", str(path), "--map", mapping).exit_code == 2


def test_the_command_writes_a_report(service: SimpleNamespace, tmp_path: Path) -> None:
    done = command(service, "report", "HN1709", "-o", str(tmp_path / "informe.pdf"))

    assert done.exit_code == 0, done.output
    assert (tmp_path / "informe.pdf").read_bytes().startswith(b"%PDF")
