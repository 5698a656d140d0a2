"""The report of a value chain: what it tells, in every form alike, and what it must never tell."""

import io
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from services.territory.models import CopyEnterprise, Introduction, Publication
from services.territory.use_cases.publish_figures import publish_figures
from shared.events.registry import EnterpriseRegistered, ProfileLevels, SalesOfYear, Trade
from shared.identity import Caller
from shared.kernel import Money, clock
from shared.testing import person
from tests.territory.conftest import facts, form_group, lend, register, tell
from tests.territory.test_proposals import COORDINATOR, on_the_way
from tests.territory.test_reports import command, features_of, text_of, told

PLANNER = person("planner", scope="HN17")
CHAIN = "/reports/chain/fishing?unit=HN17"
DOCUMENT = "/reports/chain/fishing/document?unit=HN17&format="


def profiled(level: int) -> ProfileLevels:
    return ProfileLevels(
        credit=level, certifications=1, market=level, quality=2, training=3, assessed_on=date(2026, 3, 1)
    )


def sold(low: str, high: str | None = None) -> SalesOfYear:
    return SalesOfYear(low=Money.parse(low, "HNL"), high=Money.parse(high, "HNL") if high else None)


@pytest.fixture
def gulf(service: SimpleNamespace) -> SimpleNamespace:
    """San Lorenzo and Nacaome fish, with levels, sales and suppliers; in Nacaome there is cashew too. Other departments
    of Honduras fish at every link.
    """
    with service.database.transaction() as session:
        outside = register(session, 6, "HN0601", chain="other", links=[], activity="A")[0]
        for municipality, count in (("HN1709", 9), ("HN1701", 7)):
            for number in range(count):
                one = facts(
                    municipality, links=["production"], jobs_women=2, jobs_men=1, needs=["credit", "training"],
                    profile=profiled(1 + number % 2), sales=sold("10000.00", "20000.00"),
                    trade=[Trade(side="supplier", kind="enterprise", enterprise_id=outside, share=40)],
                )  # fmt: skip
                tell(session, EnterpriseRegistered(facts=one))
        mine = register(session, 6, links=["marketing"], jobs_women=1)
        register(session, 8, "HN1701", chain="cashew", links=["production"], profile=profiled(3))
        for enterprise in mine:
            lend(session, enterprise)
        form_group(session, mine[:5])
        for department in ("HN0601", "HN0801", "HN0501"):
            for link in ("inputs", "production", "processing", "marketing"):
                register(session, 9, department, links=[link], profile=profiled(4), formal=True)
    with service.database.transaction() as session:
        for department in ("HN06", "HN08", "HN05"):
            publish_figures(session, Caller.operator("prueba"), department)
    return service


def test_what_an_older_publication_does_not_have_is_not_told_as_nobody(gulf: SimpleNamespace) -> None:
    told(gulf, CHAIN)
    newer = ("men", "placed", "chain_need", "chain_training", "chain_loans", "introductions")
    with gulf.database.transaction() as session:
        for one in session.scalars(select(Publication).where(Publication.department == "HN17")):
            one.figures = {key: value for key, value in one.figures.items() if key.split("/")[1] not in newer}

    report = told(gulf, CHAIN)

    assert report["women_share"] is None
    headlines = {row["code"]: row["value"] for row in report["summary"]["headlines"]}
    assert headlines["enterprises"] == 22
    assert {headlines[code] for code in ("men", "asks_credit", "loans", "in_training")} == {None}
    assert {row["men"] for row in report["places"]} == {None}
    assert any("antes de que se publicaran" in said for said in report["method"])


