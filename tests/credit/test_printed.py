"""What is printed says what was decided, is chained, and can be verified by anybody who holds it."""

import io
import re
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from services.credit.directory import NOBODY, Names
from services.credit.documents.acta import ActaPrint
from services.credit.models import IssuedDocument, Loan, Repayment
from services.credit.queries.documents import verification
from services.credit.rules.words import in_words, shown
from services.credit.use_cases.cast_vote import declare_conflict
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.print_paper import print_receipt, print_statement
from shared import files
from shared.kernel import clock
from tests.credit.house import CASHIER, CHAIR, LEDA, SECRETARY, TODAY, URL, WOMAN, House, names, product


def text_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    said = " ".join(page.extract_text() for page in pages)
    return " ".join(said.replace("\u200b", "").split())


def closed(house: House, *amounts: str) -> Any:
    meeting = house.opened(*(house.appraised(amount) for amount in amounts))
    for item in meeting.agenda:
        house.vote(meeting, item.position - 1)
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=item.id)
    return close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)


def test_the_acta_names_who_was_there_what_was_voted_and_what_was_resolved(house: House):
    meeting = house.opened(house.appraised(), house.appraised("4000.00"), house.appraised("2500.00"))
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    second = meeting.agenda[1].id
    declare_conflict(house.session, WOMAN, session_id=meeting.id, item_id=second, reason="Es mi prima")
    house.vote(meeting, 1, "approve", (CHAIR,))
    house.vote(meeting, 1, "refuse", (SECRETARY, LEDA))
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=second)
    acta = close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    said = text_of(files.read(house.session, acta.file_id))
    for words in (
        "FON-A-0001",
        "Petrona Presidenta",
        "Red de Mujeres del Golfo",
        "FON-R-2026-0001: Aprobado",
        "FON-R-2026-0002: Denegado",
        "Marina Mujeres se abstuvo y salió del quórum: Es mi prima",
        "No hay capacidad",
        "El punto no se trató",
        "5 de marzo de 2026",
        acta.hash,
    ):
        assert words in said, words
    assert f"{URL}/verify/{acta.hash}" in said.replace(" ", ""), "a line may break inside the address"


def test_each_acta_covers_the_hash_of_the_one_before(house: House):
    first, second = closed(house, "1000.00"), closed(house, "1000.00")
    assert (first.sequence, first.previous_hash) == (1, None)
    assert (second.sequence, second.previous_hash) == (2, first.hash)
    assert first.hash in text_of(files.read(house.session, second.file_id)).replace(" ", "")
    told = verification(house.session, first.hash)
    assert told
    assert (told["number"], told["chain_whole"], told["following"]) == ("FON-A-0001", True, second.hash)
    assert "María" not in str(told)


def test_a_changed_word_changes_the_hash(house: House):
    acta = closed(house, "1000.00")
    from services.credit.models import CommitteeSession

    meeting = house.session.get_one(CommitteeSession, acta.session_id)
    known = {row: names(row) for row in house.owners}
    same = ActaPrint.of(house.session, house.fund, meeting, number=acta.number, previous=None, known=known)
    assert same.hash == acta.hash
    meeting.agenda[0].votes[0].reason = "otra razón"
    other = ActaPrint.of(house.session, house.fund, meeting, number=acta.number, previous=None, known=known)
    assert other.hash != acta.hash


def test_the_note_carries_the_schedule_and_is_verified(house: House):
    loan = house.disbursed()
    said = text_of(files.read(house.session, loan.note_file_id))
    for words in ("diez mil lempiras con 00/100", "DNI 0801-1990-12345", "05/04/2026", "11,001.61", "18 % anual"):
        assert words in said, words
    told = verification(house.session, loan.note_hash)
    assert told
    assert (told["kind"], told["number"]) == ("promissory_note", loan.number)
    assert verification(house.session, "0" * 64) is None


def note_of(house: House) -> str:
    return text_of(files.read(house.session, house.disbursed().note_file_id))


def test_the_note_says_what_being_late_costs_and_what_instalments_are_rounded_to(session):
    late = {"annual_rate": "24.50", "fixed": 50_00, "after_days": 3, "cap": "20", "days_a_year": 360}
    said = note_of(House.build(session, late_charge=late, products=product(multiple=100)))
    for words in (
        "24.5 % anual sobre el capital vencido, por cada día (año de 360 días)",
        "L 50.00 una vez por cuota vencida, si pasa de 3 días de atraso; a lo sumo 20 % de la cuota",
        "a múltiplos de L 1.00",
    ):
        assert words in said, (words, said)


def test_the_note_of_a_fund_that_charges_nothing_for_being_late_says_so(house: House):
    said = note_of(house)
    assert "no se cobra cargo por mora" in said
    assert "múltiplos" not in said


