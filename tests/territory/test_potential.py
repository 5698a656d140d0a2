"""Potential: which chains can grow, how sure that is, what keeps their levels low, and who may know it of a few."""

import re
from datetime import date
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.house import House
from services.territory.cli import group
from services.territory.queries.analyses.potential import GAPS
from services.territory.use_cases.announce_gaps import Announced, announce_everywhere, announce_gaps
from shared.bus.tables import event_log
from shared.database import Database
from shared.events.registry import EnterpriseChanged, ProfileLevels
from shared.events.territory import GapsFound
from shared.events.vocabulary import SUBJECTS
from shared.kernel import Forbidden
from shared.testing import person
from tests.portal.conftest import text_of
from tests.territory.conftest import facts, register, tell
from tests.territory.test_analyses import found, row, rows
from tests.territory.test_pages import browser, house

__all__ = ["house"]

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


def test_two_places_asked_together_tell_no_levels_that_one_of_them_withholds(database: Database) -> None:
    """Six times the whole less five times San Lorenzo would be the one woman of Nacaome."""
    with database.transaction() as session:
        register(session, 5, profile=profile(3))
        register(session, 1, "HN1701", profile=profile(0))
        register(session, 4, "HN1703", profile=profile(1))

    one, all_of_it = (found(database, "potential", LEDA, *units) for units in (("HN1709",), ("HN17",)))
    for told in (one, all_of_it):
        assert row(told, "chains", code="fishing")["index"] == 75.0
        assert {each["mean"] for each in rows(told, "levels")} == {3.0}
        assert {each["profiled"] for each in rows(told, "levels")} == {5}
        assert not rows(told, "gaps")
    assert [each["index"] for each in rows(all_of_it, "cells")] == [75.0, None, None]
    pair = found(database, "potential", LEDA, "HN1701", "HN1703")
    assert row(pair, "chains", code="fishing")["index"] is None
    mine = found(database, "potential")
    assert row(mine, "chains", code="fishing")["profiled"] == 10
    assert {each["weak"] for each in rows(mine, "gaps")} == {5}
    assert {each["profiled"] for each in rows(mine, "gaps")} == {10}


def test_gaps_of_a_larger_place_add_up_those_that_its_municipalities_tell(database: Database) -> None:
    with database.transaction() as session:
        register(session, 6, profile=profile(3, credit=0))
        register(session, 5, "HN1701", profile=profile(3, credit=1), jobs_women=2)
        register(session, 4, "HN1703", profile=profile(3, credit=1))
    hers, mine = (rows(found(database, "potential", caller), "gaps") for caller in (LEDA, COORDINATOR))

    assert [(one["weak"], one["women"], one["profiled"], one["here"]) for one in hers] == [(11, 16, 11, 15)]
    assert [(one["weak"], one["women"], one["profiled"], one["here"]) for one in mine] == [(15, 20, 15, 15)]


def test_an_index_tells_nothing_of_one_whose_profile_lacks_something(database: Database) -> None:
    with database.transaction() as session:
        register(session, 5, profile=profile(3))
        half = ProfileLevels(market=0, quality=1, score=10, assessed_on=date(2026, 5, 1))
        register(session, 1, profile=half)
    told = found(database, "potential", LEDA)

    assert sorted(one["profiled"] for one in rows(told, "levels")) == [5] * 5 + [6] * 2
    assert row(told, "chains", code="fishing")["index"] is None
    assert row(found(database, "potential"), "chains", code="fishing")["index"] == 75.0


def test_of_too_few_profiles_it_says_to_profile_first(database: Database) -> None:
    with database.transaction() as session:
        register(session, 2, profile=profile(2))

    assert "Primero levante perfiles" in found(database, "potential").answer


COORDINATOR = person("coordinator", scope="HN17")


def announced(session: Session) -> list[tuple[str, str, dict[str, int]]]:
    """What was told of gaps: municipality, chain, and how many are weak in each subject."""
    rows = session.execute(
        select(event_log.c.data).where(event_log.c.type == GapsFound.type).order_by(event_log.c.seq)
    ).scalars()
    return [
        (data["unit"], data["chain"], {gap["subject"]: gap["enterprises"] for gap in data["gaps"]}) for data in rows
    ]


def test_gaps_of_enough_are_announced_once_and_again_only_when_they_change(levels: Database) -> None:
    with levels.transaction() as session:
        assert announce_gaps(session, COORDINATOR) == Announced(2, 0)
    with levels.reading() as session:
        told = announced(session)
    assert told[0] == ("HN1701", "cashew", dict.fromkeys(SUBJECTS, 8))
    assert told[1] == ("HN1709", "fishing", {"credit": 6})
    with levels.transaction() as session:
        assert announce_gaps(session, COORDINATOR) == Announced(0, 2)
    with levels.transaction() as session:
        register(session, 1, profile=profile(4, credit=1))
        assert announce_gaps(session, COORDINATOR, ["HN17"]) == Announced(1, 1)
        assert announced(session)[-1] == ("HN1709", "fishing", {"credit": 7})


