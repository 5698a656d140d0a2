"""Adopting an edition of the regulations: never backwards, whole or refused at each place, with its signed file."""

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.queries import instruments
from services.credit.queries.documents import verification
from services.credit.rules import comparison, regulations
from services.credit.use_cases.keep_instruments import keep_regulations_file, signed_file
from shared import files
from shared.kernel import Invalid, NotFound, Refused, clock
from shared.testing import person
from tests.credit.house import COORDINATOR, OFFICER, PARAMETERS, TECHNICIAN, House, adopt, product

PDF = b"%PDF-1.7\nfirmado\n%%EOF"
CASHIER = person("cashier", scope="HN17", subject="cashier-2", name="Carmen Caja")
ELSEWHERE = person("coordinator", scope="HN06", subject="elsewhere", name="Elsa Lejana")


def body(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Reglamento de Crédito",
        "source": "Acuerdo 2/2026",
        "valid_from": "2026-03-05",
        "signatories": [{"name": "Ana Firmante", "office": "ADEL"}],
        "parameters": PARAMETERS,
    } | changes


def keep(house: House, regulations_id: Any, content: bytes = PDF) -> Any:
    return keep_regulations_file(
        house.session,
        COORDINATOR,
        fund_id=house.fund.id,
        regulations_id=regulations_id,
        name="reglamento.pdf",
        content=content,
    )


def test_an_edition_never_begins_before_the_day_it_is_adopted(house: House):
    yesterday = clock.today() - timedelta(days=1)
    with pytest.raises(Invalid, match=r"regulations\.retroactive"):
        adopt(house.session, house.fund, yesterday)
    assert adopt(house.session, house.fund, clock.today()).edition == 2


def test_only_the_first_edition_may_have_begun_before_it_was_recorded(house: House):
    assert instruments.edition(house.session, house.fund, house.adopt())["edition"] == 2


def test_each_mistake_is_told_at_its_place():
    wrong = {
        "products": [PARAMETERS["products"][0], {"code": "b", "name": "B"}, *product(code="c", maximum=1)],
        "notice": {"days": -1, "source": "art. 1"},
        "colour": "green",
    }
    found = {(problem.pointer, problem.code) for problem in regulations.problems(wrong)}
    assert found == {
        ("/parameters/quorum", "regulations.section_missing"),
        ("/parameters/products/1", "regulations.field_missing"),
        ("/parameters/products/2/maximum", "regulations.contradictory"),
        ("/parameters/notice/days", "regulations.contradictory"),
        ("/parameters/colour", "regulations.section_unknown"),
    }
    assert regulations.problems(PARAMETERS) == []


@pytest.mark.parametrize(
    ("section", "code", "field"),
    [
        ({"days": 5, "bogus": 1}, "regulations.field_unknown", "bogus"),
        (None, "regulations.unreadable", "notice"),
    ],
)
def test_a_part_that_cannot_be_read_is_told_in_words_of_the_regulations(section: Any, code: str, field: str):
    wrong = PARAMETERS | {"notice": section}
    [found] = regulations.problems(wrong)
    assert (found.code, found.facts["field"], found.pointer) == (code, field, "/parameters/notice")
    with pytest.raises(Invalid) as refused:
        regulations.read(wrong)
    assert (refused.value.code, refused.value.facts) == (found.code, found.facts)


@pytest.mark.parametrize("number", [10**30, -(10**30), float("inf")])
def test_a_number_that_cannot_be_written_down_is_the_only_thing_that_is_told(house: House, number: float):
    wrong = PARAMETERS | {"file": {"source": "art. 1", "items": [number]}, "colour": 1}
    [problem], changes = instruments.checked(house.session, house.fund, wrong)
    assert (problem.pointer, problem.code) == ("/parameters/file/items/0", "regulations.contradictory")
    assert changes == []


def test_two_products_of_one_code_and_levels_of_unknown_products_are_found_too():
    twice = PARAMETERS | {"products": PARAMETERS["products"] * 2}
    assert [one.pointer for one in regulations.problems(twice)] == ["/parameters/products"]
    level = {"levels": [{"name": "A", "up_to": 1, "products": ["none"]}, {"name": "B"}], "source": "art. 5"}
    found = regulations.problems(PARAMETERS | {"competence": level})
    assert [one.pointer for one in found] == ["/parameters/competence/levels/0/products"]