def test_a_chain_is_told_with_its_links_and_what_they_lack(gulf: SimpleNamespace) -> None:
    report = told(gulf, CHAIN)

    assert (report["kind"], report["chain"], report["name"]) == ("chain", "fishing", "Pesca y acuicultura: Valle")
    assert report["number"] == f"fishing-HN17-{report['published']}"
    links = {row["link"]: row for row in report["chain_row"]["links"]}
    assert (links["production"]["enterprises"], links["production"]["women"]) == (16, 32)
    assert (links["marketing"]["enterprises"], links["processing"]["state"]) == (6, "missing")
    assert report["chain_row"]["needed"] == 1 + report["chain_row"]["present"] + len(report["chain_row"]["missing"]) - 1
    assert report["women_share"] == round(100 * 38 / (38 + 16))
    assert [row["code"] for row in report["summary"]["headlines"]] == [
        "enterprises", "women", "men", "asks_credit", "loans", "in_training"
    ]  # fmt: skip
    assert [row["value"] for row in report["summary"]["headlines"]] == [22, 38, 16, 22, 6, 5]
    assert len(report["summary"]["findings"]) == 3


def test_levels_sales_and_purchases_are_of_enough_and_compared_with_the_country(gulf: SimpleNamespace) -> None:
    report = told(gulf, CHAIN)

    levels = {row["subject"]: row for row in report["levels"]}
    assert (levels["quality"]["mean"], levels["quality"]["n"], levels["quality"]["around"]) == (2.0, 16, 2.0)
    assert (levels["credit"]["mean"], levels["credit"]["country"]) == (1.4, 3.7)
    assert levels["innovation"]["mean"] is None
    assert report["sales"] == [
        {"currency": "HNL", "n": 16, "low": {"amount": "160000.00", "currency": "HNL"},
         "high": {"amount": "320000.00", "currency": "HNL"}}
    ]  # fmt: skip
    assert report["leakage"] == {"n": 16, "percent": 100}
    assert report["national"] == "Honduras"


def test_where_it_lies_is_told_with_the_quotient_of_each_place(gulf: SimpleNamespace) -> None:
    rows = {row["code"]: row for row in told(gulf, CHAIN)["places"]}

    assert (rows["HN1709"]["enterprises"], rows["HN1709"]["n"]) == (15, 15)
    assert rows["HN1709"]["quotient"] == round((15 / 15) / (22 / 30), 2)
    assert rows["HN1701"]["quotient"] == round((7 / 15) / (22 / 30), 2)
    assert rows["HN1701"]["low"] < rows["HN1701"]["quotient"] < rows["HN1701"]["high"]
    assert rows["HN1702"]["quotient"] is None


def test_what_is_of_few_is_not_told(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 4, profile=profiled(4), sales=sold("10000.00", "20000.00"))
        register(session, 9, chain="coffee", profile=profiled(1))
    fishing, coffee = told(service, CHAIN), told(service, CHAIN.replace("fishing", "coffee"))

    assert [row["value"] for row in fishing["summary"]["headlines"]][:2] == [None, None]
    assert fishing["sales"] == []
    assert all(row["mean"] is None for row in fishing["levels"])
    whole = {row["subject"]: row["around"] for row in coffee["levels"]}
    own = {row["subject"]: row["mean"] for row in coffee["levels"]}
    assert own["credit"] is None or whole["credit"] is None, "or else the four who fish are told by subtraction"


def test_sales_that_one_has_nearly_all_of_are_not_told(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 11, sales=sold("1000.00", "2000.00"))
        register(session, 1, sales=sold("9000000.00", "9900000.00"))

    assert told(service, CHAIN)["sales"] == []


def test_sales_with_an_open_band_have_no_upper_limit(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 8, sales=sold("10000.00", "20000.00"))
        register(session, 1, sales=sold("20000.00"))

    assert [row["high"] for row in told(service, CHAIN)["sales"]] == [None]


def test_introductions_are_counts_and_no_pair_is_told(gulf: SimpleNamespace) -> None:
    coordinator = Caller.operator("prueba")
    with gulf.database.transaction() as session:
        ids = session.scalars(select(CopyEnterprise.id).where(CopyEnterprise.chain == "fishing")).all()
        for place, buyer in enumerate(ids[:13]):
            pair = Introduction.of(coordinator, unit="HN1709", buyer_id=buyer, supplier_id=ids[-1], item="tools")
            pair.say(coordinator, "business" if place < 6 else "made", None)
            session.add(pair)
    report = told(gulf, CHAIN)

    assert report["introductions"]["all"] == 13
    assert (report["introductions"]["made"], report["introductions"]["business"]) == (7, 6)
    assert not any(str(one) in str(report) for one in ids)


