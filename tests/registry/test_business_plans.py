"""A business plan over the API: drafted, reckoned, ready and frozen, compared, printed, and offered to credit."""

import io
import re
from typing import Any

import pypdf
import pytest

from shared.kernel import clock
from shared.testing import person
from tests.registry.house import COORDINATOR, TECHNICIAN, House, enterprise
from tests.registry.test_projects import PLAN, day, opened, ready_plan

OFFICER, SERVICE = person("credit_officer"), person("service", subject="credit")


def hnl(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "HNL"}


WHOLE = PLAN | {
    "fixed_costs": [{"name": "Luz y leña", "amount": hnl("1000.00")}],
    "investments": [{"name": "Prensa", "amount": hnl("18000.00")}],
    "own_contribution": hnl("5000.00"),
    "loan": {"amount": hnl("15000.00"), "annual_rate": "18", "instalments": 10},
    "starts_on": "2027-03-15",
}


def draft(house: House, case: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    case = case or opened(house)
    begun = house.call("POST", "/business-plans", TECHNICIAN, json={"accompaniment_id": case["id"]})
    assert begun.status_code == 201, begun.json
    return changed(house, begun.json, **changes) if changes else begun.json


def changed(house: House, plan: dict[str, Any], **changes: Any) -> Any:
    answer = house.call("PATCH", f"/business-plans/{plan['id']}", TECHNICIAN, version=plan["version"], json=changes)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_a_draft_begins_with_the_products_of_the_enterprise_and_is_reckoned_at_each_change(house: House) -> None:
    sold = {"name": "Queso", "unit": "libra", "price": hnl("60.00"), "volume": 1200, "period": "year", "months": [1, 2]}
    case = opened(house, enterprise_id=house.register(products=[sold, {"name": "Suero"}])["id"])
    begun = draft(house, case)
    [product] = begun["products"]
    assert (product["name"], product["volume"], product["season"]) == ("Queso", 100, [100, 100] + [0] * 10)
    assert (begun["state"], begun["number"], begun["months"]) == ("draft", 1, 12)
    hindering = [remark["code"] for remark in begun["remarks"] if remark["hindering"]]
    assert hindering == ["plan.lacks_summary", "plan.lacks_market", "plan.lacks_ask"]
    assert all(remark["detail"] != remark["code"] for remark in begun["remarks"])
    plan = changed(house, begun, **WHOLE)
    figures = plan["figures"]
    assert (plan["starts_on"], len(figures["months"])) == ("2027-03-01", 12)
    assert figures["months"][0]["balance"] == hnl("6000.00")  # 5,000 - 1,000 - 18,000 + 5,000 + 15,000
    assert (figures["instalment"], figures["recovered_in"]) == (hnl("1626.55"), 5)
    # Of 4,000 a month before debt, seventy per cent.
    assert (figures["capacity"], figures["coverage_percent"]) == (hnl("2800.00"), 172)
    assert (figures["break_even_sales"], figures["break_even_units"]) == (hnl("2800.00"), 40)
    assert figures["total"]["loan"] == hnl("15000.00")
    same = house.call("GET", f"/business-plans/{plan['id']}")
    assert (same.json, same.headers["ETag"]) == (plan, f'"{plan["version"]}"')


def test_a_text_is_changed_alone_and_taken_away_with_null(sqlite_house: House) -> None:
    plan = draft(sqlite_house, sections={"summary": "Uno", "risks": "Sequía"})
    plan = changed(sqlite_house, plan, sections={"risks": None})
    assert (plan["sections"]["summary"], plan["sections"]["risks"]) == ("Uno", "")


WRONG = [
    ({"months": 11}, "body.invalid_fields"),
    ({"months": 37}, "body.invalid_fields"),
    ({"products": [WHOLE["products"][0] | {"season": [100] * 11}]}, "body.invalid_fields"),
    ({"products": [WHOLE["products"][0] | {"volume": 1.5}]}, "body.invalid_fields"),
    ({"products": [WHOLE["products"][0]] * 21}, "body.invalid_fields"),
    ({"loan": WHOLE["loan"] | {"annual_rate": "18,5"}}, "body.invalid_fields"),
    ({"loan": WHOLE["loan"] | {"grace": 10}}, "plan.grace_too_long"),
    ({"loan": WHOLE["loan"] | {"month": 13}}, "plan.month_beyond"),
    ({"investments": [{"name": "x", "amount": hnl("1.00"), "month": 13}]}, "plan.month_beyond"),
    ({"fixed_costs": [{"name": "x", "amount": hnl("1.00"), "first": 13}]}, "plan.month_beyond"),
    ({"own_contribution": {"amount": "1.00", "currency": "USD"}}, "enterprise.currency"),
    ({"loan": WHOLE["loan"] | {"amount": {"amount": "1.00", "currency": "GTQ"}}}, "enterprise.currency"),
    ({"state": "ready"}, "body.invalid_fields"),
]


def test_lines_that_cannot_be_are_refused_and_change_nothing(sqlite_house: House) -> None:
    plan = draft(sqlite_house)
    path = f"/business-plans/{plan['id']}"
    for changes, code in WRONG:
        answer = sqlite_house.call("PATCH", path, TECHNICIAN, version=plan["version"], json=changes)
        assert (answer.status_code, answer.json["code"]) == (422, code), changes
    assert sqlite_house.call("GET", path).json == plan


def test_a_version_that_is_ready_is_frozen_and_the_next_one_supersedes_it(house: House) -> None:
    case = opened(house)
    first = draft(house, case)
    path = f"/business-plans/{first['id']}"
    again = house.call("POST", "/business-plans", TECHNICIAN, json={"accompaniment_id": case["id"]})
    assert (again.status_code, again.json["code"]) == (409, "plan.draft_already")
    hindered = house.call("POST", f"{path}/ready", TECHNICIAN, version=first["version"])
    assert (hindered.status_code, hindered.json["code"]) == (409, "plan.lacks_summary")
    assert house.call("POST", f"{path}/ready", TECHNICIAN).status_code == 428
    first = changed(house, first, **WHOLE)
    stale = house.call("POST", f"{path}/ready", TECHNICIAN, version=first["version"] - 1)
    assert (stale.status_code, stale.json["code"]) == (412, "changed_meanwhile")
    ready = house.call("POST", f"{path}/ready", TECHNICIAN, version=first["version"]).json
    assert (ready["state"], ready["ready_on"], ready["ready_by_name"]) == ("ready", day(), "Técnica de prueba")
    frozen = house.call("PATCH", path, TECHNICIAN, version=ready["version"], json={"months": 24})
    assert (frozen.status_code, frozen.json["code"]) == (409, "plan.frozen")
    assert house.call("POST", f"{path}/ready", TECHNICIAN, version=ready["version"]).json["code"] == "plan.frozen"
    second = ready_plan(house, case, months=24)
    assert second["number"] == 2
    versions = house.call("GET", f"/accompaniments/{case['id']}").json["plans"]
    assert [(one["number"], one["state"]) for one in versions] == [(2, "ready"), (1, "superseded")]
    assert house.call("GET", path).json["months"] == 12


def test_two_versions_are_compared_figure_by_figure(sqlite_house: House) -> None:
    case = opened(sqlite_house)
    first = ready_plan(sqlite_house, case, **WHOLE)
    second = draft(sqlite_house, case, own_contribution=hnl("6000.00"), sections={"risks": "Sequía"})
    path = f"/business-plans/{second['id']}/comparison"
    told = sqlite_house.call("GET", f"{path}?other={first['id']}").json
    assert told["parts"] == ["sections.risks", "own_contribution"]
    figures = {row["name"]: (row["before"], row["after"], row["is_money"]) for row in told["figures"]}
    assert figures["own_contribution"] == (500_000, 600_000, True)
    assert figures["lowest_balance"] == (600_000, 700_000, True)
    assert figures["coverage_percent"] == (172, 172, False)
    strange = draft(sqlite_house)
    answer = sqlite_house.call("GET", f"{path}?other={strange['id']}")
    assert (answer.status_code, answer.json["code"]) == (422, "plan.of_another_case")


def test_credit_hears_that_a_plan_is_ready_in_figures_and_without_a_word(house: House) -> None:
    case = opened(house)
    texts = {"summary": "SECRETO", "market": "SECRETO", "ask": "SECRETO"}
    plan = ready_plan(house, case, **WHOLE | {"sections": texts})
    name, told = house.events()[-1]
    assert name == "business-plan-ready"
    assert (told["plan_id"], told["asked"], told["instalments"]) == (plan["id"], hnl("15000.00"), 10)
    assert (told["capacity"], told["coverage_percent"], told["lowest_balance"]) == (hnl("2800.00"), 172, hnl("6000.00"))
    assert "SECRETO" not in str(told)


def test_of_who_does_not_share_her_record_for_credit_no_plan_is_told_or_shown(house: House) -> None:
    owner = enterprise()["owner"]
    no = owner | {"consents": owner["consents"] | {"credit": False}}
    case = opened(house, enterprise_id=house.register(owner=no)["id"])
    plan = ready_plan(house, case)
    assert "business-plan-ready" not in [name for name, _ in house.events()]
    for caller in (OFFICER, SERVICE, person("committee_member"), person("trust_fund_member")):
        for path in (f"/business-plans/{plan['id']}", f"/business-plans/{plan['id']}/document"):
            answer = house.call("GET", path, caller)
            assert (answer.status_code, answer.json["code"]) == (404, "plan.unknown")
        assert house.call("GET", "/business-plans", caller).json["items"] == []
    assert len(house.call("GET", "/business-plans", person("auditor")).json["items"]) == 1


def test_credit_reads_the_version_that_is_ready_and_no_draft(sqlite_house: House) -> None:
    case = opened(sqlite_house)
    first = ready_plan(sqlite_house, case, **WHOLE)
    unfinished = draft(sqlite_house, case)
    for caller in (OFFICER, SERVICE):
        rows = sqlite_house.call("GET", f"/business-plans?enterprise_id={case['enterprise_id']}", caller).json["items"]
        assert [(row["id"], row["asked"], row["label"][-2:]) for row in rows] == [(first["id"], hnl("15000.00"), "-1")]
        assert sqlite_house.call("GET", f"/business-plans/{first['id']}", caller).json["sections"]["ask"] == "A"
        assert sqlite_house.call("GET", f"/business-plans/{unfinished['id']}", caller).status_code == 404
        assert sqlite_house.call("GET", f"/business-plans/{first['id']}/document", caller).data.startswith(b"%PDF")
    assert len(sqlite_house.call("GET", f"/accompaniments/{case['id']}", OFFICER).json["plans"]) == 1
    assert sqlite_house.call("GET", "/business-plans?state=draft").json["items"][0]["id"] == unfinished["id"]
    for role in ("planner", "trainer", "leda_viewer", "cashier"):
        assert sqlite_house.call("GET", f"/business-plans/{first['id']}", person(role)).status_code == 403
    for caller in (person("technician", scope="SV"), person("credit_officer", scope="SV")):
        assert sqlite_house.call("GET", f"/business-plans/{first['id']}", caller).status_code == 403
    answer = sqlite_house.call("PATCH", f"/business-plans/{unfinished['id']}", OFFICER, version=1, json={})
    assert answer.status_code == 403


def test_no_plan_is_begun_for_a_closed_case(sqlite_house: House) -> None:
    case = opened(sqlite_house)
    closed = {"closed_on": day(), "reason": "No quiso seguir."}
    sqlite_house.call("PATCH", f"/accompaniments/{case['id']}", version=case["version"], json=closed)
    answer = sqlite_house.call("POST", "/business-plans", TECHNICIAN, json={"accompaniment_id": case["id"]})
    assert (answer.status_code, answer.json["code"]) == (409, "accompaniment.closed")


def read(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", ("Plan de negocio", "María Ficticia Inventada Prueba", "Qué se pide", "L 15,000.00", "Punto de equilibrio",
                "en el mes 5", "marzo" if clock.today().month == 3 else "de 20")),
        ("en", ("Business plan", "What is asked for", "Break-even a month", "in month 5")),
    ],
)  # fmt: skip
def test_a_ready_plan_is_printed_and_verified_by_anybody_who_holds_it(
    house: House, language: str, words: tuple[str, ...]
) -> None:
    plan = ready_plan(house, opened(house), **WHOLE | {"months": 24})
    paths = [f"/business-plans/{plan['id']}/document"] * 2
    first, again = (house.web.open(f"/api/registry/v1{path}", headers=_headers(house, language)).data for path in paths)
    assert first == again
    said = read(first)
    for word in words:
        assert word in said.replace("\u00a0", " "), word
    found = re.search(r"/verify/([0-9a-f]{64})", said.replace(" ", ""))
    assert found
    for code in (found[1], found[1][:16]):
        told = house.call("GET", f"/documents/{code}/verification", SERVICE).json
        assert (told["number"], told["issued_on"]) == (plan["label"], day())
    assert "María" not in str(told)
    assert house.call("GET", f"/documents/{'0' * 64}/verification", SERVICE).json["code"] == "verification.unknown"


def test_a_draft_on_paper_says_that_it_is_one_and_leads_nowhere(sqlite_house: House) -> None:
    plan = draft(sqlite_house, **WHOLE)
    said = read(sqlite_house.call("GET", f"/business-plans/{plan['id']}/document", COORDINATOR).data)
    assert "Borrador" in said
    assert "/verify/" not in said


def test_hostile_texts_are_printed_as_text(sqlite_house: House) -> None:
    texts = {
        "summary": '#panic("x") $a^2$ = *negrita* \\ // <a> [x] `c`\n\n' + "m" * 3000,
        "market": "\u0627\U0001f9c0",
        "ask": "#",
    }
    plan = ready_plan(sqlite_house, opened(sqlite_house), **WHOLE | {"sections": texts})
    assert '#panic("x")' in read(sqlite_house.call("GET", f"/business-plans/{plan['id']}/document").data)


def _headers(house: House, language: str) -> dict[str, str]:
    from shared.testing import headers

    return headers(house.keys, COORDINATOR, **{"Accept-Language": language})
