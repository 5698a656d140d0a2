"""What she agreed to: the last thing she said counts, whichever way it came."""

from typing import Any

import pytest

from tests.registry.house import House
from tests.registry.test_import import codes
from tests.registry.workbooks import submission, workbook

IN_MAY = {"purpose": "credit", "granted": False, "given_on": "2026-05-10", "channel": "phone"}


def only(house: House) -> dict[str, Any]:
    shown: dict[str, Any] = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    return shown


def answer(house: House, **answer: Any) -> None:
    woman = only(house)["owners"][0]["id"]
    assert house.call("POST", f"/entrepreneurs/{woman}/consents", json=IN_MAY | answer).status_code == 201


def both(house: House, **changes: Any) -> dict[str, Any]:
    """The report of an edited form; that of its dry run is the same."""
    content = workbook([submission(1, **changes)])
    tried, report = house.report(content, dry_run=True), house.report(content)
    assert tried == report
    return report


def test_a_form_that_comes_again_for_another_reason_does_not_give_back_what_she_took_back(house: House) -> None:
    house.report(workbook([submission(1)]))
    answer(house)
    report = both(house, nombre_neg="Tienda nueva")
    shown = only(house)
    assert (shown["name"], shown["consent_credit"]) == ("Tienda nueva", False)
    assert codes(report) == {"consent.last_answer_kept": 1}
    line = report["problems"][0]
    assert (line["column"], "10 may 2026" in line["message"]) == ("consentimiento/consent_credit", True)


@pytest.mark.parametrize(
    ("day", "agrees"), [("2026-05-09", False), ("", False), ("2026-05-10", True), ("2026-05-11", True)]
)
def test_an_answer_changed_in_the_field_counts_unless_it_is_older_than_her_last(
    house: House, day: str, agrees: bool
) -> None:
    house.report(workbook([submission(1, consent_credit="no")]))
    answer(house, granted=True, given_on="2026-04-01")
    answer(house)
    report = both(house, today=day, consent_credit="si")
    assert only(house)["consent_credit"] is agrees
    assert codes(report) == ({} if agrees else {"consent.last_answer_kept": 1})


def test_a_form_of_a_day_to_come_gives_nothing(house: House) -> None:
    house.report(workbook([submission(1, consent_credit="no")]))
    report = both(house, today="2199-01-01", consent_credit="si")
    assert only(house)["consent_credit"] is False
    assert codes(report) == {"cell.day_out_of_range": 1, "consent.last_answer_kept": 1}


def test_a_no_from_the_field_counts_even_without_its_day(house: House) -> None:
    house.report(workbook([submission(1)]))
    assert codes(both(house, today="", consent_credit="no")) == {}
    assert only(house)["consent_credit"] is False


def test_a_form_older_than_her_no_to_the_inventory_changes_nothing(house: House) -> None:
    house.report(workbook([submission(1)]))
    house.report(workbook([submission(1, consent_registry="no")]))
    report = both(house, nombre_neg="Tienda nueva")
    assert (report["updated"], codes(report)["consent.last_answer_kept"]) == (0, 1)


def test_a_no_from_the_field_is_heeded_by_every_enterprise_of_hers(house: House) -> None:
    house.report(workbook([submission(1)]))
    woman = only(house)["owners"][0]["id"]
    second = house.call(
        "POST", "/enterprises", json={"name": "Su otra tienda", "municipality": "SV1402", "owner_id": woman}
    )
    assert second.json["consent_credit"] is True, second.json
    both(house, consent_credit="no", today="2026-06-01")
    told = house.call("GET", f"/enterprises/{second.json['id']}").json
    assert told["consent_credit"] is False
    assert house.events()[-1][1]["facts"]["consent_credit"] is False
