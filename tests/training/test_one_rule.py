"""How much of the hours is enough is said once, for who completed a training and for who earns a diploma."""

from datetime import date
from typing import Any

import pytest

from services.training.reference import diplomas, sessions
from services.training.reference.diplomas import policy
from services.training.reference.sessions import completion
from services.training.rules.diplomas.award import KINDS

EDITIONS = (
    {"valid_from": date(2026, 7, 1), "source": "later", "share_percent": 75},
    {"valid_from": date(2020, 1, 1), "source": "first", "share_percent": 80},
)


@pytest.mark.parametrize("day", [date(2019, 1, 1), date(2026, 3, 5), date(2030, 1, 1)])
def test_diplomas_ask_for_the_share_that_completes(day: date) -> None:
    assert {rule.share_percent for rule in policy(day).rules.values()} == {completion(day).share_percent}


def test_a_new_share_holds_for_both_from_its_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def editions(name: str) -> tuple[dict[str, Any], ...]:
        assert name == "completion.json"
        return EDITIONS

    monkeypatch.setattr(sessions, "_editions", editions)
    assert diplomas.completion is sessions.completion
    before, after = policy(date(2026, 6, 30)), policy(date(2026, 7, 1))
    assert [before.rules[kind].share_percent for kind in KINDS] == [80, 80]
    assert [after.rules[kind].share_percent for kind in KINDS] == [75, 75]
    assert (before.rules["attendance"].valid_from, after.rules["attendance"].valid_from) == (
        date(2020, 1, 1),
        date(2026, 7, 1),
    )


def test_a_paper_goes_by_the_rule_of_its_day() -> None:
    """A diploma keeps the day of its rule; asked for that day, the same rule comes back."""
    first = policy(date(2026, 3, 5)).rules["achievement"]
    assert policy(first.valid_from).rules["achievement"] == first
