"""Migrations stay what they were: they use no rule that may change, and do today what the service does."""

import ast
from importlib import import_module
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services import registry
from services.registry.models import Enterprise
from services.registry.rules import searching
from services.registry.rules.chains import folded
from services.registry.rules.searching import Woman
from tests.registry.house import House
from tests.registry.test_profiles import STRONG, WEAK, profiled

VERSIONS = Path(registry.__file__).parent / "migrations" / "versions"
INDEX = import_module("services.registry.migrations.versions.0009_searching")
texts = st.text(st.characters(categories=("Lu", "Ll", "Nd", "Zs", "Po"), max_codepoint=0x24F), max_size=40)


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("0*.py")), ids=lambda path: path.stem)
def test_a_migration_uses_nothing_of_the_service_that_may_change(path: Path) -> None:
    told = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom | ast.Import)]
    modules = [node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name for node in told]
    assert [module for module in modules if module.startswith("services")] == []


@given(texts, texts, texts, st.sampled_from(["lenca", None]))
def test_the_words_of_records_of_before_are_those_of_today(name: str, who: str, phone: str, people: str | None) -> None:
    today = Woman(who, name, (phone, "9911-2233"), people, ("spa",))
    then = INDEX._Woman(f"{who} {name}", [*filter(None, [phone]), "9911-2233"], people, ["spa"])
    text, marks = searching.text_of(name, [today], [who]), searching.marks_of([today])
    assert (INDEX._text_of(name, [then], [who]), INDEX._marks_of([then])) == (text, marks)
    terms = INDEX._terms_of(text, marks)
    assert terms == searching.terms_of(text, marks)
    assert INDEX._vocabulary_of(terms) == searching.vocabulary_of(terms)
    assert INDEX._folded(name) == folded(name)


def test_profiles_of_before_are_told_as_those_of_today(house: House) -> None:
    step = import_module("services.registry.migrations.versions.0017_profiled")
    for levels in (STRONG, WEAK):
        profiled(house, house.register()["id"], levels)

    def told() -> dict[object, object]:
        with house.database.reading() as session:
            return {row.id: row.profiled for row in session.execute(select(Enterprise.id, Enterprise.profiled))}

    before = told()
    assert len([one for one in before.values() if one]) == 2
    with (
        house.database.engine.connect().execution_options(csem_write=True) as connection,
        connection.begin(),
        Operations.context(MigrationContext.configure(connection)),
    ):
        step.downgrade()
        step.upgrade()
    assert told() == before
