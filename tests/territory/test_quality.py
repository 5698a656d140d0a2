"""Quality of the data: what records lack, by place and chain, and which the technical team visits first."""

from datetime import date, timedelta

from services.territory.queries.analyses.quality import ABSENT
from shared.database import Database
from shared.kernel import clock
from shared.testing import person
from tests.territory.conftest import register
from tests.territory.test_analyses import TECHNICIAN, found, row, rows
from tests.territory.test_potential import profile

LEDA = person("leda_viewer", scope="HN17")


def records(database: Database) -> str:
    """Four good records of San Lorenzo, and an old one of Nacaome that lacks nearly everything; its id comes back."""
    recent = clock.today() - timedelta(days=40)
    with database.transaction() as session:
        register(session, 4, recorded_on=recent, profile=profile(2), markets=["export"], started_year=2020)
        worst = register(
            session, 1, "HN1701", point=None, recorded_on=date(2020, 1, 1), validation="captured", needs=[]
        )
    return str(worst[0])


def test_each_place_has_its_shares_and_the_worst_comes_first(database: Database) -> None:
    records(database)

    told = found(database, "quality", TECHNICIAN)

    good = row(told, "units", code="HN1709")
    assert (good["here"], good["located"], good["precise"], good["profiled"]) == (4, 1.0, 1.0, 1.0)
    assert (good["recent"], good["stale"], good["median_m"]) == (1.0, 0, 8.0)
    bad = rows(told, "units")[0]
    assert (bad["code"], bad["located"], bad["validated"], bad["recent"]) == ("HN1701", 0.0, 0.0, 0.0)
    assert bad["precise"] is None, "without a point nothing is precise or not"
    assert told.values["HN1709"] > told.values["HN1701"]
    absent = {one["part"]: one["lacking"] for one in rows(told, "absent")}
    assert set(rows(told, "absent")[0]) == set(ABSENT)
    assert (absent["Ventas"], absent["Necesidades"]) == (1.0, 0.2)


def test_what_lacks_the_most_is_visited_first_by_the_technical_team_alone(database: Database) -> None:
    worst = records(database)

    visits = rows(found(database, "quality", TECHNICIAN), "visits")

    assert visits[0]["code"] == worst
    assert visits[0]["lacks"] == "punto, validación, perfil, visita reciente, datos por llenar"
    assert rows(found(database, "quality", LEDA), "visits") == []
    assert [one["code"] for one in rows(found(database, "quality", TECHNICIAN, chain="dairy"), "visits")] == []
