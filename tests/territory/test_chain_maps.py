"""The chain map of a place: from events to figures by link, reasons in words, and purchases that leave."""

import io
import re
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import numpy as np
import openpyxl
import pytest

from services.territory import reference
from services.territory.queries import inventory
from services.territory.queries.inventory import known
from services.territory.rules.templates import placed
from shared.database import Database
from shared.events.registry import EnterpriseChanged, EntrepreneurWithdrawn, ProfileLevels, SalesOfYear, Trade
from shared.events.vocabulary import CHAINS, LINKS
from shared.kernel import Money
from shared.testing import person
from tests.territory.conftest import _positions, facts, register, tell

pytestmark = pytest.mark.both_databases

TECHNICIAN = person("technician", scope="HN17")
PATH = "/chains/map?unit=HN1709"


def of_year(low: str, high: str | None) -> SalesOfYear:
    return SalesOfYear(low=Money.parse(low, "HNL"), high=None if high is None else Money.parse(high, "HNL"))


def bought(from_id: UUID | None, share: int | None) -> Trade:
    return Trade(side="supplier", kind="enterprise" if from_id else "shop", enterprise_id=from_id, share=share)


def furnish(session: Any) -> dict[str, UUID]:
    """San Lorenzo: seven fish, one sells; nobody processes and nobody sells them nets. Choluteca knows how it is done."""
    register(session, 6, links=["production"], jobs_women=2, jobs_men=1)
    nets = register(session, 1, "HN1701", links=["inputs"], activity="1394")[0]
    tell_her = facts(
        links=["production"],
        jobs_women=4,
        profile=ProfileLevels(credit=1, market=3, assessed_on=date(2026, 5, 1)),
        sales=of_year("38400.00", "115200.00"),
        trade=[bought(nets, 60), bought(None, 30)],
    )
    tell(session, EnterpriseChanged(facts=tell_her))
    seller = facts(links=["marketing"], jobs_women=1, sales=of_year("768000.00", None))
    tell(session, EnterpriseChanged(facts=seller))
    for links in (["inputs"], ["processing"], ["marketing"], ["production"]):
        register(session, 5, "HN0601", links=links, jobs_women=2)
    return {"nets": nets, "her": tell_her.enterprise_id, "seller": seller.enterprise_id}


@pytest.fixture
def furnished(service: SimpleNamespace) -> SimpleNamespace:
    with service.database.transaction() as session:
        service.ids = furnish(session)
    return service


def fishing(service: SimpleNamespace, caller: Any = TECHNICIAN, path: str = PATH) -> dict[str, Any]:
    told: dict[str, Any] = service.get(caller, path).json
    return next(row for row in told["chains"] if row["chain"] == "fishing")


def link_of(chain: dict[str, Any], link: str) -> dict[str, Any]:
    return next(row for row in chain["links"] if row["link"] == link)


def test_each_link_says_who_stands_there_with_jobs_sales_and_levels(furnished: SimpleNamespace) -> None:
    chain = fishing(furnished)
    production = link_of(chain, "production")
    assert (production["enterprises"], production["jobs_women"], production["jobs_men"]) == (7, 16, 6)
    assert production["women_share"] == pytest.approx(16 / 22)
    assert production["sales"] == [
        {
            "low": {"amount": "38400.00", "currency": "HNL"},
            "middle": {"amount": "76800.00", "currency": "HNL"},
            "high": {"amount": "115200.00", "currency": "HNL"},
            "known": 1,
            "open": 0,
        }
    ]
    assert link_of(chain, "marketing")["sales"][0]["high"] is None, "her band is open above"
    levels = {one["subject"]: one for one in production["levels"]}
    assert (levels["market"]["mean"], levels["market"]["known"], levels["market"]["few"]) == (3.0, 1, True)
    assert levels["market"]["coverage"] == pytest.approx(1 / 7)
    assert (levels["quality"]["mean"], levels["quality"]["known"]) == (None, 0)
    assert (chain["enterprises"], chain["jobs_women"], chain["unlinked"]) == (8, 17, 0)


