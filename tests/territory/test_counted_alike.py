"""Chains are counted alike: figures, maps, publications and analyses place an enterprise by one rule."""

from datetime import date

import numpy as np

from services.territory.models import Introduction
from services.territory.queries import criteria, map_figures, views
from services.territory.queries.analyses import counts
from services.territory.queries.chain_maps import mapped
from services.territory.queries.figures import figures
from services.territory.queries.inventory import known
from services.territory.queries.map_figures import Filters
from services.territory.rules.analysis.chain_map import counted
from services.territory.rules.figures import NOTHING, added_up
from services.territory.use_cases.publish_figures import publish_figures
from shared.database import Database
from shared.events.registry import ProfileLevels, SalesOfYear
from shared.events.vocabulary import CHAINS, LINKS
from shared.identity import Caller
from shared.kernel import Money
from shared.testing import person
from tests.territory.conftest import lend, register

PLACED = [
    (chain, links, activity)
    for chain in ("coffee", "other", "fishing")
    for links in ([], ["production"], ["production", "marketing"])
    for activity in ("", "A", "0127", "1079", "4721", "9602")
]
TECHNICIAN = person("technician", scope="HN17")


def told(database: Database) -> None:
    with database.transaction() as session:
        for chain, links, activity in PLACED:
            register(session, 1, chain=chain, links=links, activity=activity, jobs_women=2, jobs_men=1)
        register(session, 7, "HN1701", chain="other", links=[], activity="0127")


def test_figures_count_chains_and_links_as_the_chain_map_does(database: Database) -> None:
    told(database)
    with database.reading() as session:
        everybody = known(session, ("HN17",))
        found = mapped(
            everybody, everybody.told.unit, criteria.shipped("chain_map"), np.zeros(len(everybody.units), int)
        )
        oracle = added_up(counted(found, everybody.units, CHAINS, LINKS)).counts
        mine = figures(session, ("HN17",)).counts

    tables = {"all", "chain", "link"}
    assert {key: count for key, count in mine.items() if key[1] in tables} == oracle
    assert mine["HN1701", "placed", "coffee"].number == 7
    placed_by_class = int((everybody.chain_of_class | everybody.links_of_class).sum())
    assert mine["HN17", "placed"].number == placed_by_class > 7


def test_filters_of_maps_and_analyses_count_what_the_figures_count(database: Database) -> None:
    told(database)
    with database.reading() as session:
        mine = figures(session, ("HN17",))
        selection = views.selected(TECHNICIAN, None)
        live = map_figures.Live(session, selection)
        for chain in ("coffee", "other", "fishing"):
            by_chain = live.figures("enterprises", Filters(chain=chain))
            assert by_chain["HN1709"].value == mine.counts["HN1709", "chain", chain].number
            assert counts.enterprise_places(session, selection, "exact", chain=chain).whole == (
                mine.counts["HN17", "chain", chain].number
            )
            for link in LINKS:
                here = live.figures("women", Filters(chain=chain, link=link))["HN1709"].value
                assert here == mine.counts.get(("HN1709", "chain", chain, link), NOTHING).women
        assert live.chains(Filters())["HN1701"]["coffee"].value == 7
        table = counts.cells(session, ("HN17",), "women")
        assert table.counts[table.units.index("HN1701"), CHAINS.index("coffee")] == 7


def test_a_publication_tells_levels_sales_and_introductions_of_who_agreed_alone(database: Database) -> None:
    with database.transaction() as session:
        profile = ProfileLevels(credit=2, assessed_on=date(2026, 3, 1))
        sales = SalesOfYear(low=Money.parse("100.00", "HNL"), high=Money.parse("200.00", "HNL"))
        agreed = register(session, 7, profile=profile, sales=sales)
        register(session, 6, profile=profile, sales=sales, consent_map=False)
        lend(session, agreed[0])
        for buyer in agreed[:6]:
            caller = Caller.operator("prueba")
            session.add(Introduction.of(caller, unit="HN1709", buyer_id=buyer, supplier_id=agreed[6], item="nets"))
    with database.transaction() as session:
        told = publish_figures(session, Caller.operator("prueba"), "HN17").figures

    assert told["HN17/level/credit"] == [7, 0, {"points": 14}]
    assert told["HN17/chain_level/credit/fishing"] == [7, 0, {"points": 14}]
    assert told["HN17/sales/fishing/HNL"] == [7, 0, {"HNL": 70000}]
    assert told["HN17/introductions/fishing"] == [6, 0, {}]
    assert told["HN17/chain_loans/fishing"] is None
    assert not any(key.startswith("HN1709/sales") for key in told)
