"""Own tables on both databases: of each month the last publication, of each year the last month."""

from datetime import UTC, datetime
from typing import Any

from services.territory.models import OwnTable
from services.territory.queries import own_tables
from services.territory.queries.own_table_figures import MOST_MONTHS, Grid, grid_of, selection_of
from services.territory.rules.own_tables import Definition
from services.territory.use_cases.keep_own_table import change_table, keep_table
from services.territory.use_cases.publish_figures import ensure_published, publish_figures
from shared.database import Database
from shared.kernel import clock
from shared.testing import person
from tests.territory.conftest import register

COORDINATOR = person("coordinator", scope="HN17", subject="coordinadora")
BY_MONTH = {"measure": "enterprises", "rows": "month", "units": ["HN1709"]}


def publish(database: Database, month: str, *, more: int, anew: bool = False) -> None:
    """So many enterprises more, and a publication of the month with them."""
    with clock.frozen(datetime.fromisoformat(f"{month}-15T12:00:00+00:00").astimezone(UTC)):
        with database.transaction() as session:
            register(session, more)
            if anew:
                publish_figures(session, COORDINATOR, "HN17")
        ensure_published(database, COORDINATOR, ["HN17"])


def grid(database: Database, **asked: Any) -> Grid:
    definition = Definition.of(BY_MONTH | asked)
    with database.reading() as session:
        return grid_of(session, definition, selection_of(COORDINATOR, definition))


def values(found: Grid) -> dict[str, float | None]:
    return {row: cells[0].value for row, cells in zip(found.rows, found.cells, strict=True)}


def test_of_a_month_that_was_published_twice_the_last_counts(database: Database) -> None:
    publish(database, "2026-09", more=10)
    with clock.frozen(datetime(2026, 9, 20, tzinfo=UTC)), database.transaction() as session:
        register(session, 10)
        publish_figures(session, COORDINATOR, "HN17")
    publish(database, "2026-10", more=10)

    assert values(grid(database)) == {"2026-09": 20, "2026-10": 30}


def test_a_year_is_its_last_month_and_no_month_is_older_than_the_last_twelve(database: Database) -> None:
    months = [*(f"2025-{number:02}" for number in range(1, 13)), "2026-01", "2026-02"]
    for month in months:
        publish(database, month, more=10)

    assert list(values(grid(database))) == months[-MOST_MONTHS:]
    assert values(grid(database, rows="year")) == {"2025": 120, "2026": 140}


def test_by_year_nothing_is_told_that_by_month_is_withheld(database: Database) -> None:
    for month, more in (("2025-12", 10), ("2026-01", 2), ("2026-02", 30)):
        publish(database, month, more=more)

    assert values(grid(database)) == {"2025-12": None, "2026-01": 12, "2026-02": 42}
    assert values(grid(database, rows="year")) == {"2025": None, "2026": 42}


def test_a_department_that_was_not_published_then_shows_nothing_then(database: Database) -> None:
    publish(database, "2026-09", more=10)
    with clock.frozen(datetime(2026, 10, 15, tzinfo=UTC)):
        with database.transaction() as session:
            register(session, 9, "HN0601")
        ensure_published(database, COORDINATOR, ["HN06", "HN17"])
    definition = Definition.of({"measure": "enterprises", "rows": "month", "columns": "place", "level": "department",
                                "units": ["HN06", "HN17"]})  # fmt: skip
    both = person("leda_viewer", scope=("HN06", "HN17"))
    with database.reading() as session:
        found = grid_of(session, definition, selection_of(both, definition))

    assert [[cell.value for cell in cells] for cells in found.cells] == [[None, 10], [9, 10]]
    assert not any(cell.withheld for cells in found.cells for cell in cells)


def test_what_is_kept_comes_back_as_it_was_chosen(database: Database) -> None:
    definition = Definition.of({"measure": "women", "rows": "place", "link": "production", "units": ["HN17"]})
    with database.transaction() as session:
        kept = keep_table(session, COORDINATOR, title="Producción", definition=definition)
        table_id, version = kept.id, kept.version
    with database.transaction() as session:
        change_table(session, COORDINATOR, table_id, title="Producir", definition=definition, shared=True,
                     version=version)  # fmt: skip
    with database.reading() as session:
        found = session.get_one(OwnTable, table_id)
        assert own_tables.definition_of(found) == definition
        assert (found.title, found.shared, found.version) == ("Producir", True, 2)
        assert own_tables.how_many(session, COORDINATOR) == 1
