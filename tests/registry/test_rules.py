"""Value chains, visit plans, merges and sealed values, computed without a database."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.rules.edited_forms import merge
from services.registry.rules.inventory import Person, Position, Profile
from services.registry.rules.visits import Stop, plan_visits
from services.registry.sealing import Sealer
from services.registry.tables import chains_on, visit_stops_on
from shared.events import vocabulary
from shared.testing import keyrings
from shared.tokens import Keyring, create_keys

DAY = date(2026, 3, 2)
PROFILE = Profile(name="Tienda", municipality="HN1709", activity="G", site="home", needs=("credit",))
PERSON = Person(given_names="Ana", surnames="Ficticia")


@pytest.mark.parametrize(
    ("products", "name", "sector", "chain"),
    [
        (["queso", "quesillo"], "", None, "dairy"),
        (["Maíz", "FRIJOLES", "queso"], "", None, "basic_grains"),
        (["pan dulce"], "", None, "food_processing"),
        (["jabón de sábila"], "", None, "personal_care"),
        (["semilla de marañón"], "", None, "cashew"),
        (["crema"], "", None, "dairy"),
        (["crema corporal"], "", None, "personal_care"),
        ([], "Apicultura La Reina", "A", "honey"),
        ([], "General Store", "G", "retail"),
        ([], "Doña Tita", "A", "other"),
        ([], "", None, "other"),
        (["panela"], "", None, "other"),
    ],
)
def test_products_tell_the_chain_before_the_name_and_the_name_before_the_sector(
    products: list[str], name: str, sector: str | None, chain: str
) -> None:
    assert chains_on(DAY).chain_of(products, name, sector) == chain


def test_the_tables_speak_of_known_codes_only() -> None:
    table = chains_on(DAY)
    assert {*table.words.values(), *table.sectors.values()} <= set(vocabulary.CHAINS)
    assert {stop.need for stop in visit_stops_on(DAY)} <= {None, *vocabulary.NEEDS}
    assert table is chains_on(date(1990, 1, 1))


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.sets(st.sampled_from(vocabulary.NEEDS)), st.integers(1, 36))
def test_a_plan_is_in_order_within_the_term_and_never_on_a_sunday(start: date, needs: set[str], months: int) -> None:
    visits = plan_visits(start, needs, visit_stops_on(start), months)
    days = [visit.due_on for visit in visits]
    assert days == sorted(set(days))
    assert all(start < day <= start + timedelta(days=months * 30 + 1) for day in days)
    assert all(day.isoweekday() != 7 for day in days)
    assert {need for visit in visits for need in visit.needs} <= needs


def test_visits_of_one_week_are_one_visit() -> None:
    stops = [Stop(14, "a"), Stop(20, "b", "market"), Stop(21, "c", "credit"), Stop(22, "d")]
    visits = plan_visits(date(2026, 3, 2), ["market"], stops, 12)
    assert [visit.purposes for visit in visits] == [("a", "b"), ("d",)]
    assert visits[0].needs == ("market",)


def test_an_edit_in_the_field_is_taken_where_nobody_changed_it_by_hand() -> None:
    before = (PROFILE, PERSON)
    by_hand = (replace(PROFILE, name="Tienda de Ana"), replace(PERSON, phone="22"))
    submitted = (replace(PROFILE, name="La Tienda", jobs_men=3), replace(PERSON, surnames="Corregida"))
    merged = merge(before, by_hand, submitted)
    assert merged.profile == replace(PROFILE, name="Tienda de Ana", jobs_men=3)
    assert merged.person == replace(PERSON, phone="22", surnames="Corregida")
    assert merged.kept == ("name",)


def test_an_edit_that_agrees_with_what_was_put_right_by_hand_is_no_conflict() -> None:
    right = replace(PROFILE, position=Position(-87.4, 13.4))
    assert merge((PROFILE, PERSON), (right, PERSON), (right, PERSON)).kept == ()
    untouched = merge((PROFILE, PERSON), (right, PERSON), (PROFILE, PERSON))
    assert (untouched.profile, untouched.kept) == (right, ())


def test_a_sealed_value_opens_only_where_it_belongs_and_only_with_its_keys(tmp_path: Path) -> None:
    sealer = Sealer.of(keyrings(tmp_path / "one")["registry"])
    create_keys(tmp_path / "two", "registry")
    other = Sealer.of(Keyring(tmp_path / "two", "registry"))
    sealed = sealer.seal(b"0101196303610", b"row")
    assert sealer.opened(sealed, b"row") == b"0101196303610"
    assert sealed != sealer.seal(b"0101196303610", b"row")
    for attempt in ((sealer, sealed, b"another"), (other, sealed, b"row"), (sealer, sealed[:-1] + b"x", b"row")):
        with pytest.raises(ValueError, match="does not open"):
            attempt[0].opened(attempt[1], attempt[2])
    assert sealer.fingerprint(b"x") == sealer.fingerprint(b"x") != other.fingerprint(b"x")
    assert "bytes" not in repr(sealer)