def code_of(paper: str) -> str:
    """The code at the end of the address that a paper leads to."""
    found = re.search(r"https?://[a-z0-9.:]+/verify/([0-9a-f]{64})", paper.replace(" ", ""))
    assert found, "the paper leads nowhere"
    return found[1]


def receipt(house: House, repayment: Repayment, language: str = "es", names: Names = names) -> str:
    """What the printed receipt says."""
    printed = print_receipt(
        house.session, CASHIER, repayment_id=repayment.id, names=names, language=language, public_url=URL
    )
    return text_of(printed)


@pytest.mark.parametrize(("language", "words"), [("es", "Saldo después de este pago"), ("en", "Still owed after")])
def test_the_receipt_speaks_the_readers_language(house: House, language, words):
    said = receipt(house, house.repay(house.disbursed(), "1833.60"), language)
    assert words in said
    assert "1,833.60" in said
    assert "FON-RC-2026-0001" in said


def test_every_receipt_that_was_printed_can_be_verified(house: House):
    repayment = house.repay(house.disbursed(), "1833.60")
    papers = [receipt(house, repayment, language) for language in ("es", "en", "es")]
    papers.append(receipt(house, repayment, names=lambda _enterprise_id: NOBODY))
    codes = [code_of(paper) for paper in papers]
    assert (len(set(codes)), codes[0]) == (3, codes[2])
    for code in codes:
        told = verification(house.session, code)
        assert told
        assert (told["kind"], told["number"]) == ("receipt", "FON-RC-2026-0001")
        assert told["issued_on"] == repayment.paid_on
        assert "María" not in str(told)
    assert house.session.scalar(select(func.count()).select_from(IssuedDocument)) == 3


def statement(house: House, loan: Loan, language: str = "es") -> str:
    """What the printed statement says."""
    return text_of(
        print_statement(house.session, CASHIER, loan_id=loan.id, names=names, language=language, public_url=URL)
    )


def test_the_statement_tells_what_was_paid_and_what_is_owed_as_of_its_day(house: House):
    loan = house.disbursed()
    assert "Todavía no se ha pagado nada" in statement(house, loan)
    house.repay(loan, "916.80")
    with clock.frozen(TODAY + timedelta(days=70)):
        said = statement(house, loan)
        for words in (
            "María Inventada López",
            "14 de mayo de 2026",
            "Pagado: L 916.80",
            "Saldo, con los intereses por venir: L 10,084.81",
            "Por pagar hoy: L 916.80",
            "2 05/05/2026 en mora 778.30 138.50 0.00 916.80 8,454.90 0.00 916.80",
            "FON-RC-2026-0001 05/03/2026 916.80 0.00 150.00 766.80 0.00 10,084.81",
        ):
            assert words in said.replace("\xa0", " "), words
        assert "To pay today" in statement(house, loan, "en")


def test_every_statement_that_was_printed_can_be_verified(house: House):
    loan = house.disbursed()
    before = code_of(statement(house, loan))
    house.repay(loan, "916.80")
    assert code_of(statement(house, loan)) != before
    told = verification(house.session, before)
    assert told
    assert (told["kind"], told["number"], told["issued_on"]) == ("statement", loan.number, clock.today())


def test_the_note_with_its_schedule_leads_to_the_page_that_verifies_it(house: House):
    loan = house.disbursed()
    assert f"{URL}/verify/{loan.note_hash}" in text_of(files.read(house.session, loan.note_file_id)).replace(" ", "")


@pytest.mark.parametrize(
    ("cents", "currency", "words"),
    [
        (1_00, "GTQ", "un quetzal con 00/100"),
        (21_50, "HNL", "veintiún lempiras con 50/100"),
        (100_00, "USD", "cien dólares con 00/100"),
        (1_000_00, "GTQ", "mil quetzales con 00/100"),
        (31_001_99, "HNL", "treinta y un mil un lempiras con 99/100"),
        (1_000_000_00, "HNL", "un millón de lempiras con 00/100"),
        (2_521_716_05, "GTQ", "dos millones quinientos veintiún mil setecientos dieciséis quetzales con 05/100"),
    ],
)
def test_amounts_are_written_as_a_notary_writes_them(cents, currency, words):
    assert in_words(cents, currency) == words


def test_amounts_in_english():
    assert in_words(1_234_56, "USD", "en") == "one thousand two hundred thirty-four dollars and 56/100"


@given(st.integers(0, 10**11), st.integers(0, 10**11))
def test_two_amounts_are_never_written_alike(one, other):
    assert (in_words(one, "HNL") == in_words(other, "HNL")) == (one == other)
    assert (shown(one) == shown(other)) == (one == other)