def test_a_part_of_a_department_is_told_without_what_is_published_of_departments_only(gulf: SimpleNamespace) -> None:
    report = told(gulf, "/reports/chain/fishing?unit=HN1709")

    assert report["detailed"] is False
    assert report["chain_row"]["enterprises"] == 15
    assert report["sales"] == []
    assert {row["code"]: row["value"] for row in report["summary"]["headlines"]}["asks_credit"] is None


@pytest.mark.parametrize("form", ["pdf", "xlsx", "html", "gpkg"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_every_form_is_the_same_bytes_twice_and_can_be_verified(
    gulf: SimpleNamespace, form: str, language: str
) -> None:
    on_the_way(gulf, "submitted")
    first = gulf.get(PLANNER, f"{DOCUMENT}{form}&language={language}")
    with clock.frozen(clock.now() + timedelta(seconds=61)):
        second = gulf.get(PLANNER, f"{DOCUMENT}{form}&language={language}")

    assert first.status_code == 200
    assert f"-fishing-HN17.{form}" in first.headers["Content-Disposition"]
    assert first.get_data() == second.get_data()


def test_the_forms_tell_the_numbers_of_the_page(gulf: SimpleNamespace) -> None:
    report = told(gulf, CHAIN)
    pdf = text_of(gulf.get(PLANNER, f"{DOCUMENT}pdf").get_data())
    book = CalamineWorkbook.from_filelike(io.BytesIO(gulf.get(PLANNER, f"{DOCUMENT}xlsx").get_data()))
    page = gulf.get(PLANNER, f"{DOCUMENT}html").get_data(as_text=True)
    layer = {row["name"]: row for row in features_of(gulf.get(PLANNER, f"{DOCUMENT}gpkg").get_data())}

    for said in (*report["summary"]["findings"], *report["summary"]["asks"]):
        assert said["text"].split(",")[0].split("(")[0].split(":")[0].strip() in pdf
        assert said["text"].split("(")[0] in page
    rows = {row[0]: row[1:] for row in book.get_sheet_by_name("Eslabones").to_python()}
    assert rows["Producción"][2:4] == [16, 32]
    assert rows["Transformación"][1] == "falta"
    sales = book.get_sheet_by_name("Ventas de un año").to_python()[1]
    assert sales == ["HNL", 16, 160000, 320000]
    assert "L 160,000.00" in pdf.replace("\xa0", " ")
    assert layer["San Lorenzo"]["enterprises"] == 15


def test_a_chain_report_can_be_verified(gulf: SimpleNamespace) -> None:
    page = gulf.get(PLANNER, f"{DOCUMENT}html").get_data(as_text=True)
    code = page.split("/verify/")[1][:64]

    verified = gulf.get(Caller.service("portal"), f"/documents/{code}/verification").json

    assert (verified["kind"], verified["title"]) == ("chain_report", "Informe de la cadena Pesca y acuicultura: Valle")


def test_the_pdf_of_a_chain_is_accessible(gulf: SimpleNamespace) -> None:
    root: Any = PdfReader(io.BytesIO(gulf.get(PLANNER, f"{DOCUMENT}pdf").get_data())).trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert "pdfuaid" in root["/Metadata"].get_data().decode()


def test_a_chain_that_is_nowhere_has_a_first_page_that_says_so(gulf: SimpleNamespace) -> None:
    report = told(gulf, "/reports/chain/honey?unit=HN17")

    assert report["chain_row"] is None
    assert [row["code"] for row in report["summary"]["findings"]] == ["finding.nothing"]
    assert gulf.get(PLANNER, "/reports/chain/honey/document?unit=HN17").get_data().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/reports/chain/gold?unit=HN17", 404), ("/reports/chain/fishing?unit=HN06", 403),
     ("/reports/chain/fishing?unit=XX", 422), ("/reports/chain/fishing?unit=HN", 403),
     ("/reports/chain/fishing/document?unit=HN17&format=exe", 422)],
)  # fmt: skip
def test_what_there_is_not_or_lies_outside_is_refused(gulf: SimpleNamespace, path: str, status: int) -> None:
    assert gulf.get(PLANNER, path).status_code == status