def test_a_gap_of_too_few_is_told_to_nobody_and_one_that_shrank_to_it_is_taken_back(database: Database) -> None:
    with database.transaction() as session:
        ids = register(session, 5, profile=profile(3, market=1))
        register(session, 4, "HN1701", profile=profile(0))
        announce_gaps(session, COORDINATOR)
        assert announced(session) == [("HN1709", "fishing", {"market": 5})]
        tell(session, EnterpriseChanged(facts=facts(enterprise_id=ids[0], profile=profile(3))))
        announce_gaps(session, COORDINATOR)
        assert announced(session)[-1] == ("HN1709", "fishing", {})


def test_the_night_announces_everywhere_and_a_person_only_in_her_territory(levels: Database) -> None:
    with levels.transaction() as session:
        register(session, 6, "HN0601", chain="honey", profile=profile(0))
        with pytest.raises(Forbidden):
            announce_gaps(session, COORDINATOR, ["HN06"])
        announce_gaps(session, COORDINATOR)
        assert not [place for place, _, _ in announced(session) if place == "HN0601"]
    done = announce_everywhere(SimpleNamespace(transaction=levels.transaction))
    assert done == {"announced": 1, "unchanged": 2}


def test_the_api_lists_and_announces_by_role(service: SimpleNamespace) -> None:
    technician = person("technician", scope="HN17")
    with service.database.transaction() as session:
        register(session, 6, profile=profile(3, credit=0))
    assert service.call(technician, "POST", "/gaps/announcements", json={}).status_code == 403
    assert service.call(COORDINATOR, "POST", "/gaps/announcements", json={"unit": ["HN06"]}).status_code == 403
    assert service.get(technician, "/gaps").json["items"] == []
    done = service.call(COORDINATOR, "POST", "/gaps/announcements", json={})
    assert (done.status_code, done.json) == (200, {"announced": 1, "unchanged": 0})
    shown = service.get(technician, "/gaps?unit=HN1709").json["items"]
    assert shown[0]["gaps"] == [{"subject": "credit", "enterprises": 6, "women": 6, "known": 6}]
    assert service.get(person("planner", scope="HN17"), "/gaps").status_code == 403
    place = SimpleNamespace(service=lambda _name: service.built)
    for words, said in ((("list", "HN17"), "credit 6/6"), (("announce", "HN17"), "0 anunciados, 1 sin cambio")):
        run = CliRunner().invoke(group, ("gaps", *words), obj=place, catch_exceptions=False)
        assert said in run.output


def test_a_coordinator_announces_on_the_page_and_others_read_it(house: House) -> None:
    with house.service("territory").database.transaction() as session:
        register(session, 6, profile=profile(3, credit=0))
    coordinator, technician = browser(house, "coordinator"), browser(house, "technician")
    assert "no se ha anunciado nada" in text_of(coordinator.get("/territory/gaps"))
    assert coordinator.post("/territory/gaps").status_code == 303
    assert "cambió algo de 1 cadenas" in text_of(coordinator.get("/territory/gaps"))
    shown = text_of(technician.get("/territory/gaps"))
    assert "San Lorenzo, Valle" in shown
    assert "Anunciar ahora" not in shown
    assert technician.post("/territory/gaps").status_code == 403
    assert browser(house, "planner").get("/territory/gaps").status_code == 403


def test_the_page_draws_each_level_with_its_limits_and_says_them_in_numbers(house: House) -> None:
    with house.service("territory").database.transaction() as session:
        register(session, 6, profile=profile(3, credit=0))
        register(session, 6, profile=None)
        register(session, 1, chain="honey", profile=profile(4))
    page = browser(house, "technician").get("/territory/analyses/potential")
    drawn = page.text.partition("A qué altura está cada cadena")[2].partition("</table>")[0]
    assert drawn.count('fill="url(#level-3)"') == 6 + 7, "fishing at 3 in all but credit, honey at 4"
    assert drawn.count('fill="url(#level-0)"') == 1
    assert {f"level-{number}" for number in range(4)} <= set(re.findall(r'<pattern id="([^"]+)"', page.text))
    cells = re.findall(r"<strong>([^<]+)</strong>.*?small soft\">([^<]+)</span>", drawn)
    assert len(cells) == 14
    low, _, high = cells[7][1].partition(" a ")
    assert (cells[7][0], low) == ("0", "0")
    assert 0 < float(high) < 4, "six of twelve are known"
    assert drawn.count("pocos: léase con cuidado") == 7, "of one honey keeper"
    leda = browser(house, "leda_viewer").get("/territory/analyses/potential")
    hers = leda.text.partition("A qué altura está cada cadena")[2].partition("</table>")[0]
    assert hers.count("<svg") == 7, "of one honey keeper nothing is told"
