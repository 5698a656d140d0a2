"""A filter in CQL2 lets pass on both databases what plain Python says it lets pass, and says where it is wrong."""

import math
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import date, timedelta
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Date, Engine, Float, Integer, MetaData, String, Table, create_engine, select

from services.territory.queries.filtering import Columns, may_pass
from services.territory.rules.filtering import BadFilter, Kind, read_filter
from services.territory.rules.filtering.deciding import passing
from shared.testing import postgresql_url

PROPERTIES = {
    "chain": Kind.TEXT, "year": Kind.NUMBER, "jobs": Kind.NUMBER, "formal": Kind.TRUTH, "day": Kind.DAY,
    "geometry": Kind.SHAPE,
}  # fmt: skip
DAY = date(2026, 3, 10)
ROWS: list[dict[str, Any]] = [
    {
        "id": number,
        "chain": ("coffee", "Coffee", "cashew", "fish_ing", "100%")[number % 5],
        "year": None if number % 4 == 0 else 2000 + number % 7,
        "jobs": number % 6,
        "formal": number % 3 == 0,
        "day": DAY + timedelta(days=number % 9),
        "lon": -88 + (number % 8) / 4,
        "lat": 13 + (number % 5) / 4,
    }
    for number in range(60)
]
table = Table(
    "row", MetaData(), Column("id", Integer, primary_key=True), Column("chain", String), Column("year", Integer),
    Column("jobs", Integer), Column("formal", Boolean), Column("day", Date), Column("lon", Float), Column("lat", Float),
)  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with postgresql_url() if request.param == "postgresql" else nullcontext("sqlite://") as url:
        opened = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        table.metadata.create_all(opened)
        with opened.begin() as connection:
            connection.execute(table.insert(), ROWS)
        yield opened
        opened.dispose()


def found(engine: Any, node: Any) -> list[int]:
    """The ids that pass: what SQL lets through, decided once more as the API does."""
    columns = Columns({name: table.c[name] for name in PROPERTIES if name != "geometry"}, table.c.lon, table.c.lat,
                      engine.dialect.name)  # fmt: skip
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(table).where(may_pass(node, columns))).mappings()]
    for row in rows:
        row["geometry"] = shapely.Point(row["lon"], row["lat"])
    return sorted(row["id"] for row, passes in zip(rows, passing(node, rows), strict=True) if passes)


# An evaluator of its own: from CQL2 JSON, without a line of the product.
def truth(node: Any, row: dict[str, Any]) -> Any:
    if not isinstance(node, dict):
        return node
    if "property" in node:
        return row[node["property"]] if node["property"] != "geometry" else (row["lon"], row["lat"])
    if "date" in node:
        return date.fromisoformat(node["date"])
    if "bbox" in node or "type" in node or "interval" in node:
        return node
    op, args = node["op"], node["args"]
    if op == "isNull":
        return truth(args[0], row) is None
    if op in {"and", "or"}:
        values = [truth(arg, row) for arg in args]
        if (op == "or") in values:
            return op == "or"
        return None if None in values else op == "and"
    if op == "not":
        value = truth(args[0], row)
        return None if value is None else not value
    if op == "s_intersects":
        lon, lat = row["lon"], row["lat"]
        if "bbox" in args[1]:
            west, south, east, north = args[1]["bbox"]
            return west <= lon <= east and south <= lat <= north
        return in_triangle((lon, lat), args[1]["coordinates"][0][:3])
    if op == "t_during":
        begin, end = (date.fromisoformat(edge) for edge in args[1]["interval"])
        return begin < row["day"] < end
    if op == "in":
        return truth(args[0], row) in args[1]
    values = [truth(arg, row) for arg in args]
    if None in values:
        return None
    a, b = values[0], values[-1]
    if op == "between":
        return values[1] <= a <= b
    if op == "like":
        return like(a, b)
    if op in {"casei", "accenti"}:
        return a.lower() if op == "casei" else a
    if op in {"/", "%", "div"} and b == 0:
        return None
    return {
        "=": lambda: a == b, "<>": lambda: a != b, "<": lambda: a < b, "<=": lambda: a <= b, ">": lambda: a > b,
        ">=": lambda: a >= b, "+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b,
        "%": lambda: math.fmod(a, b), "div": lambda: math.trunc(a / b), "t_before": lambda: a < b,
        "t_after": lambda: a > b,
    }[op]()  # fmt: skip


