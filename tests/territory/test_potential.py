"""Potential: which chains can grow, how sure that is, what keeps their levels low, and who may know it of a few."""

from datetime import date

import pytest

from services.territory.queries.analyses.potential import GAPS
from shared.database import Database
from shared.events.registry import ProfileLevels
from shared.events.vocabulary import SUBJECTS
from shared.testing import person
from tests.territory.conftest import register
from tests.territory.test_analyses import found, row, rows

LEDA = person("leda_viewer", scope="HN17")


def profile(level: int, **others: int) -> ProfileLevels:
    return ProfileLevels(**dict.fromkeys(SUBJECTS, level) | others, score=50, assessed_on=date(2026, 5, 1))


@pytest.fixture
def levels(database: Database) -> Database:
    """Fishing stands at 3 but for credit, cashew at 1; two of honey are all that there is of it."""
    with database.transaction() as session:
        register(session, 6, profile=profile(3, credit=0), jobs_women=2)
        register(session, 2, profile=None)
        register(session, 8, "HN1701", chain="cashew", profile=profile(1))
        register(session, 2, "HN1701", chain="honey", profile=profile(4, quality=0))
        register(session, 5, "HN0601", chain="cashew", profile=profile(4))
    return database


def test_the_index_weighs_the_levels_and_says_of_how_many_it_is(levels: Database) -> None:
    told = found(levels, "potential")

    fishing = row(told, "chains", code="fishing")
    assert fishing["index"] == pytest.approx(100 * 3 * 8 / (4 * 9), abs=0.06), "eight of nine weights at 3, credit at 0"
    assert (fishing["here"], fishing["profiled"], fishing["covered"]) == (8, 6, 0.75)
    assert (fishing["rank"], fishing["sure"] < 0.05) == (2, True), "honey is better, though of two"
    assert row(told, "chains", code="cashew")["index"] == 25.0
    assert (told.n, told.coverage) == (18, pytest.approx(16 / 18))
    assert told.answer.startswith("Pesca y acuicultura es la cadena con más potencial de Valle: índice 67 de 100")


def test_levels_are_told_by_subject_and_the_lowest_become_demand(levels: Database) -> None:
    told = found(levels, "potential", chain="fishing")

    credit = row(told, "levels", code="fishing", subject="Acceso a crédito")
    assert (credit["mean"], credit["profiled"], credit["here"]) == (0.0, 6, 8)
    gap = rows(told, "gaps")[0]
    assert {key: gap[key] for key in GAPS if key not in ("chain", "subject")} == {
        "weak": 6, "women": 12, "profiled": 6, "here": 8, "weak_share": 1.0, "demand": "crédito",
    }  # fmt: skip
    assert {one["code"] for one in rows(told, "chains")} == {"fishing"}


def test_it_is_told_by_place_too_and_drawn(levels: Database) -> None:
    told = found(levels, "potential", chain="cashew")

    assert row(told, "cells", code="HN1701")["index"] == 25.0
    assert told.values["HN1701"] == 25
    assert told.values["HN1709"] is None


def test_levels_of_a_few_are_for_who_may_open_profiles(levels: Database) -> None:
    mine, hers = found(levels, "potential"), found(levels, "potential", LEDA)

    assert row(mine, "chains", code="honey")["index"] is not None
    honey = row(hers, "chains", code="honey")
    assert [honey[key] for key in ("index", "low", "high", "rank", "sure")] == [None] * 5
    assert [one["mean"] for one in rows(hers, "levels") if one["code"] == "honey"] == [None] * 7
    assert not [one for one in rows(hers, "gaps") if one["code"] == "honey"]
    assert any("se reserva" in note for note in hers.notes)
    assert row(hers, "chains", code="fishing")["index"] == row(mine, "chains", code="fishing")["index"]


def test_of_too_few_profiles_it_says_to_profile_first(database: Database) -> None:
    with database.transaction() as session:
        register(session, 2, profile=profile(2))

    assert "Primero levante perfiles" in found(database, "potential").answer
