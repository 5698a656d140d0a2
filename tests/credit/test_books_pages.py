"""The pages of the books, walked without JavaScript by the people whose work it is."""

import pytest

from tests.credit.house import House
from tests.credit.test_pages import Town, housed, town  # noqa: F401 - a fixture
from tests.portal.conftest import text_of


def fund_of(house: House) -> str:
    return f"/credit/funds/{house.fund.id}"


@pytest.fixture
def fund(town: Town) -> str:  # noqa: F811
    """The address of a fund that has money and one loan."""

    def step(house: House) -> str:
        house.disbursed()
        return fund_of(house)

    return str(housed(town, step))


def test_the_books_are_shown_as_of_the_day_that_is_asked_for(town: Town, fund: str):  # noqa: F811
    officer = town.signed_in("ofelia", "credit_officer")
    assert f"{fund}/books" in officer.get(fund).text
    page = text_of(officer.get(f"{fund}/books"))
    for words in ("Todo cuadra", "1201 Préstamos", "L10,000.00", "Activo L100,000.00 = pasivo L0.00"):
        assert words in page, words
    assert "1201" not in text_of(officer.get(f"{fund}/books?date=2026-03-04"))
    assert "Hasta este día no hay nada asentado" in text_of(officer.get(f"{fund}/books?date=2020-01-01"))
    wrong = officer.get(f"{fund}/books?date=2026-02-30")
    assert wrong.status_code == 422
    assert "Hay un problema" in text_of(wrong)
    assert town.signed_in("tecla", "technician").get(f"{fund}/books").status_code == 403