def test_missing_and_scarce_links_are_told_with_the_reason_in_words(furnished: SimpleNamespace) -> None:
    chain = fishing(furnished)
    assert [row["link"] for row in chain["links"] if row["state"] == "missing"] == ["inputs", "processing"]
    assert chain["completeness"] == 0.5
    assert chain["judgement"] == "bottleneck"
    scarce = link_of(chain, "marketing")
    assert (scarce["bottleneck"], scarce["narrow"]) == (True, False)
    assert any("Comercialización" in reason for reason in scarce["reasons"])
    missing = link_of(chain, "processing")["reasons"][0]
    assert missing.startswith("Nadie está en Transformación")
    assert "eviscerado" in missing
    english = furnished.get(TECHNICIAN, PATH, headers={"Accept-Language": "en"}).json["chains"][0]
    assert link_of(english, "processing")["reasons"][0].startswith("Nobody stands at Processing")


def test_what_is_bought_outside_the_place_leaks_and_inside_the_department_it_does_not(
    furnished: SimpleNamespace,
) -> None:
    with furnished.database.transaction() as session:
        tell(session, EnterpriseChanged(facts=facts(links=["production"], trade=[bought(furnished.ids["seller"], 20)])))
    leaks = fishing(furnished)["leakage"]
    assert (leaks["enterprises"], leaks["known"]) == (9, 2)
    assert leaks["share"] == pytest.approx(60 / 80)
    assert leaks["coverage"] == pytest.approx(80 / 900)
    department = fishing(furnished, path="/chains/map?unit=HN17")["leakage"]
    assert department["share"] == 0.0


def test_inputs_that_nobody_of_the_place_sells_are_named(furnished: SimpleNamespace) -> None:
    nets = {one["code"]: one["sellers"] for one in link_of(fishing(furnished), "production")["inputs"]}
    assert nets["nets"] == 0
    around = fishing(furnished, path="/chains/map?unit=HN17")
    assert {one["code"]: one["sellers"] for one in link_of(around, "production")["inputs"]}["nets"] == 1


def test_who_names_no_link_stands_where_her_class_does_and_the_map_says_how_many(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 2, chain="coffee", links=[], activity="1079")
        register(session, 3, chain="other", links=[], activity="0127")
        register(session, 1, chain="coffee", links=[], activity="9602")
    [coffee] = service.get(TECHNICIAN, PATH).json["chains"]
    assert (coffee["enterprises"], coffee["unlinked"]) == (6, 1)
    assert (coffee["chain_of_class"], coffee["links_of_class"]) == (3, 5)
    assert link_of(coffee, "processing")["enterprises"] == 2
    assert link_of(coffee, "production")["enterprises"] == 3


def test_one_chain_can_be_asked_for_and_an_empty_territory_has_none(furnished: SimpleNamespace) -> None:
    assert furnished.get(TECHNICIAN, f"{PATH}&chain=coffee").json["chains"] == []
    assert furnished.get(TECHNICIAN, f"{PATH}&chain=nothing").status_code == 422
    empty = furnished.get(TECHNICIAN, "/chains/map?unit=HN1702").json
    assert (empty["enterprises"], empty["chains"]) == (0, [])


@pytest.mark.parametrize("role", ["planner", "organization", "committee_member", "cashier", "admin"])
def test_who_gets_published_figures_only_gets_no_chain_map(furnished: SimpleNamespace, role: str) -> None:
    for path in (PATH, "/chains/map/table?unit=HN1709"):
        assert furnished.get(person(role, scope="HN"), path).status_code == 403


@pytest.mark.parametrize("unit", ["HN06", "GT", "HN0601"])
def test_what_lies_outside_her_territory_is_refused(furnished: SimpleNamespace, unit: str) -> None:
    assert furnished.get(TECHNICIAN, f"/chains/map?unit={unit}").status_code == 403


