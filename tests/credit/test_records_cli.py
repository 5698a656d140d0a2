"""`csem credit`: one record at a time, papers to a file, what governs a fund."""

import pytest
from sqlalchemy import select

from services.credit.models import IssuedDocument, Suspension, TrustFund
from shared import files
from shared.testing import settings_of
from tests.credit.seeding import awarded, seed_house
from tests.credit.test_cli import run  # noqa: F401 - a fixture

LOAN = "FON-P-2026-0001"


@pytest.fixture
def lent(build_house, database, tmp_path):
    """A fund with a loan of which a part is paid, and its papers where the command finds them."""
    files.keep_in(database, settings_of("credit", tmp_path).files)
    return build_house(lambda house: house.repay(house.disbursed(), "1000.00"))


def test_an_application_and_its_loan_are_told_by_their_numbers(lent, run):  # noqa: F811
    told = run("loan", LOAN)
    assert "FON-RC-2026-0001" in told
    assert "1000.00" in told
    assert "active" in told
    told = run("application", "FON-S-2026-0001")
    assert "approved" in told
    assert f"loan {LOAN}" in told


def test_a_number_that_nobody_has_is_said_so(lent, run):  # noqa: F811
    with pytest.raises(AssertionError, match=r"There is no loan NADA"):
        run("loan", "NADA")


def test_the_committee_the_journal_and_the_contributions_of_a_fund_are_listed(lent, run):  # noqa: F811
    assert "women_organizations" in run("committee", "FON")
    newest, *_ = run("journal", "FON", "--last", "1").splitlines()[1:]
    assert "repayment" in newest
    assert "100000.00" in run("contributions", "FON")


def test_papers_are_written_to_a_file(lent, run, tmp_path):  # noqa: F811
    target = tmp_path / "papel.pdf"
    for words in (
        ("paper", LOAN, str(target)),
        ("print", "receipt", "FON-RC-2026-0001", str(target)),
        ("print", "statement", LOAN, str(target)),
        ("print", "notice", "FON-CS-2026-0001", str(target)),
    ):
        target.unlink(missing_ok=True)
        assert f"{target}: " in run(*words)
        assert target.read_bytes().startswith(b"%PDF")
    with pytest.raises(AssertionError, match=r"nothing_overdue|vencid|overdue"):
        run("print", "reminder", LOAN, str(target))
    with pytest.raises(AssertionError, match=r"There is no loan, award, minutes or report"):
        run("paper", "NADA", str(target))


def test_of_a_paper_that_cannot_be_written_no_hash_is_kept(lent, run, database, tmp_path):  # noqa: F811
    target = str(tmp_path / "nowhere" / "papel.pdf")
    for words in (("paper", LOAN), ("print", "receipt", "FON-RC-2026-0001"), ("print", "statement", LOAN)):
        with pytest.raises(AssertionError, match=r"papel\.pdf cannot be written: No such file or directory"):
            run(*words, target)
    with database.reading() as session:
        kinds = set(session.scalars(select(IssuedDocument.kind)))
    assert kinds.isdisjoint({"receipt", "statement"})


def test_a_fund_is_governed(build_house, run, database):  # noqa: F811
    build_house()
    given = ("--funder", "Cooperación", "--source", "donor", "--date", "2026-03-05")
    assert "500.00 HNL from Cooperación" in run("contribute", "FON", "500.00", *given)
    assert "the reserve of FON is 700.00 HNL" in run("reserve", "FON", "700.00")
    with database.reading() as session:
        assert session.query(TrustFund).one().reserve == 700_00
    assert "lends nothing" in run("suspend", "FON", "--reason", "Revisión")
    with pytest.raises(AssertionError, match=r"fund\.suspended_already"):
        run("suspend", "FON", "--reason", "Otra vez")
    with pytest.raises(AssertionError, match=r"segregation\.suspender_resumes"):
        run("resume", "FON", "--reason", "Revisada")
    with database.transaction() as session:
        session.query(Suspension).one().suspended_by = "otra"
    assert "lends again" in run("resume", "FON", "--reason", "Revisada")


def test_an_award_is_told_with_its_parts(database, run):  # noqa: F811
    with database.transaction() as session:
        number = awarded(seed_house(session)).number
    told = run("award", number)
    assert "open" in told
    assert "final report missing" in told


def test_closed_days_and_the_indicators_of_a_period_are_listed(lent, run):  # noqa: F811
    assert "allowance" in run("closes", "FON")
    told = run("indicators", "--from", "2026-01-01", "--to", "2026-12-31", "--fund", "FON")
    assert "portfolio_yield" in told
    assert "HNL" in told
