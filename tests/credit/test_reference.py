"""The dated tables of reference: each names its source and that it is to be confirmed locally, wherever it is used; and
the days on which a fund itself rests.
"""

from datetime import date
from typing import Any

import pytest

from services.credit import tables
from services.credit.queries import funds, instruments
from services.credit.rules import contracts, regulations
from services.credit.rules.schedules import schedule
from services.credit.tables import holidays_on
from shared.kernel import Invalid
from tests.credit.house import COORDINATOR, PARAMETERS, TODAY, House, product

DAY = TODAY.date()
MARK = "to be confirmed locally"
RESTS = {"holidays": {"days": ["05-05", "2026-08-05"], "source": "art. 7"}}


def rules(**sections: Any) -> regulations.Parameters:
    return regulations.read(PARAMETERS | sections)


def due(read: regulations.Parameters, start: date = DAY, instalments: int = 6) -> list[date]:
    terms = read.product("working-capital").terms(10_000_00, instalments, start, holidays=holidays_on(start, "HN"))
    return [row.due for row in schedule(terms)]


@pytest.mark.parametrize(("table", "since"), [("SV", 2007), ("GT", 2005), ("HN", 2020)])
def test_a_table_of_provisions_is_dated_has_its_source_and_is_marked(table: str, since: int):
    [told] = tables.reference_tables(rules(provisioning={"table": table}), DAY, "HN17")
    assert (told["kind"], told["of"], told["since"].year, told["state"]) == ("provisioning", table, since, MARK)
    assert told["source"]


def test_rows_of_the_regulations_own_need_no_confirming():
    rows = {"rows": [{"from_days": 0, "percent": "1"}]}
    assert tables.reference_tables(rules(provisioning=rows), DAY, "HN17") == []


def test_the_mark_is_told_with_the_fund_and_with_the_edition(session: Any):
    house = House.build(session, provisioning={"table": "HN"}, products=product(shift="next"))
    [told] = funds.funds(session, COORDINATOR)
    assert [(one["kind"], one["state"]) for one in told["tables"]] == [("provisioning", MARK), ("holidays", MARK)]
    edition = instruments.edition(session, house.fund, house.adopt(provisioning={"table": "HN"}))
    assert [one["of"] for one in edition["tables"]] == ["HN"]


def test_a_due_date_moves_off_a_day_on_which_the_fund_rests():
    assert due(rules())[:2] == [date(2026, 4, 5), date(2026, 5, 5)]
    assert due(rules(**RESTS))[:2] == [date(2026, 4, 6), date(2026, 5, 6)], "a Sunday, and a day of the fund's own"


def test_a_day_of_one_year_is_kept_that_year_alone():
    assert due(rules(**RESTS))[4] == date(2026, 8, 6)
    assert due(rules(**RESTS), date(2027, 3, 5))[4] == date(2027, 8, 5)


def test_a_product_that_says_how_its_dates_move_keeps_to_it():
    moved = rules(**RESTS, products=product(shift="previous"))
    assert due(moved)[1] == date(2026, 5, 4)
    assert due(rules(**RESTS, products=product(shift="none")))[1] == date(2026, 5, 5)


def test_the_contract_keeps_the_days_of_its_day():
    terms = rules(**RESTS).product("working-capital").terms(10_000_00, 6, DAY, holidays=holidays_on(DAY, "HN"))
    kept = contracts.written(terms)
    assert kept["closed"] == ["05-05", "2026-08-05"]
    assert contracts.read(kept, 10_000_00, DAY, holidays_on) == terms


@pytest.mark.parametrize(
    ("section", "field"),
    [
        ({"days": ["13-01"], "source": "art. 7"}, "days"),
        ({"days": ["12-24"]}, "source"),
        ({"days": ["12-24"], "shift": "sideways", "source": "art. 7"}, "shift"),
    ],
)
def test_days_of_rest_that_are_none_or_have_no_source_are_refused(section: dict[str, Any], field: str):
    with pytest.raises(Invalid) as found:
        rules(holidays=section)
    assert found.value.pointer == f"/parameters/holidays/{field}"
