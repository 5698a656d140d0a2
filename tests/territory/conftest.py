"""Territory with real databases, told of enterprises, loans and groups as the other services tell it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from services.territory.app import build
from services.territory.queries import inventory
from services.territory.subscriptions import SUBSCRIPTIONS
from shared.bus.envelope import Envelope
from shared.database import Database
from shared.events import Event
from shared.events.credit import ApplicationDecided, ApplicationSubmitted, LoanDisbursed
from shared.events.registry import EnterpriseFacts, EnterpriseRegistered, Point
from shared.events.training import GroupFormed
from shared.identity import Caller
from shared.kernel import Money, clock, uuid7
from shared.settings import Settings
from shared.testing import Filling, database_of, headers, keyrings, settings_of
from shared.web import Peers
from tests.conftest import DATABASES

LOGS = {name: uuid7() for name in ("registry", "credit", "training")}
_positions: dict[str, int] = {}


@pytest.fixture(autouse=True)
def nothing_is_known_yet() -> None:
    """What one test told and read is not there for the next."""
    _positions.clear()
    inventory._kept.clear()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database_of("territory", tmp_path, request.param) as opened:
        yield opened


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The service that a test marked `both_databases` calls runs on both; SQL that differs is run as it will be."""
    if "served_by" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_databases"):
        metafunc.parametrize("served_by", DATABASES, indirect=True)


@pytest.fixture
def served_by(request: pytest.FixtureRequest) -> str:
    """The kind of database that the service runs on."""
    kind: str = getattr(request, "param", "sqlite")
    return kind


@pytest.fixture
def serve(served_by: str, tmp_path: Path) -> Iterator[Callable[[Filling | None], SimpleNamespace]]:
    """`serve(filled)`: the service as it is composed, on a database in which is what `filled` put there, with a client
    that speaks for whom one says.
    """
    with ExitStack() as kept:

        def served(filled: Filling | None) -> SimpleNamespace:
            assert not (tmp_path / "territory.sqlite").exists(), (
                "a test has one service; ask for `gulf` or for `service`"
            )
            opened = kept.enter_context(database_of("territory", tmp_path, served_by, filled))
            url = opened.engine.url.render_as_string(hide_password=False)
            found = _served(settings_of("territory", tmp_path, CSEM_DATABASE_URL=url))
            kept.callback(found.database.dispose)
            return found

        yield served


@pytest.fixture
def service(serve: Callable[[Filling | None], SimpleNamespace]) -> SimpleNamespace:
    """The service before it knows anything."""
    return serve(None)


def _served(settings: Settings) -> SimpleNamespace:
    rings = keyrings(settings.keys)
    built = build(settings, rings["territory"], Peers(settings, rings["territory"], {}))
    http = built.web.test_client()

    def call(caller: Caller, method: str, path: str, **what: Any) -> Any:
        extra = what.pop("headers", {})
        return http.open(f"/api/territory/v1{path}", method=method, headers=headers(rings, caller, **extra), **what)

    return SimpleNamespace(
        built=built,
        database=built.database,
        call=call,
        get=lambda caller, path, **what: call(caller, "GET", path, **what),
    )


def tell(session: Session, event: Event, *, source: str | None = None) -> None:
    """Hand the event to territory as the bus does."""
    source = source or event.type.split(".")[2]
    _positions[source] = _positions.get(source, 0) + 1
    envelope = Envelope(
        source=source,
        log_id=LOGS[source],
        position=_positions[source],
        id=uuid7(),
        type=event.type,
        subject=uuid7(),
        time=clock.now(),
        data=event.payload(),
    )
    SUBSCRIPTIONS.handle(session, envelope)


def facts(municipality: str = "HN1709", **known: Any) -> EnterpriseFacts:
    """An enterprise of the inventory; what is not said is ordinary."""
    return EnterpriseFacts(
        **{
            "enterprise_id": uuid4(),
            "municipality": municipality,
            "place_state": "consistent",
            "point": Point(lon=-87.44, lat=13.42, accuracy_m=8.0),
            "chain": "fishing",
            "links": ["production"],
            "activity": "A",
            "needs": ["credit"],
            "owner_ids": [uuid4()],
            "jobs_women": 1,
            "jobs_men": 0,
            "home_based": False,
            "formal": False,
            "validation": "validated",
            "consent_credit": True,
            "consent_map": True,
            "recorded_on": date(2026, 3, 1),
        }
        | known
    )


def register(session: Session, count: int = 1, municipality: str = "HN1709", **known: Any) -> list[UUID]:
    """So many enterprises enter the inventory; comes back with their ids."""
    made = [facts(municipality, **known) for _ in range(count)]
    for one in made:
        tell(session, EnterpriseRegistered(facts=one))
    return [one.enterprise_id for one in made]


def lend(session: Session, enterprise_id: UUID, municipality: str = "HN1709", amount: str = "10000.00") -> UUID:
    """The enterprise applies, is approved and gets its loan; comes back with the loan's id."""
    loan_id, application_id, money = uuid4(), uuid4(), Money.parse(amount, "HNL")
    about: dict[str, Any] = {
        "application_id": application_id,
        "enterprise_id": enterprise_id,
        "municipality": municipality,
    }
    tell(session, ApplicationSubmitted(**about, amount=money, purpose="working_capital", submitted_on=date(2026, 4, 1)))
    decided = {"outcome": "approved", "resolution": "R-1", "amount": money, "decided_on": date(2026, 4, 9)}
    tell(session, ApplicationDecided(**about, **decided))
    paid = {"owner_ids": [], "chain": "fishing", "amount": money, "term_months": 12, "assistance_needs": []}
    tell(session, LoanDisbursed(**about, **paid, loan_id=loan_id, disbursed_on=date(2026, 4, 15)))
    return loan_id


def form_group(session: Session, enterprise_ids: list[UUID], municipality: str = "HN1709") -> None:
    tell(
        session,
        GroupFormed(
            group_id=uuid4(), chain="fishing", need="quality", municipality=municipality,
            enterprise_ids=enterprise_ids, formed_on=date(2026, 5, 1),
        ),
    )  # fmt: skip
