"""The hostile corpus against every operation of the real services."""

from zlib import crc32

import pytest

from shared.settings import SERVICES
from shared.web import operations_of
from tests.contracts.conftest import Everything
from tests.web.attack import Attack
from tests.web.corpus import Hostile, cases_of

LARGE = 150_000
"""Larger bodies are read by code that all services share; the sample service gets them (tests/web)."""


@pytest.mark.parametrize("service", SERVICES)
def test_every_hostile_request_is_refused_clearly_and_changes_nothing(everything: Everything, service: str):
    house = everything.house.service(service)
    attack = Attack(house.web, house.database, f"/api/{service}/v1", everything.headers())
    for operation in operations_of(house.web):
        cases = [case for case in cases_of(operation) if small(case) and due(operation.name, case)]
        attack.try_all(operation, cases)
    assert not attack.fallen, "\n".join(attack.fallen)


def small(case: Hostile) -> bool:
    return len(case.body or b"") + len(case.query) < LARGE


def due(operation: str, case: Hostile) -> bool:
    """Every field's own cases, and a quarter of those that any operation refuses: all of them somewhere."""
    return case.pointer is not None or crc32(f"{operation} {case.name}".encode()) % 4 == 0
