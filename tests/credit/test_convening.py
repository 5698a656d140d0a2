"""On which days a session can be called: the calendar is that of the three countries, not that of UTC."""

from datetime import UTC, datetime

import pytest

from services.credit.use_cases.convene_session import convene_session
from shared.kernel import Invalid, clock
from tests.credit.house import COORDINATOR, House


def test_in_the_evening_a_session_of_that_day_can_still_be_called_and_none_of_the_day_before(house: House) -> None:
    def convene(day: int) -> str:
        morning = datetime(2026, 3, day, 15, 30, tzinfo=UTC)
        return convene_session(
            house.session, COORDINATOR, committee_id=house.committee_id, scheduled_for=morning, place="San Lorenzo"
        ).state

    with clock.frozen(datetime(2026, 3, 6, 3, 0, tzinfo=UTC)):  # nine in the evening of the 5th
        assert convene(5) == "convened"
        with pytest.raises(Invalid, match=r"session\.in_the_past"):
            convene(4)
