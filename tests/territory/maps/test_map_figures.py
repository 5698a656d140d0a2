"""What units show, on both databases: live by every filter, published by table, and links as they are listed."""

from datetime import date, timedelta

import pytest

from services.territory.models import MapLink
from services.territory.queries import views
from services.territory.queries.map_figures import Filters, Live, Published, places_of
from services.territory.queries.map_links import list_links, opened
from services.territory.rules.classes import Figure
from services.territory.use_cases.publish_figures import publish_figures
from services.territory.use_cases.share_map import revoke_link, share_map
from shared.database import Database
from shared.identity import Caller
from shared.kernel import NotFound, Refused, clock
from shared.links import signed
from tests.territory.conftest import form_group, lend, register

OPERATOR = Caller.operator("prueba")
KEY = b"a key of the test"


@pytest.fixture
def valle(database: Database) -> Database:
    with database.transaction() as session:
        many = register(session, 9, recorded_on=date(2024, 5, 2), tier="strategic")
        register(session, 6, "HN1701", chain="dairy", links=["processing"], needs=["market", "quality"], jobs_women=3)
        for enterprise in many[:6]:
            lend(session, enterprise)
        form_group(session, many[:5])
    return database


@pytest.mark.parametrize(
    ("measure", "filters", "day", "expected"),
    [
        ("enterprises", Filters(), None, (9, 6)),
        ("women", Filters(), None, (9, 18)),
        ("women", Filters(need="market"), None, (0, 18)),
        ("enterprises", Filters(chain="dairy", link="processing"), None, (0, 6)),
        ("enterprises", Filters(tier="strategic"), None, (9, 0)),
        ("enterprises", Filters(recorded_from=date(2025, 1, 1)), None, (0, 6)),
        ("enterprises", Filters(), date(2025, 12, 31), (9, 0)),
        ("trained", Filters(), None, (5, 0)),
        ("trained", Filters(), date(2026, 4, 30), (0, 0)),
        ("loans", Filters(), None, (6, 0)),
        ("loans", Filters(tier="strategic"), None, (6, 0)),
        ("loans", Filters(chain="dairy"), None, (0, 0)),
        ("loans", Filters(), date(2026, 4, 14), (0, 0)),
        ("open_loans", Filters(), date(2026, 4, 15), (6, 0)),
    ],
)
def test_live_figures(
    valle: Database, measure: str, filters: Filters, day: date | None, expected: tuple[int, int]
) -> None:
    with valle.reading() as session:
        found = Live(session, views.selected(OPERATOR, ["HN17"])).figures(measure, filters, day)

    assert (found["HN1709"], found["HN1701"]) == tuple(map(Figure, expected))
    assert len(found) == 9


def test_published_figures_are_those_of_the_tables(valle: Database) -> None:
    with clock.frozen(clock.now()):
        assert_published(valle)


def assert_published(valle: Database) -> None:
    with valle.transaction() as session:
        publish_figures(session, OPERATOR, "HN17")
    with valle.reading() as session:
        source = Published(session, views.selected(OPERATOR, ["HN17"]))

        assert source.published == clock.today().isoformat()[:7]
        assert source.figures("women", Filters(chain="dairy"))["HN1701"] == Figure(18)
        assert source.figures("enterprises", Filters(chain="dairy", link="processing"))["HN1701"] == Figure(6)
        assert source.chains(Filters())["HN1709"]["fishing"] == Figure(9)
        with pytest.raises(Refused, match=r"map\.filter_not_published"):
            source.figures("enterprises", Filters(tier="strategic"))
        with pytest.raises(NotFound, match=r"map\.not_published_then"):
            source.figures("enterprises", Filters(), clock.today() - timedelta(days=1))


def test_places_are_those_the_filters_let_pass(valle: Database) -> None:
    with valle.reading() as session:
        selection = views.selected(OPERATOR, ["HN17"])

        assert len(session.execute(places_of(selection, Filters(), on_map=True)).all()) == 15
        assert len(session.execute(places_of(selection, Filters(need="market"), on_map=False)).all()) == 6


def test_links_are_kept_listed_opened_and_revoked(valle: Database) -> None:
    with valle.transaction() as session:
        link = share_map(session, OPERATOR, unit="HN17", which={"kind": "symbols"}, purpose="Prueba",
                         language="es", expires_on=clock.today())  # fmt: skip
        link_id, token = link.id, signed(link.id, link.expires_on, KEY)
    with valle.reading() as session:
        (row,) = list_links(session, OPERATOR, KEY, limit=10, after=None).rows
        assert (row["token"], row["map"], row["state"]) == (token, {"kind": "symbols"}, "valid")
        assert opened(session, token, KEY).id == link_id
    with valle.transaction() as session:
        revoke_link(session, OPERATOR, link_id, version=1)
    with valle.reading() as session, pytest.raises(NotFound, match=r"map_link\.not_shown"):
        opened(session, token, KEY)
    with valle.reading() as session:
        assert session.get(MapLink, link_id).state == "revoked"  # type: ignore[union-attr]
