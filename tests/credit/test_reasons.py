"""Why something was refused or deferred always has a known code, with words in both languages."""

from typing import Any

import pytest

from services.credit.queries.applications import resolutions
from services.credit.queries.room import room
from services.credit.rules.governance import Reasons
from services.credit.tables import known_reasons
from services.credit.use_cases.close_item import close_item
from shared.kernel import Invalid, clock
from tests.credit.house import CHAIR, MEMBERS, House
from tests.credit.test_conditions import cast


def test_what_is_refused_has_a_known_reason_though_the_regulations_list_none(house: House):
    """The usual reasons of the day; in words of her own alone it is another one."""
    for codes, expected, words in (
        (("payment_capacity",) * 4, "payment_capacity", "capacity to pay"),
        ((None,) * 4, "other", "Another reason"),
    ):
        application = house.appraised()
        meeting = house.opened(application)
        for who, code in zip(MEMBERS, codes, strict=True):
            cast(house, meeting, who, "refuse", code)
        done = close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
        assert (done.outcome, done.reason_code) == ("refused", expected)
        [told] = resolutions(house.session, [application.id])
        assert words in (told["reason_english"] or "")
        assert told["reason"]
    with pytest.raises(Invalid, match=r"committee\.reason_code_unknown"):
        cast(house, house.opened(house.appraised()), CHAIR, "refuse", "luck")


def test_the_regulations_add_reasons_and_word_the_usual_ones_in_their_way(session: Any):
    own = [
        {"code": "harvest", "name": "Espera la cosecha", "english": "It waits for the harvest", "choices": ["defer"]},
        {"code": "papers", "name": "Faltan papeles", "choices": ["refuse"]},
    ]
    house = House.build(session, reasons={"items": own, "source": "art. 15"})
    shown = room(session, CHAIR, house.opened(house.appraised()), reads_minutes=True)["reasons"]
    assert shown["defer"][0] == {
        "code": "harvest",
        "name": "Espera la cosecha",
        "english": "It waits for the harvest",
        "own": True,
    }
    assert [one["name"] for one in shown["refuse"] if one["code"] == "papers"] == ["Faltan papeles"]
    assert "papers" not in [one["code"] for one in shown["defer"]]
    assert {"payment_capacity", "other"} <= {one["code"] for one in shown["refuse"]}


def test_the_usual_reasons_are_worded_in_both_languages_for_both_choices():
    usual = known_reasons(Reasons(), clock.today()).usual
    assert all(one.name and one.english and one.name != one.english for one in usual)
    assert len({one.code for one in usual}) == len(usual)
    assert {choice for one in usual for choice in one.choices} == {"refuse", "defer"}
