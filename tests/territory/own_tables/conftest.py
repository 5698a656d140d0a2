"""A department with enough enterprises to publish something, and small counts to withhold."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.testing import person
from tests.territory.conftest import form_group, lend, register

PLANNER = person("planner", scope="HN17", subject="planificadora")
TECHNICIAN = person("technician", scope="HN17", subject="tecnica")
ELSEWHERE = person("planner", scope="HN06", subject="otra")
BY_CHAIN = {"measure": "enterprises", "rows": "place", "columns": "chain", "units": ["HN17"], "chart": "bars"}


def the_gulf(session: Session) -> None:
    many = register(session, 12, links=["production"], needs=["credit", "market"], jobs_women=2)
    register(session, 8, "HN1701", chain="cashew", links=["marketing"], formal=True)
    register(session, 7, "HN1701", links=["production", "marketing"])
    register(session, 2, "HN1703")
    register(session, 9, "HN1702", chain="cashew")
    for enterprise in many[:7]:
        lend(session, enterprise)
    form_group(session, many[:6])


@pytest.fixture
def gulf(serve: Callable[..., SimpleNamespace]) -> SimpleNamespace:
    return serve(the_gulf)


def keep(service: Any, caller: Any = PLANNER, **more: Any) -> Any:
    body = {"title": "Cadenas de Valle", "definition": BY_CHAIN} | more
    return service.call(caller, "POST", "/own-tables", json=body)
