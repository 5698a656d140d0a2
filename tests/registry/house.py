"""A registry to test with: the real service, beside a territory that answers by the official polygons."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import shapely
from flask.testing import FlaskClient
from werkzeug.wrappers import Request, Response

from services.registry.app import build
from services.registry.use_cases.import_inventory import begin_import
from services.registry.work import Directly
from shared.bus.tables import event_log
from shared.database import Database
from shared.identity import Caller
from shared.service import Service
from shared.testing import DATA, headers, person, settings_of
from shared.tokens import Keyring
from shared.web import Peers

API = "/api/registry/v1"
EXPORT = DATA / "field_forms" / "kobo_export_xml_values.xlsx"
COORDINATOR = person("coordinator", subject="coordinadora", name="Coordinadora de prueba")
TECHNICIAN = person("technician", subject="tecnica", name="Técnica de prueba")


@dataclass
class TerritoryBeside:
    """Territory as seen over HTTP: it answers `POST /locations`, or is away."""

    away: bool = False
    asked: list[int] = field(default_factory=list)
    accuracies: list[float | None] = field(default_factory=list)
    snapped_m: float | None = None
    answer: Callable[[float, float, str], tuple[str | None, bool]] = lambda _lon, _lat, declared: (declared, False)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        if self.away:
            return Response("", 503)(environ, start_response)
        assert request.path == "/api/territory/v1/locations"
        assert request.headers["Authorization"].startswith("Bearer ")
        points = json.loads(request.get_data())["points"]
        assert len(points) <= 1000
        self.asked.append(len(points))
        self.accuracies += [point["accuracy_m"] for point in points]
        places = []
        for point in points:
            found, contradicts = self.answer(point["lon"], point["lat"], point["municipality"])
            place = {"municipality": found, "contradicts": contradicts, "distance_radii": 0.5}
            places.append(place | {"snapped_m": self.snapped_m})
        body = json.dumps({"boundaries": "official", "places": places})
        return Response(body, content_type="application/json")(environ, start_response)


@cache
def _polygons() -> tuple[shapely.STRtree, list[str], list[Any]]:
    import geopandas

    frame = geopandas.read_file(DATA / "boundaries" / "gt_sv_hn_admin.gpkg", layer="adm2")
    frame = frame[frame["kind"] == "municipality"]
    shapes = list(frame.geometry)
    return shapely.STRtree(shapes), list(frame["adm2_code"]), shapes


def by_official_polygons(lon: float, lat: float, declared: str) -> tuple[str | None, bool]:
    """The municipality a point lies in, the declared one where polygons overlap."""
    tree, codes, _ = _polygons()
    point = shapely.Point(lon, lat)
    found = [codes[i] for i in tree.query(point, predicate="intersects")] or [codes[tree.nearest(point)]]
    return (declared if declared in found else found[0]), declared not in found


@dataclass
class House:
    """The registry, its database, and how people speak to it."""

    service: Service
    keys: dict[str, Keyring]
    territory: TerritoryBeside

    @property
    def database(self) -> Database:
        return self.service.database

    @property
    def context(self) -> Any:
        return self.service.web.extensions["context"]

    @property
    def web(self) -> FlaskClient:
        return self.service.web.test_client()

    def call(
        self, method: str, path: str, caller: Caller = COORDINATOR, *, version: int | None = None, **options: Any
    ) -> Any:
        extra = {} if version is None else {"If-Match": f'"{version}"'}
        return self.web.open(API + path, method=method, headers=headers(self.keys, caller, **extra), **options)

    def upload(
        self, content: bytes, *, dry_run: bool = False, caller: Caller = TECHNICIAN, name: str = "kobo.xlsx"
    ) -> Any:
        form = {"file": (io.BytesIO(content), name), "dry_run": "true" if dry_run else "false"}
        return self.call("POST", "/imports", caller, data=form, content_type="multipart/form-data")

    def directly(self, caller: Caller = TECHNICIAN) -> Directly:
        return Directly(caller, self.database.transaction, self.database.reading)

    def take_in(self, content: bytes, *, dry_run: bool = False, caller: Caller = TECHNICIAN) -> dict[str, Any]:
        """Import in this process; comes back with the import as the API shows it."""
        work = self.directly(caller)
        with work.transaction() as session:
            run = begin_import(session, caller, name="kobo.xlsx", sha256="0" * 64, dry_run=dry_run)
        self.context.work.take_in(work, run.id, content)
        shown: dict[str, Any] = self.call("GET", f"/imports/{run.id}", caller).json
        return shown

    def report(self, content: bytes, **options: Any) -> dict[str, Any]:
        shown = self.take_in(content, **options)
        assert shown["state"] == "done", shown
        return shown["report"]

    def settle(self, country: str | None = None) -> int:
        changed: int = self.context.work.settle(self.directly(), country)
        return changed

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """The log: the third and fourth words of each type, and the data."""
        with self.database.reading() as session:
            rows = session.execute(event_log.select().order_by(event_log.c.seq)).mappings().all()
        return [(row["type"].split(".")[3], row["data"]) for row in rows]

    def register(self, *, caller: Caller = TECHNICIAN, **changes: Any) -> dict[str, Any]:
        """A new enterprise over the API."""
        answer = self.call("POST", "/enterprises", caller, json=enterprise(**changes))
        assert answer.status_code == 201, answer.json
        body: dict[str, Any] = answer.json
        return body

    def enterprise_id(self, index: int = 0) -> UUID:
        rows = self.call("GET", "/enterprises?limit=200").json["items"]
        return UUID(rows[index]["id"])


def open_house(database: Database, keys: dict[str, Keyring], home: Path, **environ: str) -> House:
    territory = TerritoryBeside()
    address = database.url.replace("+psycopg", "")
    settings = settings_of("registry", home, CSEM_KEYS=str(home / "keys"), CSEM_DATABASE_URL=address, **environ)
    service = build(settings, keys["registry"], Peers(settings, keys["registry"], {"territory": territory}))
    return House(service, keys, territory)


def enterprise(**changes: Any) -> dict[str, Any]:
    """A complete body for a new enterprise; the woman in it is invented."""
    body: dict[str, Any] = {
        "name": "Quesillos «La Esperanza»",
        "municipality": "HN1709",
        "point": {"lon": -87.447, "lat": 13.424, "accuracy_m": 6.0, "source": "device"},
        "site": "home",
        "activity": "C",
        "links": ["production", "processing"],
        "needs": ["credit", "quality"],
        "started_year": 2015,
        "jobs_women": 3,
        "jobs_men": 1,
        "sales": {"amount": "12500.00", "currency": "HNL"},
        "formal": False,
        "products": [{"name": "Queso", "unit": "libra", "price": {"amount": "60.00", "currency": "HNL"}}],
        "owner": {
            "given_names": "María Ficticia",
            "surnames": "Inventada Prueba",
            "id_kind": "dni",
            "id_number": "1709-1980-00123",
            "born_on": "1980-05-17",
            "phone": "98765432",
            "people": "lenca",
            "consents": {
                "registry": True,
                "credit": True,
                "map": False,
                "given_on": "2026-03-01",
                "channel": "office",
            },
        },
    }
    return body | changes
