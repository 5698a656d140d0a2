"""What was made faster says what it said before."""

import types
from datetime import UTC, date, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events
from shared.events import CATALOGUE, registry, schema_of, training  # noqa: F401 - fills the catalogue

from shared.events import credit, territory  # noqa: F401 - fills the catalogue  # isort: skip
from shared.kernel import CURRENCIES, Money

PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(blacklist_categories=["Cs"]), max_size=20),
    int: st.integers(-(2**31), 2**31),
    float: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-90, 90),
    bool: st.booleans(),
    UUID: st.uuids(),
    date: st.dates(date(1900, 1, 1)),
    datetime: st.datetimes(datetime(1990, 1, 1), timezones=st.just(UTC)),
    Money: st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(CURRENCIES)),
}


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return st.none() | values_of(next(arg for arg in get_args(hint) if arg is not type(None)))
    if origin is list:
        return st.lists(values_of(get_args(hint)[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(PLAIN[str], values_of(get_args(hint)[1]), max_size=3)
    return PLAIN[hint] if hint in PLAIN else instances_of(hint)


def instances_of(cls: type[Any]) -> st.SearchStrategy[Any]:
    return st.builds(cls, **{name: values_of(h) for name, h in get_type_hints(cls).items() if name != "type"})


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_the_payload_of_every_event_is_what_its_schema_dumps_and_loads(name: str) -> None:
    @given(instances_of(CATALOGUE[name]))
    def holds(event: events.Event) -> None:
        payload = event.payload()
        assert payload == schema_of(type(event)).dump(event)
        assert events.load(name, payload) == event

    holds()


ODD = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just({}), st.just([])),
    *(st.just("2026-13-01"), st.just("20260101"), st.just("2026-W01-1"), st.just("2026-01-01T00:00:00"), st.just("1")),
    *(st.just(Ellipsis), st.just({"amount": 1.5, "currency": "GTQ"}), st.just({"amount": "1", "currency": "EUR"})),
    st.just("urn:uuid:018f6f3a-8e2b-7c11-9d5a-1f2e3d4c5b6a"),
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Any:
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from leaves(inner, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """A copy of `value` with `odd` in one place; an ellipsis takes the place away."""
    if not path:
        return odd
    copy = value.copy()
    if len(path) == 1 and odd is ...:
        del copy[path[0]]
    else:
        copy[path[0]] = replaced(value[path[0]], path[1:], odd)
    return copy


def outcome(load: Any, payload: Any) -> Any:
    try:
        return load(payload)
    except Exception as error:  # noqa: BLE001 - which one is what is compared
        return type(error)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_payload_with_something_odd_in_it_is_read_or_refused_as_the_schema_does(name: str) -> None:
    @given(instances_of(CATALOGUE[name]), st.data())
    def holds(event: events.Event, data: st.DataObject) -> None:
        payload = event.payload()
        path = data.draw(st.sampled_from([path for path in leaves(payload) if path]))
        odd = replaced(payload, path, data.draw(ODD))
        fast = outcome(lambda given: events.load(name, given), odd)
        slow = outcome(schema_of(type(event)).load, odd)
        assert repr(fast) == repr(slow), (path, odd)

    holds()