@pytest.mark.parametrize("section", ["text", 7, None, [1], {"a": {"b": []}}])
def test_whatever_stands_in_a_section_is_refused_not_stumbled_over(section: Any):
    for name in [*regulations.unset({}), "unknown"]:
        for problem in regulations.problems(PARAMETERS | {name: section}):
            assert problem.pointer.startswith(f"/parameters/{name}")
        with pytest.raises(Invalid):
            regulations.read(PARAMETERS | {name: section})


def test_what_changes_is_told_line_by_line_and_products_go_by_their_code():
    after = PARAMETERS | {"products": [*product(annual_rate="12"), *product(code="new")], "payment_in_advance": False}
    told = {one.path: (one.before, one.after) for one in comparison.changes(PARAMETERS, after)}
    assert told["/products/working-capital/annual_rate"] == ("18", "12")
    assert told["/products/new/code"] == (None, "new")
    assert told["/payment_in_advance"] == (None, False)
    assert "/products/working-capital/maximum" not in told


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc", min_size=1), _VALUES), st.dictionaries(st.text("abc", min_size=1), _VALUES))
def test_changes_lead_from_one_set_to_the_other(before: dict[str, Any], after: dict[str, Any]):
    lines = comparison.lines(before)
    for change in comparison.changes(before, after):
        assert lines.get(change.path) == change.before
        if change.after is None:
            lines.pop(change.path, None)
        else:
            lines[change.path] = change.after
    told = {path: value for path, value in lines.items() if value is not None}
    assert told == {path: value for path, value in comparison.lines(after).items() if value is not None}
    assert comparison.changes(after, after) == []


def test_each_line_says_since_when_it_stands_and_where_it_comes_from(house: House):
    house.adopt(notice={"days": 3, "source": "art. 11"})
    row = house.adopt(date(2026, 4, 1), products=product(annual_rate="12"), notice={"days": 3, "source": "art. 11"})
    told = instruments.edition(house.session, house.fund, row)
    lines = {line["path"]: (line["since"], line["source"]) for line in told["lines"]}
    assert lines["/products/working-capital/annual_rate"] == (date(2026, 4, 1), None)
    assert lines["/products/working-capital/maximum"] == (date(2025, 1, 1), None)
    assert lines["/notice/days"] == (clock.today(), "art. 11")
    assert told["unsourced"] == ["products", "quorum"], "the source of the edition is not that of a section"
    assert not told["in_force"]
    assert "concentration" in told["unset"]


def test_a_section_that_cannot_carry_its_source_has_it_in_the_sources(house: House):
    row = house.adopt(sources={"products": "art. 5", "quorum": "art. 9"}, eligibility=["consent_credit"])
    told = instruments.edition(house.session, house.fund, row)
    lines = {line["path"]: line["source"] for line in told["lines"]}
    assert (lines["/products/working-capital/maximum"], lines["/quorum/seats"]) == ("art. 5", "art. 9")
    assert (lines["/eligibility"], told["unsourced"]) == (None, ["eligibility"])


@pytest.mark.parametrize("sources", [{"colours": "art. 5"}, {"products": " "}, {"products": 5}])
def test_a_source_of_what_is_no_section_or_says_nothing_is_refused(house: House, sources: Any):
    with pytest.raises(Invalid) as found:
        house.adopt(sources=sources)
    assert found.value.pointer.startswith("/parameters/sources/")


def test_the_signed_file_is_kept_under_its_hash_and_can_be_verified(house: House):
    row = house.adopt()
    with pytest.raises(NotFound, match=r"instrument\.no_file"):
        signed_file(row)
    with pytest.raises(Invalid, match=r"instrument\.not_a_pdf"):
        keep(house, row.id, b"\x89PNG no pdf")
    keep(house, row.id)
    told = instruments.file_of(house.session, row.file_id)
    assert told is not None
    assert (told["sha256"], told["whole"]) == (hashlib.sha256(PDF).hexdigest(), True)
    found = verification(house.session, told["sha256"])
    assert found is not None
    assert (found["kind"], found["number"]) == ("regulations", "Reglamento de Crédito, 2")
    assert verification(house.session, hashlib.sha256(PDF + b" ").hexdigest()) is None


