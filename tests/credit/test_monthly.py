"""After a month its report of compliance is issued once, kept as it was, and waits for the Trust Fund Committee."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pypdf
import pytest
from sqlalchemy import select

from services.credit.jobs import REPORT, SCHEDULES, reporting
from services.credit.models import ComplianceReport, CreditRegulations, IssuedDocument, ReportReading, TrustFund
from services.credit.queries.documents import verification
from services.credit.use_cases.form_committee import form_committee
from services.credit.use_cases.issue_compliance import draw_up, issue_compliance, issue_due
from services.credit.use_cases.keep_fund import record_contribution
from shared import files
from shared.identity import Caller
from shared.job_runner import Runner
from shared.jobs import enqueue
from shared.kernel import Invalid, clock
from shared.testing import person
from tests.credit.house import ADMIN, COORDINATOR, PARAMETERS, TODAY, URL, House, adopt, lempiras
from tests.credit.test_every_refusal import another_fund
from tests.credit.test_printed import text_of
from tests.credit.test_watching import sit

SERVICE = Caller.service("credit")
TRUST = person("trust_fund_member", scope="HN17", subject="trust", name="Fidelia Fiduciaria")
OTHER = person("trust_fund_member", scope="HN17", subject="other-trust", name="Felisa Fiduciaria")
FEBRUARY = date(2026, 2, 1)


def reports(database: Any) -> list[ComplianceReport]:
    with database.reading() as session:
        return list(session.scalars(select(ComplianceReport).order_by(ComplianceReport.month)))


def another(house: House) -> TrustFund:
    """A second fund, with money since before it began to lend."""
    fund = another_fund(house)
    adopt(house.session, fund, date(2025, 1, 1))
    record_contribution(
        house.session,
        COORDINATOR,
        fund_id=fund.id,
        funder="Cooperación",
        source="donor",
        repayable=False,
        amount=lempiras("500.00"),
        received_on=date(2025, 1, 2),
    )
    return fund


def test_the_report_of_the_month_that_is_over_is_issued_once_and_can_be_verified(build_house, database):
    house, _ = build_house()
    assert issue_due(database, SERVICE, URL) == ["FON-2026-02"]
    assert issue_due(database, SERVICE, URL) == []
    [kept] = reports(database)
    assert (kept.month, kept.broken, kept.attempts, kept.issued_at) == (FEBRUARY, 0, 0, TODAY)
    with database.reading() as session:
        told = verification(session, kept.hash)
        assert told
        assert (told["kind"], told["number"]) == ("compliance", "FON-2026-02")
        said = text_of(files.read(session, kept.file_id))
    assert house.fund.name in " ".join(said.split())
    assert "Intentos rechazados" in said


def test_of_two_that_draw_it_up_at_the_same_moment_one_issues_it(build_house, database):
    house, _ = build_house()
    with database.reading() as session:
        both = [draw_up(session, house.fund.id, FEBRUARY, URL) for _ in range(2)]
    issued = []
    for one in both:
        with database.transaction() as session:
            issued.append(issue_compliance(session, SERVICE, one))
    assert [made is not None for made in issued] == [True, False]
    assert len(reports(database)) == 1


def test_months_that_were_missed_are_made_up_for_and_none_from_before_the_fund(build_house, database):
    build_house()
    issue_due(database, SERVICE, URL)
    with clock.frozen(datetime(2026, 6, 1, 7, 0, tzinfo=UTC)):
        assert issue_due(database, SERVICE, URL) == ["FON-2026-03", "FON-2026-04", "FON-2026-05"]


def test_a_fund_in_which_nothing_was_booked_yet_has_no_report(build_house, database):
    build_house(cash="0.00")
    assert issue_due(database, SERVICE, URL) == []


def test_a_fund_whose_report_breaks_keeps_no_other_from_its_own(build_house, database):
    house, _ = build_house(another)
    edition = select(CreditRegulations).where(CreditRegulations.fund_id == house.fund.id)
    with database.transaction() as session:
        session.scalars(edition).one().parameters = {"colour": "green"}
    with clock.frozen(datetime(2026, 4, 2, 7, 0, tzinfo=UTC)):
        with pytest.raises(Invalid, match=r"regulations\.section_missing") as raised:
            issue_due(database, SERVICE, URL)
        assert raised.value.__notes__ == ["while a report of FON was made"]
        assert [kept.number for kept in reports(database)] == ["OTR-2026-03"]
        with database.transaction() as session:
            session.scalars(edition).one().parameters = PARAMETERS
        assert issue_due(database, SERVICE, URL) == ["FON-2026-03"]


def test_of_a_fund_no_month_is_passed_over_when_an_earlier_one_breaks(build_house, database, monkeypatch):
    build_house()
    issue_due(database, SERVICE, URL)
    tried = []

    def breaks(_session: Any, _fund: TrustFund, month: date) -> Any:
        tried.append(month)
        raise OSError("no room")

    with clock.frozen(datetime(2026, 6, 1, 7, 0, tzinfo=UTC)):
        with monkeypatch.context() as patch:
            patch.setattr("services.credit.use_cases.issue_compliance.report", breaks)
            with pytest.raises(OSError, match="no room"):
                issue_due(database, SERVICE, URL)
        assert tried == [date(2026, 3, 1)]
        assert issue_due(database, SERVICE, URL) == ["FON-2026-03", "FON-2026-04", "FON-2026-05"]


def test_the_worker_issues_it_by_the_clock(build_house, database):
    build_house()
    assert any(schedule.kind == REPORT and schedule.daily_at for schedule in SCHEDULES)
    with database.transaction() as session:
        enqueue(session, REPORT, {}, SERVICE)
    Runner(database, {REPORT: reporting(URL)}).run_due()
    assert [kept.number for kept in reports(database)] == ["FON-2026-02"]


def test_it_waits_for_each_member_until_she_opened_it(build_house, client, database):
    build_house()
    issue_due(database, SERVICE, URL)
    [row] = client.get(TRUST, "/compliance-reports?unread=true").body["items"]
    assert (row["number"], row["month"], row["read_at"]) == ("FON-2026-02", "2026-02-01", None)
    for _ in range(2):
        pdf = client.get(TRUST, f"/compliance-reports/{row['id']}/pdf")
        assert (pdf.status, pdf.content[:5]) == (200, b"%PDF-")
    assert client.get(TRUST, "/compliance-reports?unread=true").body["items"] == []
    assert client.get(TRUST, "/compliance-reports").body["items"][0]["read_at"]
    assert len(client.get(OTHER, "/compliance-reports?unread=true").body["items"]) == 1
    client.get(COORDINATOR, f"/compliance-reports/{row['id']}/pdf")
    assert len(client.get(COORDINATOR, "/compliance-reports?unread=true").body["items"]) == 1


def test_it_can_be_read_in_english_as_a_copy_that_names_the_original_on_every_page(build_house, client, database):
    build_house()
    issue_due(database, SERVICE, URL)
    [kept] = reports(database)
    copy = client.get(TRUST, f"/compliance-reports/{kept.id}/reading-copy").content
    reader = pypdf.PdfReader(io.BytesIO(copy))
    pages = [page.extract_text() for page in reader.pages]
    assert len(pages) > 1
    for page in pages:
        assert "Reading copy in English. The Spanish original rules" in page
        assert page.count(kept.hash[:16]) >= 2, "on its head and its foot"
    said = " ".join(text_of(copy).split())
    assert "Monthly report of compliance" in said
    links = {link.get_object()["/A"]["/URI"] for page in reader.pages for link in page.get("/Annots", ())}
    assert [link.rpartition("/verify/")[2] for link in links] == [kept.hash], "what is verified is the original"
    with database.reading() as session:
        original = files.read(session, kept.file_id)
        issued = session.scalars(select(IssuedDocument.hash).where(IssuedDocument.kind == "compliance")).all()
    assert issued == [kept.hash], "one paper is issued"
    assert "Reading copy" not in text_of(original)
    assert client.get(TRUST, "/compliance-reports?unread=true").body["items"] == [], "who read the copy has read it"


def test_the_copy_says_what_the_original_said_whatever_happened_since(build_house, client, database):
    house, _ = build_house()
    issue_due(database, SERVICE, URL)
    [kept] = reports(database)
    before = client.get(TRUST, f"/compliance-reports/{kept.id}/reading-copy").content
    with database.transaction() as session:
        session.get_one(TrustFund, house.fund.id).name = "Otro nombre"
    assert client.get(TRUST, f"/compliance-reports/{kept.id}/reading-copy").content == before


def test_of_a_report_that_carries_no_facts_there_is_no_copy(build_house, client, database):
    build_house()
    issue_due(database, SERVICE, URL)
    with database.transaction() as session:
        kept = session.scalars(select(ComplianceReport)).one()
        kept.file_id = files.store(
            session, b"%PDF-1.7", name="viejo.pdf", media_type="application/pdf", kind="compliance", caller=SERVICE
        ).id
        report_id = kept.id
    refused = client.get(TRUST, f"/compliance-reports/{report_id}/reading-copy")
    assert (refused.status, refused.code) == (404, "compliance.no_reading_copy")
    assert client.get(TRUST, f"/compliance-reports/{report_id}/pdf").status == 200


def test_only_who_sits_on_the_committee_counts_as_a_reader(build_house, client, database):
    def step(house: House) -> None:
        formed = form_committee(
            house.session, ADMIN, fund_id=house.fund.id, name="Comité del Fideicomiso", kind="trust_fund"
        )
        sit(house, formed, TRUST)

    build_house(step)
    issue_due(database, SERVICE, URL)
    [kept] = reports(database)
    for who in (TRUST, OTHER):
        assert client.get(who, f"/compliance-reports/{kept.id}/pdf").status == 200
    with database.reading() as session:
        assert session.scalars(select(ReportReading.subject)).all() == [TRUST.subject]


def test_who_does_not_answer_for_all_of_the_fund_sees_no_report_of_it(build_house, client, database):
    build_house()
    issue_due(database, SERVICE, URL)
    [kept] = reports(database)
    part = person("trust_fund_member", scope="HN1709", subject="part")
    assert client.get(part, "/compliance-reports").body["items"] == []
    for paper in ("pdf", "reading-copy"):
        assert client.get(part, f"/compliance-reports/{kept.id}/{paper}").code == "permission.outside_scope"
    unknown = client.get(TRUST, f"/compliance-reports/{kept.fund_id}/pdf")
    assert (unknown.status, unknown.code) == (404, "compliance.report_unknown")
