"""Bodies that have nothing wrong with them are read quickly, and as strictly as all others."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from deploy.bench.ours import EnterpriseIn
from deploy.bench.table import new_enterprise
from shared.incoming import check_text, parse_json
from shared.kernel import Invalid
from shared.web import Input, fields
from shared.web.schemas import InvalidFields, load, reader

GOOD = json.loads(new_enterprise())
ODD = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    st.lists(st.integers() | st.text(max_size=3), max_size=3),
    st.sampled_from(["HN1709", "cashew", "2026-02-30", "2026-02-28", "1e3", "", " ", GOOD["owner_id"].upper()]),
    st.sampled_from([{"amount": "1.00", "currency": "GTQ"}, {"amount": 1, "currency": "GTQ"}, {"amount": "1"}, {}]),
)


class Nested(Input):
    name = fields.String(maximum=5, required=True)
    tags = fields.List(fields.String(maximum=3), load_default=list)


class Outer(Input):
    inner = fields.Nested(Nested, required=True)
    rows = fields.List(fields.Nested(Nested), maximum=2, load_default=None, allow_none=True)


def outcome(read: Any) -> Any:
    try:
        return read()
    except (InvalidFields, ValidationError) as refused:
        return type(refused) in {InvalidFields, ValidationError}


@given(st.dictionaries(st.sampled_from([*GOOD, "unknown"]), ODD, max_size=3), st.sets(st.sampled_from([*GOOD])))
def test_a_body_is_read_or_refused_as_marshmallow_does(changed: dict[str, Any], absent: set[str]) -> None:
    body = {name: value for name, value in (GOOD | changed).items() if name not in absent or name in changed}
    schema = reader(EnterpriseIn)
    assert repr(outcome(lambda: load(schema, body))) == repr(outcome(lambda: schema.load(body)))


INNER = st.fixed_dictionaries({}, optional={"name": ODD, "tags": ODD, "more": ODD}) | ODD


@given(st.fixed_dictionaries({}, optional={"inner": INNER, "rows": st.lists(INNER, max_size=3) | ODD}) | ODD)
def test_what_is_nested_is_read_as_strictly(body: Any) -> None:
    schema = reader(Outer)
    assert repr(outcome(lambda: load(schema, body))) == repr(outcome(lambda: schema.load(body)))


def test_two_bodies_never_share_a_default() -> None:
    schema = reader(Nested)
    load(schema, {"name": "a"})["tags"].append("x")
    assert load(schema, {"name": "b"})["tags"] == []


@given(
    st.dictionaries(st.text(max_size=4), st.text(max_size=8) | st.lists(st.text(max_size=4)), max_size=4), st.booleans()
)
def test_a_body_is_hostile_in_whatever_way_it_is_written(value: Any, escaped: bool) -> None:
    try:
        body = json.dumps(value, ensure_ascii=escaped).encode()
    except UnicodeEncodeError:
        return
    expected = refused(lambda: check_text(json.loads(body)))
    assert refused(lambda: parse_json(body)) == expected


def refused(read: Any) -> str:
    try:
        read()
    except Invalid as invalid:
        return invalid.code
    return ""


@pytest.mark.parametrize("size", [10_000, 10_001])
def test_the_longest_text_is_10000_characters(size: int) -> None:
    body = json.dumps({"name": "ñ" * size}, ensure_ascii=False).encode()
    assert refused(lambda: parse_json(body)) == ("" if size == 10_000 else "text.too_long")
