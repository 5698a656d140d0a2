"""No operation of territory tells a true place to who may not know it, nor that somebody is there who did not agree."""

import re
import struct
from collections.abc import Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile, is_zipfile

import pytest

from services.territory.rules.access import MASKED_POINTS, PUBLISHED_FIGURES
from shared.events.registry import Point
from shared.identity import Caller
from shared.testing import person
from shared.web import Operation, operations_of
from tests.territory.conftest import lend, register
from tests.web.corpus import valid_body

LONS = [-87.4412345 - number / 1000 for number in range(14)]
LAT = 13.4287651
ASKED = {
    "unit": "HN17",
    "inside": "HN17",
    "since": "2026-03-01",
    "until": "2026-06-01",
    "second": "women",
    "to": "market",
}
PLACES = {"municipality": "HN1709", "department": "HN17", "code": "HN1709"}
TILES = [(0, 0, 0), (8, 118, 65), (11, 946, 526), (13, 3787, 2105), (14, 7575, 4211)]


@pytest.fixture
def coast(service: SimpleNamespace) -> SimpleNamespace:
    """Fourteen enterprises, the last four of women who did not agree to be on the map."""
    service.ids = []
    with service.database.transaction() as session:
        for number, lon in enumerate(LONS):
            service.ids += register(session, 1, point=Point(lon=lon, lat=LAT, accuracy_m=3.0), consent_map=number < 10)
        lend(session, service.ids[0])
    return service


def answers(service: SimpleNamespace, caller: Caller) -> Iterator[tuple[str, bytes]]:
    """What each operation that reads answers this caller: the address and the body."""
    for operation in operations_of(service.built.web):
        if operation.method != "GET" or not operation.allow & caller.roles:
            continue
        for path in paths(operation, service.ids):
            for query in queries(operation):
                answer = service.get(caller, path, query_string=query)
                assert answer.status_code < 500, f"{path} {query}: {answer.text}"
                yield f"{path} {query} {answer.status_code}", answer.get_data()


def paths(operation: Operation, ids: list[Any]) -> Iterator[str]:
    if "<int:zoom>" in operation.path:
        for zoom, row, column in TILES:
            yield re.sub("<int:zoom>.*", f"{zoom}/{row}/{column}", operation.path)
        return
    for one in (ids[0], ids[-1]) if "<uuid:" in operation.path else ("x",):
        yield re.sub(r"<(?:\w+:)?(\w+)>", lambda found, one=one: PLACES.get(found[1], str(one)), operation.path)


def queries(operation: Operation) -> Iterator[dict[str, Any]]:
    """What is needed, inside Valle; once for each thing that may be chosen from a list."""
    if operation.query is None:
        yield {"limit": "200"} if operation.paged else {}
        return
    known = operation.query().fields
    plain = {name: value for name, value in valid_body(operation.query).items() if known[name].required}
    plain |= {name: value for name, value in ASKED.items() if name in {"unit", "inside"} and name in known}
    yield plain
    for name in ("kind", "format", "at", "method", "show", "level"):
        for choice in known[name].metadata.get("enum", ()) if name in known else ():
            needed = {one: value for one, value in ASKED.items() if one in known and choice in {"change", "bivariate"}}
            yield {**plain, **needed, name: choice}


def pieces(body: bytes) -> Iterator[bytes]:
    yield body
    if is_zipfile(BytesIO(body)):
        with ZipFile(BytesIO(body)) as packed:
            yield from (packed.read(name) for name in packed.namelist())


@pytest.mark.parametrize("role", sorted((MASKED_POINTS | PUBLISHED_FIGURES) - {"admin"}))
def test_no_true_place_and_nobody_who_did_not_agree_is_told(coast: SimpleNamespace, role: str) -> None:
    places = [text for number in (*LONS, LAT) for text in (f"{number:.7f}"[:-2].encode(), struct.pack("<d", number))]
    silent = [str(one).encode() for one in coast.ids[10:]]
    heard = 0
    for address, body in answers(coast, person(role, scope="HN17")):
        heard += b"200" in address.encode()[-3:]
        told = [one for piece in pieces(body) for one in places if one in piece]
        assert not told, f"{role} {address}: {told[:3]!r}"
        assert not [one for one in silent if one in body], f"{role} {address}"
    assert heard > 20, "it asked for something"


def test_the_technical_team_is_told_them(coast: SimpleNamespace) -> None:
    """What the test above looks for can be found."""
    found = [address for address, body in answers(coast, person("technician", scope="HN17"))
             if f"{LONS[0]:.7f}"[:-2].encode() in body or struct.pack("<d", LONS[0]) in body]  # fmt: skip
    assert any("/points" in address for address in found)
    assert any("/items" in address for address in found)
    assert any("gpkg" in address for address in found)
