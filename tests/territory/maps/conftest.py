"""A department and a country to draw maps of."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session

from tests.territory.conftest import form_group, lend, register


def the_gulf(session: Session) -> None:
    """Valle: San Lorenzo with twelve enterprises of fishing and cashew, three of them not to appear in public, Nacaome
    with seven of dairy, Amapala with two and Alianza with three.
    """
    many = register(session, 9, links=["production"], recorded_on=date(2024, 5, 2), tier="strategic")
    register(session, 3, chain="cashew", consent_map=False, needs=["market"])
    register(session, 7, "HN1701", chain="dairy", jobs_women=2, recorded_on=date(2025, 6, 1))
    register(session, 2, "HN1703", validation="captured")
    register(session, 3, "HN1702")
    for enterprise in many[:6]:
        lend(session, enterprise)
    form_group(session, many[:5])


@pytest.fixture
def gulf(serve: Callable[..., SimpleNamespace]) -> SimpleNamespace:
    return serve(the_gulf)
