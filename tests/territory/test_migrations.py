"""Migrations stay what they were: they bring today's code no work, and today's code changes nothing in them."""

import ast
import importlib.util
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from services import territory
from services.territory.models import CopyCell, CopyEnterprise, CopyFeature
from shared.database import Database
from tests.territory.conftest import register

VERSIONS = Path(territory.__file__).parent / "migrations" / "versions"
DRAWN = ("id", "place_key", "masked_lon", "masked_lat", "masked_key")


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("0*.py")), ids=lambda path: path.stem)
def test_a_migration_uses_nothing_of_the_service_that_may_change(path: Path) -> None:
    told = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom | ast.Import)]
    modules = [node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name for node in told]
    assert [module for module in modules if module.startswith("services")] == []


def loaded(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, VERSIONS / f"{name}.py")
    assert spec
    assert spec.loader
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    return migration


def test_what_was_known_before_is_told_as_what_came_since(database: Database) -> None:
    migration, features = loaded("0016_features"), CopyFeature.__table__
    with database.transaction() as session:
        register(session, 3, jobs_women=2, formal=True)
        register(session, 2, "HN1701", consent_map=False)
        register(session, 2, point=None)

        def told() -> list[Any]:
            return sorted(map(tuple, session.execute(select(features)).all()))

        before = told()
        session.execute(delete(features))
        migration.tell(session.connection())
        assert told() == before
        assert len(before) == 8


def test_what_was_known_before_is_drawn_as_what_came_since(database: Database) -> None:
    migration = loaded("0010_drawn_places")
    cells = CopyCell.__table__
    with database.transaction() as session:
        register(session, 3, jobs_women=2)
        register(session, 2, "HN1701", consent_map=False)
        register(session, 2, point=None)

        def drawn() -> tuple[list[Any], list[Any]]:
            columns = [getattr(CopyEnterprise, name) for name in DRAWN]
            places: list[tuple[UUID, ...]] = sorted(map(tuple, session.execute(select(*columns)).all()))
            return places, sorted(map(tuple, session.execute(select(cells)).all()))

        before = drawn()
        session.execute(update(CopyEnterprise).values(dict.fromkeys(DRAWN[1:])))
        session.execute(delete(cells))
        migration.draw(session.connection())
        session.expire_all()
        assert drawn() == before
        assert len(before[1]) > 5