def like(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(like(text[cut:], pattern[1:]) for cut in range(len(text) + 1))
    if pattern[0] == "\\" and len(pattern) > 1:
        return text[:1] == pattern[1] and like(text[1:], pattern[2:])
    return bool(text) and pattern[0] in {"_", text[0]} and like(text[1:], pattern[1:])


def in_triangle(point: tuple[float, float], corners: list[list[float]]) -> bool:
    (x, y), signs = point, set()
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        signs.add((cross > 0) - (cross < 0))
    return not {1, -1} <= signs


def prop(name: str) -> dict[str, str]:
    return {"property": name}


TEXTS = st.sampled_from(["coffee", "Coffee", "COFFEE", "cashew", "fish_ing", "100%", "z"])
NUMBERS = st.recursive(
    st.one_of(st.integers(-3, 8).map(float), st.sampled_from([prop("year"), prop("jobs")])),
    lambda inner: st.tuples(st.sampled_from(["+", "-", "*", "%", "div"]), inner, inner).map(
        lambda told: {"op": told[0], "args": [told[1], told[2]]}),
    max_leaves=4,
)  # fmt: skip
EDGES = st.sampled_from([-88.5, -88.0, -87.5, -87.25, -86.0]), st.sampled_from([12.5, 13.0, 13.25, 13.75, 14.5])
CORNERS = st.lists(st.tuples(*EDGES).map(list), min_size=3, max_size=3, unique_by=tuple).filter(
    lambda c: (c[1][0] - c[0][0]) * (c[2][1] - c[0][1]) != (c[1][1] - c[0][1]) * (c[2][0] - c[0][0])
)
SHAPES = st.one_of(
    st.tuples(*EDGES, *EDGES).map(lambda e: {"bbox": [min(e[0], e[2]), min(e[1], e[3]), max(e[0], e[2]), max(e[1], e[3])]}),
    CORNERS.map(lambda c: {"type": "Polygon", "coordinates": [[*c, c[0]]]}),
)  # fmt: skip
DAYS = st.integers(-2, 11).map(lambda days: (DAY + timedelta(days=days)).isoformat())
PATTERNS = st.sampled_from(
    ["co%", "%e", "_ashew", "fish\\_%", "fish_ing", "100\\%", "%", "C%", "*", "[c]offee", "co?fee"]
)
LEAVES = st.one_of(
    st.tuples(st.sampled_from(["=", "<>", "<", ">="]), TEXTS).map(lambda t: {"op": t[0], "args": [prop("chain"), t[1]]}),
    st.tuples(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), NUMBERS, NUMBERS).map(lambda t: {"op": t[0], "args": [*t[1:]]}),
    st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda t: {"op": "between", "args": [*t]}),
    PATTERNS.map(lambda p: {"op": "like", "args": [prop("chain"), p]}),
    PATTERNS.map(lambda p: {"op": "like", "args": [{"op": "casei", "args": [prop("chain")]}, {"op": "casei", "args": [p]}]}),
    st.lists(TEXTS, min_size=1, max_size=3).map(lambda t: {"op": "in", "args": [prop("chain"), t]}),
    st.sampled_from(["year", "chain"]).map(lambda n: {"op": "isNull", "args": [prop(n)]}),
    st.booleans().map(lambda b: {"op": "=", "args": [prop("formal"), b]}),
    st.just(prop("formal")),
    TEXTS.map(lambda t: {"op": "=", "args": [{"op": "casei", "args": [prop("chain")]}, {"op": "casei", "args": [t]}]}),
    st.tuples(st.sampled_from(["t_before", "t_after", "=", "<="]), DAYS).map(lambda t: {"op": t[0], "args": [prop("day"), {"date": t[1]}]}),
    st.tuples(DAYS, DAYS).map(lambda t: {"op": "t_during", "args": [prop("day"), {"interval": sorted(t)}]}),
    SHAPES.map(lambda s: {"op": "s_intersects", "args": [prop("geometry"), s]}),
)  # fmt: skip
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), inner, inner).map(lambda t: {"op": t[0], "args": [t[1], t[2]]}),
        inner.map(lambda one: {"op": "not", "args": [one]}),
    ),
    max_leaves=5,
)


