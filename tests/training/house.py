"""Women and enterprises for the tests of training, told by events as the registry and credit tell them."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.subscriptions import SUBSCRIPTIONS
from shared.bus.envelope import Envelope
from shared.events import Event
from shared.events.credit import LoanDisbursed
from shared.events.registry import EnterpriseFacts, EnterpriseRegistered, EntrepreneurWithdrawn, Point
from shared.kernel import Money, uuid7
from shared.testing import person

TODAY = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
SAN_LORENZO, NACAOME, CHOLUTECA, LA_UNION = "HN1709", "HN1701", "HN0601", "SV1401"
CENTRE = {SAN_LORENZO: (-87.447, 13.424), NACAOME: (-87.487, 13.536), CHOLUTECA: (-87.19, 13.30)}
KM = 1 / 111.195

TRAINER = person("trainer", scope="HN17", subject="trainer", name="Trini Capacitadora")
TECHNICIAN = person("technician", scope=("HN17", "SV14"), subject="technician", name="Tecla Técnica")
COORDINATOR = person("coordinator", scope="HN", subject="coordinator", name="Coralia Coordinadora")
STRANGER = person("trainer", scope="GT01", subject="stranger", name="Lejana Lejos")


def number(value: int) -> UUID:
    return UUID(int=value)


def woman_of(enterprise: int, partner: int = 0) -> UUID:
    return UUID(int=1_000_000 + enterprise * 10 + partner)


def tell(
    session: Session, event: Event, subject: UUID, *, replaying: bool = False, event_id: UUID | None = None
) -> None:
    """Deliver an event as the bus does."""
    envelope = Envelope(
        source=event.type.split(".")[2],
        log_id=number(1),
        position=1,
        id=event_id or uuid7(),
        type=event.type,
        subject=subject,
        time=TODAY,
        data=event.payload(),
    )
    SUBSCRIPTIONS.handle(session, envelope, replaying=replaying)


def facts(enterprise: int, **changed: Any) -> EnterpriseFacts:
    """An enterprise near the centre of its municipality; `north_km` moves it, `partners` adds women."""
    municipality = changed.pop("municipality", SAN_LORENZO)
    partners = changed.pop("partners", 1)
    lon, lat = CENTRE.get(municipality, (-87.8, 13.4))
    lat += changed.pop("north_km", enterprise % 10 * 0.1) * KM
    known: dict[str, Any] = {
        "enterprise_id": number(enterprise),
        "municipality": municipality,
        "place_state": "consistent",
        "point": Point(lon=lon, lat=lat),
        "chain": "fishing",
        "links": ["production"],
        "activity": "A",
        "needs": ["quality"],
        "owner_ids": [woman_of(enterprise, partner) for partner in range(partners)],
        "jobs_women": partners,
        "jobs_men": 0,
        "home_based": True,
        "formal": False,
        "validation": "validated",
        "consent_credit": True,
        "consent_map": False,
        "recorded_on": date(2026, 2, 1),
    }
    return EnterpriseFacts(**(known | changed))


def register(session: Session, enterprise: int, **changed: Any) -> None:
    tell(session, EnterpriseRegistered(facts=facts(enterprise, **changed)), number(enterprise))


def register_many(session: Session, first: int, count: int, **changed: Any) -> None:
    for enterprise in range(first, first + count):
        register(session, enterprise, **changed)


def lend(session: Session, enterprise: int, needs: list[str], loan: int = 9_000, **changed: Any) -> None:
    loan_id = number(loan + enterprise)
    known: dict[str, Any] = {
        "loan_id": loan_id,
        "application_id": number(77),
        "enterprise_id": number(enterprise),
        "owner_ids": [woman_of(enterprise)],
        "municipality": SAN_LORENZO,
        "chain": "fishing",
        "amount": Money.parse("10000.00", "HNL"),
        "term_months": 12,
        "disbursed_on": date(2026, 2, 20),
        "assistance_needs": needs,
    }
    tell(session, LoanDisbursed(**(known | changed)), loan_id)


def withdraw(session: Session, enterprise: int, partner: int = 0, *, alone: bool = True) -> None:
    woman = woman_of(enterprise, partner)
    gone = [number(enterprise)] if alone else []
    tell(session, EntrepreneurWithdrawn(entrepreneur_id=woman, enterprise_ids=gone), woman)