def test_a_signed_file_stays_once_the_edition_has_begun(house: House):
    begun, coming = house.adopt(), house.adopt(date(2026, 4, 1))
    for row in (begun, coming):
        keep(house, row.id)
    with pytest.raises(Refused, match=r"instrument\.file_fixed"):
        keep(house, begun.id, PDF + b"\n%%EOF")
    keep(house, coming.id, PDF + b"\n%%EOF")
    assert files.read(house.session, signed_file(coming)) == PDF + b"\n%%EOF"


def test_a_damaged_file_is_said_to_be_damaged(house: House, tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    row = house.adopt()
    keep(house, row.id)

    def damaged(*_: Any) -> bytes:
        raise files.DamagedFile("altered")

    monkeypatch.setattr(files, "read", damaged)
    told = instruments.file_of(house.session, row.file_id)
    assert told is not None
    assert not told["whole"]


def test_an_edition_of_another_fund_is_not_known(house: House):
    with pytest.raises(NotFound, match=r"regulations\.unknown"):
        keep(house, house.fund.id)


def test_the_api_checks_and_compares_before_anything_is_adopted(build_house, client):
    house, _ = build_house()
    path = f"/funds/{house.fund.id}/regulations"
    sent = {"parameters": PARAMETERS | {"notice": {"days": 400, "source": "x"}, "products": product(annual_rate="9")}}
    found = client.post(COORDINATOR, f"{path}/check", sent)
    assert found.status == 200
    [problem] = found.body["problems"]
    assert problem["pointer"] == "/parameters/notice/days"
    assert "notice/days" in problem["detail"]
    assert {"/notice/days", "/notice/source", "/products/working-capital/annual_rate"} == {
        one["path"] for one in found.body["changes"]
    }
    assert len(client.get(OFFICER, path).body["items"]) == 1, "nothing was adopted"
    large = client.post(COORDINATOR, f"{path}/check", {"parameters": {"colour": 10**30}})
    assert (large.status, [one["pointer"] for one in large.body["problems"]]) == (200, ["/parameters/colour"])
    assert client.post(COORDINATOR, f"{path}/check", {"parameters": []}).code == "regulations.not_an_object"
    assert client.post(OFFICER, f"{path}/check", sent).status == 403


def test_two_editions_are_compared_through_the_api(build_house, client):
    house, second = build_house(lambda house: house.adopt(products=product(annual_rate="12")))
    path = f"/funds/{house.fund.id}/regulations"
    first = next(row["id"] for row in client.get(CASHIER, path).body["items"] if row["edition"] == 1)
    told = client.get(CASHIER, f"{path}/{second.id}/changes?against={first}").body["changes"]
    assert told == [{"path": "/products/working-capital/annual_rate", "before": "18", "after": "12"}]


def test_whoever_may_see_the_fund_may_see_its_regulations_and_nobody_else(build_house, client):
    house, row = build_house(lambda house: house.adopt())
    path = f"/funds/{house.fund.id}/regulations/{row.id}"
    assert client.get(TECHNICIAN, path).body["in_force"]
    assert client.get(ELSEWHERE, path).status == 403
    assert client.get(TECHNICIAN, f"{path}/file").code == "instrument.no_file"
    assert client.get(TECHNICIAN, f"/funds/{house.fund.id}/regulations/{house.fund.id}").code == "regulations.unknown"


def test_an_edition_that_would_begin_yesterday_is_refused_through_the_api(build_house, client):
    house, _ = build_house()
    answer = client.post(COORDINATOR, f"/funds/{house.fund.id}/regulations", body(valid_from="2026-03-04"))
    assert (answer.status, answer.code) == (422, "regulations.retroactive")
    assert client.post(COORDINATOR, f"/funds/{house.fund.id}/regulations", body()).status == 201
