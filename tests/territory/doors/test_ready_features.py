"""What stands ready beside the copies says what the copies say, page by page, after every event."""

import itertools
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.models import CopyEnterprise, CopyFeature
from services.territory.queries import features, ready_features
from services.territory.queries.features import SIGHTS, Wanted
from services.territory.rules.features import BETWEEN, feature, last_of, text_of
from shared.database import Database
from shared.events.registry import EnterpriseChanged, EntrepreneurWithdrawn, Point
from shared.kernel import Invalid, uuid7
from tests.territory.conftest import facts, register, tell

EVERYWHERE = ("GT", "HN", "SV")
UNITS: list[tuple[str, ...]] = [EVERYWHERE, ("HN17",), ("GT0101", "HN1709"), ("SV",)]
BOXES = [
    None,
    (-87.45, 13.3, -87.2, 13.47),
    (-87.5, 13.3, -87.5, 13.3),
    (-180.0, -90.0, 180.0, 90.0),
    (0.0, 0.0, 1.0, 1.0),
]


@pytest.fixture
def coast(database: Database) -> Iterator[Session]:
    """Sixty enterprises along a coast, some at the same place, every fourth of a woman who is not on the map."""
    with database.transaction() as session:
        for number in range(60):
            place = number // 2
            register(
                session, 1, "HN1709" if number % 3 else "GT0101", consent_map=number % 4 != 0, jobs_women=number,
                point=Point(lon=-87.5 + place / 100, lat=13.3 + place / 170, accuracy_m=5.0),
            )  # fmt: skip
    with database.reading() as session:
        yield session


def ready(session: Session, sight: str, wanted: Wanted, limit: int) -> list[str]:
    """The texts of all pages, as one follows them."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = ready_features.page_of(session, SIGHTS[sight], wanted, limit=limit, after=after)
        texts = page.texts.split(BETWEEN) if page.texts else []
        assert len(texts) == page.number <= limit
        found += texts
        after = page.next
        if after is None:
            return found
        assert page.number == limit, "a page is followed by another only where it is full"


@pytest.mark.parametrize("sight", ["exact", "masked"])
def test_ready_pages_tell_what_pages_of_rows_tell(coast: Session, sight: str) -> None:
    for units, box in itertools.product(UNITS, BOXES):
        wanted = Wanted(units, box=box)
        rows = features.page_of(coast, SIGHTS[sight], wanted, limit=1_000, after=None).rows
        expected = [text_of(row, sight) for row in rows]
        if units == EVERYWHERE and box is None:
            assert len(expected) == (60 if sight == "exact" else 45)
        for limit in (7, len(expected) or 1, 1_000):
            assert ready(coast, sight, wanted, limit) == expected, (units, box, limit)


def test_pages_of_both_kinds_have_the_same_cursors(coast: Session) -> None:
    wanted = Wanted(EVERYWHERE)
    for sight in SIGHTS.values():
        rows = features.page_of(coast, sight, wanted, limit=7, after=None)
        assert ready_features.page_of(coast, sight, wanted, limit=7, after=None).next == rows.next
    with pytest.raises(Invalid):
        ready_features.page_of(coast, SIGHTS["exact"], wanted, limit=7, after="WzFd")


def test_only_what_is_asked_by_place_alone_is_ready() -> None:
    assert ready_features.is_ready(Wanted(("HN",), box=BOXES[1]))
    assert not ready_features.is_ready(Wanted(("HN",), equal={"chain": "fishing"}))
    assert not ready_features.is_ready(Wanted(("HN",), need="credit"))


def test_what_stands_ready_follows_every_event(database: Database) -> None:
    def kept(session: Session) -> dict[tuple[str, int, UUID], tuple[str, float, float, str]]:
        table = CopyFeature.__table__.c
        return {(row.sight, row.key, row.id): (row.municipality, row.lon, row.lat, row.told)
                for row in session.execute(select(*table))}  # fmt: skip

    def expected(session: Session) -> dict[tuple[str, int, UUID], tuple[str, float, float, str]]:
        session.expire_all()
        told = {}
        for one in session.scalars(select(CopyEnterprise)):
            places = {
                "exact": (one.place_key, one.lon, one.lat),
                "masked": (one.masked_key, one.masked_lon, one.masked_lat),
            }
            for sight, (key, lon, lat) in places.items():
                if key is not None and lon is not None and lat is not None:
                    row = {**vars(one), "lon": lon, "lat": lat}
                    told[sight, key, one.id] = (
                        one.municipality,
                        lon,
                        lat,
                        json.dumps(feature(row, sight), default=str),
                    )
        return told

    one = facts()
    with database.transaction() as session:
        changes: list[dict[str, Any]] = [
            {}, {"jobs_women": 4}, {"point": Point(lon=-87.1, lat=13.6, accuracy_m=3.0)}, {"consent_map": False},
            {"validation": "rejected"}, {"chain": "coffee"}, {"point": None}, {},
        ]  # fmt: skip
        sizes = []
        for change in changes:
            tell(session, EnterpriseChanged(facts=facts(enterprise_id=one.enterprise_id, **change)))
            found, hoped = kept(session), expected(session)
            assert found.keys() == hoped.keys(), change
            for key, (*place, text) in found.items():
                assert (*place, json.loads(text)) == (*hoped[key][:3], json.loads(hoped[key][3])), change
            sizes.append(len(found))
        assert sizes == [2, 2, 2, 1, 0, 2, 0, 2]
        tell(session, EntrepreneurWithdrawn(entrepreneur_id=uuid7(), enterprise_ids=[one.enterprise_id]))
        assert kept(session) == {}


def test_the_last_of_some_features_is_read_from_their_text() -> None:
    row = {"id": UUID(int=5), "lon": -87.5, "lat": 13.25, "municipality": 'HN"1709,\n', "place_state": "x", "chain": "ñ",
           "validation": "validated", "jobs_women": 1, "recorded_on": None}  # fmt: skip
    text = text_of(row, "masked")
    assert "\n" not in text
    assert last_of(BETWEEN.join([text, text_of({**row, "id": UUID(int=6)}, "masked")])) == (
        -87.5,
        13.25,
        str(UUID(int=6)),
    )