def test_a_country_is_told_to_who_sees_all_of_it(gulf: SimpleNamespace) -> None:
    report = told(gulf, "/reports/chain/fishing?unit=HN", person("planner", scope="HN"))

    assert report["name"] == "Pesca y acuicultura: Honduras"
    assert report["national"] is None, "it is the country"
    assert report["chain_row"]["enterprises"] == 22 + 3 * 36


def test_plans_and_proposals_that_name_the_chain_are_told(gulf: SimpleNamespace) -> None:
    on_the_way(gulf, "submitted")
    body = {
        "unit": "HN17", "kind": "pdd", "title": "Plan de Valle", "source": "Acta 1", "valid_from": "2026-01-01",
        "chains": ["fishing"], "purposes": [],
    }  # fmt: skip
    assert gulf.call(COORDINATOR, "POST", "/plans", json=body).status_code == 201

    report = told(gulf, CHAIN)

    assert [row["title"] for row in report["plans"]] == ["Plan de Valle"]
    assert report["tracker"]["submitted"] == 1
    assert told(gulf, "/reports/chain/cashew?unit=HN17")["tracker"]["submitted"] == 0


def test_the_command_writes_the_report_of_a_chain(gulf: SimpleNamespace, tmp_path: Path) -> None:
    done = command(gulf, "report", "HN17", "--chain", "fishing", "-o", str(tmp_path / "cadena.pdf"))

    assert "Pesca y acuicultura: Valle" in done.output
    assert (tmp_path / "cadena.pdf").read_bytes() == gulf.get(PLANNER, f"{DOCUMENT}pdf").get_data()


def test_a_folder_of_reports_holds_one_for_each_chain_that_is_there(gulf: SimpleNamespace, tmp_path: Path) -> None:
    done = command(gulf, "reports", "--all", "HN17", "-o", str(tmp_path / "todo"), "--kind", "chain", "--format", "html",
                   "--processes", "1")  # fmt: skip

    assert "2 new of 2" in done.output


MUNICIPAL = "/reports/municipal/HN1709"


def test_a_municipality_is_compared_with_department_and_country(gulf: SimpleNamespace) -> None:
    report = told(gulf, MUNICIPAL)
    shares = {row["code"]: row for row in report["summary"]["shares"]}

    assert (shares["formal"]["percent"], shares["formal"]["around"], shares["formal"]["country"]) == (0, 0, 75)
    assert (shares["formal"]["judgement"], shares["formal"]["country_judgement"]) == ("alike", "weakness")
    levels = {row["subject"]: row for row in report["levels"]}
    assert (levels["market"]["mean"], levels["market"]["n"]) == (1.4, 9)
    assert levels["market"]["country"] > 3


def test_of_a_country_of_which_too_little_lies_outside_nothing_is_told(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 12, profile=profiled(2))
        register(session, 12, "HN0601", profile=profiled(4), formal=True)
    with service.database.transaction() as session:
        publish_figures(session, Caller.operator("prueba"), "HN06")

    report = told(service, MUNICIPAL)

    assert all(row["country"] is None for row in (*report["summary"]["shares"], *report["levels"]))


def test_levels_of_a_municipality_of_few_are_withheld_with_another_that_would_tell_them(
    service: SimpleNamespace,
) -> None:
    with service.database.transaction() as session:
        register(session, 3, profile=profiled(4))
        register(session, 9, profile=None)
        register(session, 8, "HN1701", profile=profiled(1))
        register(session, 20, "HN1703", profile=profiled(2))
    levels = {
        code: {row["subject"]: row["mean"] for row in told(service, f"/reports/municipal/{code}")["levels"]}
        for code in ("HN1709", "HN1701", "HN1703")
    }

    assert levels["HN1709"]["credit"] is None
    assert levels["HN1701"]["credit"] is None, "or else the department would tell the three"
    assert levels["HN1703"]["credit"] == 2.0
