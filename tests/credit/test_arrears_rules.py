"""What being late costs and what is set aside are what the regulations say; reference tables are dated and named."""

import copy
from datetime import date

import pytest

from services.credit import tables
from services.credit.rules import arrears, regulations
from services.credit.rules.arrears import LateCharge, bucket, required
from shared.kernel import Invalid
from tests.credit.test_regulations import PARAMETERS


def read(**sections):
    return regulations.read(copy.deepcopy(PARAMETERS) | sections)


def test_without_the_sections_nothing_is_charged_and_nothing_set_aside():
    rules = read()
    assert not rules.late_charge.charges
    assert tables.provisioning_rows(rules.provisioning, date(2026, 3, 5)) == ()


def test_a_late_charge_counts_days_of_overdue_principal_after_the_tolerance_and_up_to_its_cap():
    rule = read(late_charge={"annual_rate": "36.5", "fixed": 500, "after_days": 3, "cap": "10"}).late_charge
    assert rule.amount(instalment=1000_00, principal_days=900_00 * 3, days_late=3) == 0
    assert rule.amount(instalment=1000_00, principal_days=900_00 * 4, days_late=4) == 500 + 360
    assert rule.amount(instalment=1000_00, principal_days=900_00 * 400, days_late=400) == 100_00


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("late_charge", {"annual_rate": "-1"}),
        ("late_charge", {"annual_rate": "1.005"}),
        ("late_charge", {"annual_rate": 1.5}),
        ("late_charge", {"fixed": "5"}),
        ("late_charge", {"after_days": -1}),
        ("late_charge", {"days_a_year": 12}),
        ("late_charge", {"cap": "NaN"}),
        ("late_charge", {"surprise": 1}),
        ("late_charge", {"fixed": 3_000_000_000}),
        ("late_charge", {"fixed": 1_000_000_01}),
        ("late_charge", {"after_days": 3_651}),
        ("late_charge", {"annual_rate": "1", "cap": "1000.01"}),
        ("late_charge", {"annual_rate": "1", "cap": "1e30"}),
        ("provisioning", {"rows": [{"from_days": 0, "percent": "1"}, {"from_days": 3_000_000_000, "percent": "2"}]}),
        ("provisioning", {"table": "NI"}),
        ("provisioning", {"table": "SV", "rows": []}),
        ("provisioning", {"rows": []}),
        ("provisioning", {"rows": [{"from_days": 1, "percent": "1"}]}),
        ("provisioning", {"rows": [{"from_days": 0, "percent": "1"}, {"from_days": 0, "percent": "2"}]}),
        ("provisioning", {"rows": [{"from_days": 0, "percent": "5"}, {"from_days": 30, "percent": "2"}]}),
        ("provisioning", {"rows": [{"from_days": 0, "percent": "101"}]}),
        ("provisioning", {"rows": [{"from_days": True, "percent": "1"}]}),
    ],
)
def test_what_contradicts_itself_is_refused(section, value):
    with pytest.raises(Invalid):
        read(**{section: value})


@pytest.mark.parametrize("table", arrears.TABLES)
def test_every_reference_table_begins_at_no_days_and_ends_at_everything(table):
    rows = tables.provisioning_rows(read(provisioning={"table": table}).provisioning, date(2026, 3, 5))
    arrears.check_rows(rows)
    assert rows[-1][1] == 100_00


def test_a_fund_may_give_rows_of_its_own():
    given = [{"from_days": 0, "percent": "0.5"}, {"from_days": 31, "percent": "20"}]
    rows = tables.provisioning_rows(read(provisioning={"rows": given}).provisioning, date(2026, 3, 5))
    assert [required(rows, days, 1000_00) for days in (0, 30, 31, 400)] == [5_00, 5_00, 200_00, 200_00]
    assert required(rows, 0, 101) == 1
    assert required((), 500, 1000_00) == 0


def test_every_day_of_arrears_has_its_bucket():
    days = (0, 1, 30, 31, 60, 61, 90, 91, 180, 181, 5000)
    assert [arrears.BUCKETS[bucket(day)] for day in days] == [
        "current", "1-30", "1-30", "31-60", "31-60", "61-90", "61-90", "91-180", "91-180", ">180", ">180"
    ]  # fmt: skip
    assert LateCharge().amount(1000_00, 10**9, 400) == 0