def test_the_table_is_exactly_what_is_shown_as_csv_and_as_a_workbook(furnished: SimpleNamespace) -> None:
    text = furnished.get(TECHNICIAN, "/chains/map/table?unit=HN1709").data.decode("utf-8-sig")
    lines = text.strip().split("\r\n")
    assert len(lines) == 1 + len(LINKS)
    assert lines[0].startswith("Cadena;Eslabón;La cadena lo necesita;Estado;Emprendimientos;Mujeres ocupadas")
    assert any(line.startswith("Pesca y acuicultura;Producción;sí;presente;7;16;6;") for line in lines)
    answer = furnished.get(TECHNICIAN, "/chains/map/table?unit=HN1709&format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in sheet[4]][:6] == ["Pesca y acuicultura", "Producción", "sí", "presente", 7, 16]


def test_an_event_shows_in_the_next_answer(furnished: SimpleNamespace) -> None:
    assert fishing(furnished)["enterprises"] == 8
    with furnished.database.transaction() as session:
        tell(session, EntrepreneurWithdrawn(entrepreneur_id=UUID(int=1), enterprise_ids=[furnished.ids["her"]]))
    assert fishing(furnished)["enterprises"] == 7
    with furnished.database.transaction() as session:
        register(session, 1, links=["processing"])
    assert link_of(fishing(furnished), "processing")["state"] == "present"


def test_an_event_that_comes_late_shows_too(furnished: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fishing(furnished)["enterprises"] == 8
    monkeypatch.setitem(_positions, "registry", 0)
    with furnished.database.transaction() as session:
        register(session, 1, links=["processing"])
    assert fishing(furnished)["enterprises"] == 9


def test_the_arrays_say_what_the_copies_say_row_by_row(database: Database) -> None:
    with database.transaction() as session:
        ids = furnish(session)
    with database.reading() as session:
        told = known(session, ["HN1709"])
        assert known(session, ["HN17"]) is told, "kept while nothing changed"
    row = told.ids.index(ids["her"])
    assert told.units[told.told.unit[row]] == "HN1709"
    assert CHAINS[told.told.chain[row]] == "fishing"
    assert told.told.levels[row].tolist() == [1, -1, 3, -1, -1, -1, -1]
    assert (told.told.sales_low[row], told.told.sales_high[row]) == (3_840_000, 11_520_000)
    hers = told.trades.row == row
    assert told.trades.share[hers].tolist() == [60, 30]
    assert [u if u < 0 else told.units[u] for u in told.trades.unit[hers].tolist()] == ["HN1701", -1]
    assert told.ids[told.trades.partner[hers][0]] == ids["nets"]


def test_what_an_event_made_old_is_kept_no_longer(database: Database) -> None:
    for _ in range(3):
        with database.transaction() as session:
            furnish(session)
        with database.reading() as session:
            known(session, ["HN17"])
            known(session, ["SV"])
    assert sorted(key[1] for key in inventory._kept) == [("HN",), ("SV",)]


def test_shares_of_more_than_all_she_buys_are_not_known(database: Database) -> None:
    with database.transaction() as session:
        tell(session, EnterpriseChanged(facts=facts(trade=[bought(None, 80), bought(None, 30)])))
        told = known(session, ["HN"])
    assert told.trades.share.tolist() == [-1, -1]


def test_rows_are_placed_as_the_rule_places_each(database: Database) -> None:
    said = [
        (chain, links, activity)
        for chain in ("coffee", "other", "retail", "dairy")
        for links in ([], ["marketing"], ["inputs", "production"])
        for activity in ("", "A", "0127", "1079", "4721", "9602")
    ]
    with database.transaction() as session:
        made = [facts(chain=chain, links=links, activity=activity) for chain, links, activity in said]
        for one in made:
            tell(session, EnterpriseChanged(facts=one))
        told = known(session, ["HN"])
    places = {one: row for row, one in enumerate(told.ids)}
    classes = reference.chain_edition().classes
    for one, (chain, links, activity) in zip(made, said, strict=True):
        row, expected = places[one.enterprise_id], placed(chain, links, activity, classes)
        assert CHAINS[told.told.chain[row]] == expected.chain
        assert {LINKS[at] for at in np.flatnonzero(told.told.at[row])} == set(expected.links)
        assert (told.chain_of_class[row], told.links_of_class[row]) == (
            expected.chain_of_class,
            expected.links_of_class,
        )


LEDA = person("leda_viewer", scope="HN17")


def levels_of(chain: dict[str, Any], link: str) -> dict[str, Any]:
    return {one["subject"]: one for one in link_of(chain, link)["levels"]}


@pytest.mark.parametrize("role", ["leda_viewer", "credit_officer", "trainer"])
def test_one_woman_s_sales_levels_and_purchases_are_told_to_nobody_who_may_not_open_her_profile(
    furnished: SimpleNamespace, role: str
) -> None:
    reader = person(role, scope="HN17")
    for path in (PATH, "/chains/map?unit=HN17", "/chains/map"):
        chain = fishing(furnished, reader, path)
        assert [one["sales"] for one in (chain, *chain["links"])] == [[]] * 6
        told = [one for link in chain["links"] for one in link["levels"]]
        assert {one[name] for one in told for name in ("mean", "low", "high")} == {None}
        assert {name: chain["leakage"][name] for name in ("share", "coverage", "least", "most")} == dict.fromkeys(
            ("share", "coverage", "least", "most")
        )
    for form in ("csv", "xlsx"):
        file = furnished.get(reader, f"/chains/map/table?unit=HN1709&format={form}").data
        for hers in (b"38400", b"115200", b"768000"):
            assert hers not in file
    text = furnished.get(reader, "/chains/map/table?unit=HN1709").data.decode("utf-8-sig")
    assert ";7;16;6;" in text, "the counts stay"


def profiled(session: Any, count: int, unit: str, level: int, **known: Any) -> None:
    levels = ProfileLevels(market=level, assessed_on=date(2026, 5, 1))
    register(session, count, unit, profile=levels, sales=of_year(f"{level + 1}000.00", f"{level + 2}000.00"), **known)


def test_two_places_asked_together_tell_nothing_that_one_of_them_withholds(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        profiled(session, 5, "HN1709", 3)
        profiled(session, 1, "HN1701", 0)
    alone, both = (fishing(service, LEDA, f"/chains/map?unit={units}") for units in ("HN1709", "HN17"))

    assert levels_of(alone, "production")["market"]["mean"] == 3.0
    assert (both["enterprises"], levels_of(both, "production")["market"]["mean"]) == (6, 3.0)
    assert levels_of(both, "production")["market"]["known"] == 5
    assert both["sales"] == alone["sales"]
    assert both["sales"][0]["known"] == 5
    assert fishing(service, TECHNICIAN, "/chains/map?unit=HN17")["sales"][0]["known"] == 6


def test_the_links_of_a_chain_tell_nothing_of_a_few_beside_the_whole_chain(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        profiled(session, 5, "HN1709", 3, links=["production"])
        profiled(session, 1, "HN1709", 0, links=["marketing"])
        profiled(session, 5, "HN1701", 2, links=["production"])
        profiled(session, 5, "HN1701", 1, links=["production", "marketing"])
    here, there = (fishing(service, LEDA, f"/chains/map?unit={unit}") for unit in ("HN1709", "HN1701"))

    assert levels_of(here, "production")["market"]["mean"] is None, "six less five would be hers"
    assert here["sales"][0]["known"] == 5
    assert levels_of(there, "production")["market"]["mean"] == 1.5
    assert levels_of(there, "marketing")["market"]["mean"] == 1.0


def test_the_balance_tells_nothing_of_few_outside_of_her_territory(furnished: SimpleNamespace) -> None:
    network = person("network_coordinator", scope="*")
    balances = [link["balance"] for link in fishing(furnished)["links"]]
    everything = [link["balance"] for link in fishing(furnished, network)["links"]]

    assert set(balances) == {None}, "the fishing of all others is in one department"
    assert fishing(furnished)["weighted_completeness"] is None
    assert [told for told in everything if told is not None] == [0.0, 1.9, 0.0, 0.3]
    reasons = link_of(fishing(furnished), "marketing")["reasons"]
    assert "menos de lo usual en el país" in reasons[0]
    assert not re.search("[0-9]", reasons[0])


def test_the_balance_is_told_where_enough_outside_are_in_two_departments(furnished: SimpleNamespace) -> None:
    with furnished.database.transaction() as session:
        register(session, 5, "HN0801", links=["processing"])
    told = link_of(fishing(furnished), "marketing")

    assert told["balance"] is not None
    assert f"{round(100 * told['balance'])} %" in told["reasons"][0]


def test_where_the_country_is_no_reference_no_balance_is_told(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 7, links=["production"])
        register(session, 5, "HN0601", links=["production"])
        register(session, 4, "HN0801", links=["marketing"])
    chain = fishing(service, person("network_coordinator", scope="*"))

    assert chain["judgement"] == "no_reference"
    assert {link["balance"] for link in chain["links"]} == {None}
