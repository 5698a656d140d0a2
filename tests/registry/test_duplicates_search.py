"""Who may be in the inventory twice is found in the tables as among all records at once, after a kill too."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from services.registry import duplicates
from services.registry.models import DuplicatePair, DuplicateRecord, DuplicateScan, Entrepreneur
from services.registry.rules.linkage.candidate import Candidate
from services.registry.rules.linkage.duplicates import Found, duplicates_among
from services.registry.tables import duplicate_policy_on
from services.registry.use_cases import find_duplicates
from shared.kernel import clock
from tests.registry.filling import as_held, fill
from tests.registry.house import House
from tests.registry.linkage_sets import invented

PEOPLE = as_held(invented(600, seed=4).candidates)


def search(house: House, **options: Any) -> dict[str, Any]:
    return duplicates.search(house.directly(), house.context.sealer, **options)


def queue(house: House) -> dict[tuple[Any, Any], tuple[str, float]]:
    with house.database.reading() as session:
        pairs = session.scalars(select(DuplicatePair).where(DuplicatePair.state == "open")).all()
        return {pair.women: (pair.decision, pair.points) for pair in pairs}


def told(found: Found) -> dict[tuple[Any, Any], tuple[str, float]]:
    """What the rules say of all records at once, the smaller id first."""
    pairs = {}
    for pair in found.pairs:
        one, other = sorted((pair.one, pair.other))  # type: ignore[type-var]
        pairs[one, other] = (pair.verdict.decision.value, pytest.approx(pair.verdict.points))
    return pairs


def among(people: list[Candidate]) -> Found:
    return duplicates_among(people, duplicate_policy_on(clock.today()))


def test_the_queue_is_what_the_rules_find_among_all_records(house: House) -> None:
    fill(house.database, PEOPLE)
    counted, expected = search(house), among(PEOPLE)
    assert len(expected.pairs) > 20
    assert queue(house) == told(expected)
    assert (counted["records"], counted["compared"]) == (len(PEOPLE), expected.compared)
    assert counted["uncompared"] == len(expected.uncompared)
    assert {left["rule"]: left["pairs"] for left in counted["left_out"]} == {
        left.rule: left.pairs for left in expected.left_out
    }


def test_a_second_search_makes_keys_only_of_whom_changed_and_finds_what_is_so_now(sqlite_house: House) -> None:
    house = sqlite_house
    fill(house.database, PEOPLE)
    search(house)
    first = among(PEOPLE).pairs[0]
    changed = replace(
        next(one for one in PEOPLE if one.id == first.one), given_names="Otra Persona", surnames="Distinta"
    )
    with house.database.transaction() as session:
        session.execute(
            update(Entrepreneur)
            .where(Entrepreneur.id == first.one)
            .values(given_names=changed.given_names, surnames=changed.surnames)
        )
    search(house)
    with house.database.reading() as session:
        assert session.scalars(select(DuplicateScan.fresh).order_by(DuplicateScan.id)).all() == [len(PEOPLE), 1]
    assert queue(house) == told(among([changed if one.id == first.one else one for one in PEOPLE]))


def test_of_a_large_inventory_only_what_changed_is_judged_until_the_week_is_over(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = sqlite_house
    fill(house.database, PEOPLE[:-1])
    monkeypatch.setattr(duplicates, "ALWAYS_ALL", 0)
    whole = search(house)["compared"]
    assert queue(house) == told(among(PEOPLE[:-1]))
    known = len(queue(house))
    assert search(house)["compared"] == known
    fill(house.database, PEOPLE[-1:])
    assert known <= search(house)["compared"] < whole / 4
    with clock.frozen(clock.now() + find_duplicates._THOROUGH_EVERY):
        assert search(house)["compared"] >= whole
        assert queue(house) == told(among(PEOPLE))


def test_a_search_that_was_killed_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(house.database, PEOPLE)
    monkeypatch.setattr(duplicates, "_PORTION", 60)
    keep, judged = find_duplicates.keep_pairs, []

    def killed_at_the_third(session: Any, scan: Any, pairs: Any, reached: Any) -> None:
        judged.append(reached)
        keep(session, scan, pairs, reached)
        if len(judged) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(find_duplicates, "keep_pairs", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        search(house)
    search(house)
    assert judged[3] == judged[2]  # what was not committed is judged again, what was is not
    assert judged[:2] == sorted(set(judged[:2]))
    assert judged[2:] == judged[2:3] + sorted(set(judged[3:]))
    with house.database.reading() as session:
        scan = session.scalars(select(DuplicateScan)).one()
        assert (scan.state, scan.fresh) == ("done", len(PEOPLE))
    assert queue(house) == told(among(PEOPLE))


def test_who_withdrew_or_took_her_consent_back_is_not_compared(sqlite_house: House) -> None:
    house = sqlite_house
    one = house.register()
    house.register(name="Quesillos «Esperanza»")
    search(house)
    assert len(queue(house)) == 1
    woman = one["owners"][0]["id"]
    version = house.call("GET", f"/entrepreneurs/{woman}").json["version"]
    assert house.call("DELETE", f"/entrepreneurs/{woman}", version=version).status_code == 200
    assert queue(house) == {}
    search(house)
    assert queue(house) == {}
    with house.database.reading() as session:
        assert str(woman) not in {str(kept) for kept in session.scalars(select(DuplicateRecord.entrepreneur_id))}


def test_what_is_kept_to_compare_by_tells_no_name(sqlite_house: House) -> None:
    house = sqlite_house
    fill(house.database, PEOPLE[:50])
    search(house)
    with house.database.reading() as session:
        kept = "".join(str(row) for row in session.execute(select(DuplicateRecord.__table__)))
    assert not any(one.surnames.split()[0] in kept for one in PEOPLE[:50])