@given(FILTERS)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_passes_is_what_an_independent_evaluator_says(engine: Engine, plain: Any) -> None:
    expected = [row["id"] for row in ROWS if truth(plain, row) is True]
    node = read_filter(plain, PROPERTIES) if isinstance(plain, dict) else plain

    assert found(engine, node) == expected


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("chain = 'coffee' AND jobs >= 3", lambda row: row["chain"] == "coffee" and row["jobs"] >= 3),
        ("NOT chain LIKE 'c%'", lambda row: not row["chain"].startswith("c")),
        ("CASEI(chain) IN (CASEI('COFFEE'))", lambda row: row["chain"].lower() == "coffee"),
        ("ACCENTI(chain) = ACCENTI('cófféé')", lambda row: row["chain"] == "coffee"),
        ("year BETWEEN 2001 AND 2003", lambda row: row["year"] in {2001, 2002, 2003}),
        ("year IS NULL OR formal", lambda row: row["year"] is None or row["formal"]),
        ("jobs ^ 2 + 1 > 10 / jobs", lambda row: row["jobs"] and row["jobs"] ** 2 + 1 > 10 / row["jobs"]),
        ("(jobs + 1) * 1e12 / 1e6 > 3e6", lambda row: row["jobs"] > 2),
        ("formal = (jobs + 1 > 2)", lambda row: row["formal"] == (row["jobs"] > 1)),
        ("formal = S_INTERSECTS(geometry, POLYGON((-88 13,-87 13,-87 14,-88 13)))", lambda row: row["formal"] == in_triangle((row["lon"], row["lat"]), [[-88, 13], [-87, 13], [-87, 14]])),
        ("day >= DATE('2026-03-12')", lambda row: row["day"] >= date(2026, 3, 12)),
        ("T_INTERSECTS(day, INTERVAL('2026-03-11', '..'))", lambda row: row["day"] >= date(2026, 3, 11)),
        ("T_DISJOINT(day, INTERVAL('2026-03-11', '2026-03-12'))", lambda row: row["day"].day not in {11, 12}),
        ("S_WITHIN(geometry, POLYGON((-88 13,-87 13,-87 14,-88 14,-88 13)))", lambda row: -88 < row["lon"] < -87 and 13 < row["lat"] < 14),
        ("S_TOUCHES(geometry, POLYGON((-88 13,-87 13,-87 14,-88 14,-88 13)))", lambda row: (row["lon"] in {-88, -87} and row["lat"] <= 14) or (row["lat"] in {13, 14} and row["lon"] <= -87)),
        ("NOT S_DISJOINT(geometry, BBOX(-88,13,-87.75,13.25))", lambda row: row["lon"] <= -87.75 and row["lat"] <= 13.25),
        ("S_EQUALS(geometry, POINT(-88 13))", lambda row: (row["lon"], row["lat"]) == (-88, 13)),
    ],
)  # fmt: skip
def test_text_is_read_as_it_is_written(engine: Engine, text: str, ids: Any) -> None:
    expected = [row["id"] for row in ROWS if ids(row)]
    assert 0 < len(expected) < len(ROWS)

    assert found(engine, read_filter(text, PROPERTIES)) == expected


HUGE = "(((1e12 ^ 4) ^ 4) ^ 4 + jobs)"
"""More than a double holds."""


@pytest.mark.parametrize(
    "op", ["div 1 > 0", "div 1 <= 0", "% 7 > 0", "/ 1 > 0", "* 0 = 0", "- 1 > 0", "+ 1 BETWEEN 0 AND 1"]
)
def test_what_becomes_too_large_is_unknown_on_both_databases(engine: Engine, op: str) -> None:
    for text in (f"{HUGE} {op}", f"NOT {HUGE} {op}"):
        assert found(engine, read_filter(text, PROPERTIES)) == []
    assert found(engine, read_filter(f"jobs = 1 OR {HUGE} {op}", PROPERTIES)) == [
        row["id"] for row in ROWS if row["jobs"] == 1
    ]


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("chain = ", "filter.syntax", 9),
        ("chain = 'coffee' AND\n  jobs >", "filter.syntax", 30),
        ("jobs > 1 AND owner = 'x'", "filter.property", 14),
        ("chain = 3", "filter.kind", 9),
        ("jobs = 'many'", "filter.kind", 9),
        ("chain = NULL", "filter.value", 9),
        ("jobs > 1e300", "filter.value", None),
        ("day = DATE('2026-02-30')", "filter.value", 13),
        ("T_AFTER(day, INTERVAL('2026-03-02', '2026-03-01'))", "filter.value", None),
        ("S_INTERSECTS(geometry, BBOX(3,2,1,4))", "filter.geometry", 24),
        ("S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))", "filter.geometry", 24),
        ("S_INTERSECTS(geometry, POINT(200 1))", "filter.geometry", 24),
        ("S_INTERSECTS(BBOX(1,1,2,2), BBOX(1,1,2,2))", "filter.arguments", 1),
        ("pg_sleep(10) = 1", "filter.operator", 1),
        ("jobs + 1", "filter.kind", None),
        ("jobs ^ 99 > 1", "filter.value", None),
        ("((((((((jobs > 1", "filter.too_deep", 7),
        ("\"'\" = ((((((((jobs > 1", "filter.too_deep", None),
        ("'((((((((' = chain", None, None),
        ("jobs > 1 AND " * 800 + "jobs > 1", "filter.too_long", None),
        ("jobs > 1 AND " * 400 + "jobs > 1", "filter.too_deep", None),
        ("A_CONTAINS(chain, ('x'))", "filter.operator", 1),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, code: str | None, position: int | None) -> None:
    if code is None:
        read_filter(text, PROPERTIES)
        return
    with pytest.raises(BadFilter) as refused:
        read_filter(text, PROPERTIES)
    assert refused.value.code == code
    assert position is None or refused.value.facts["position"] == position


@pytest.mark.parametrize(
    ("plain", "place"),
    [
        ({"op": "and", "args": [True, {"op": "=", "args": [prop("owner"), 1]}]}, "/args/1/args/0"),
        ({"op": "and", "args": [True]}, "/args"),
        ({"op": ["and"], "args": [True, True]}, "/"),
        ({"op": "=", "args": {"0": 1}}, "/"),
        ({"op": "in", "args": [prop("chain"), [1]]}, "/args/1"),
        ({"op": "=", "args": [prop("chain"), [["x"]]]}, "/args/1"),
        ({"op": "s_intersects", "args": [prop("geometry"), {"type": "Polygon", "coordinates": [[["x"]]]}]}, "/args/1"),
        ({"op": "s_intersects", "args": [prop("geometry"), {"bbox": [1, 2, True, 4]}]}, "/args/1"),
    ],
)  # fmt: skip
def test_json_that_is_no_filter_is_refused_at_its_pointer(plain: Any, place: str) -> None:
    with pytest.raises(BadFilter) as refused:
        read_filter(plain, PROPERTIES)
    assert refused.value.facts["position"] == place


@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5), st.just(prop("geometry")), st.just(prop("jobs"))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.fixed_dictionaries({"op": st.sampled_from(["and", "=", "in", "like", "s_within", "t_meets", "^", "isNull"]),
                               "args": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"type": st.sampled_from(["Polygon", "Point", "x"]), "coordinates": inner}),
        st.fixed_dictionaries({"interval": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"bbox": inner}), st.fixed_dictionaries({"date": inner}),
    ), max_leaves=12))  # fmt: skip
def test_whatever_comes_is_read_or_refused(plain: Any) -> None:
    with suppress(BadFilter):
        read_filter(plain if isinstance(plain, dict) else {"op": "not", "args": [plain]}, PROPERTIES)


@given(
    st.lists(st.sampled_from(["a", "b", "%", "_", "\\%", "\\_"]), max_size=8).map("".join), st.text("ab%_", max_size=8)
)
def test_a_pattern_fits_as_an_independent_evaluator_says(pattern: str, text: str) -> None:
    node = read_filter({"op": "like", "args": [prop("chain"), pattern]}, PROPERTIES)

    assert passing(node, [{"chain": text}]) == [like(text, pattern)]


def test_a_pattern_of_many_gaps_stops_nobody() -> None:
    """Tried in every way, forty gaps in a name that does not fit would take longer than anybody lives."""
    node = read_filter({"op": "like", "args": [prop("chain"), "%a" * 40 + "%b"]}, PROPERTIES)

    assert passing(node, [{"chain": "a" * 60}, {"chain": "a" * 60 + "b"}]) == [False, True]
