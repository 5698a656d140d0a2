"""The territory service that is measured, and events handed to it as the bus does."""

import os
from collections.abc import Callable
from datetime import date

from flask import Flask
from sqlalchemy import select

from services.territory.app import build
from services.territory.models import CopyEnterprise
from services.territory.rules.tiling import BITS, column_row
from services.territory.subscriptions import SUBSCRIPTIONS
from shared import logs
from shared.bus.envelope import Envelope
from shared.database import Database
from shared.events.registry import EnterpriseChanged, EnterpriseFacts, Point
from shared.kernel import clock, uuid7
from shared.settings import Settings
from shared.tokens import Keyring
from shared.web import Peers

ZOOM = 16


def create() -> Flask:
    """The service on the database that is measured."""
    environ = {"CSEM_HOME": os.environ["CSEM_HOME"], "CSEM_DATABASE_URL": os.environ["CSEM_BENCH_DATABASE"]}
    settings = Settings.read("territory", environ)
    logs.configure("json")
    ring = Keyring(settings.keys, "territory")
    return build(settings, ring, Peers(settings, ring, {})).web


def mover(address: str) -> Callable[[int], tuple[str, str]]:
    """What moves an enterprise somewhere else: returns the path of its new tile (zoom, row, column) and its id."""
    database, log_id = Database(address), uuid7()
    with database.reading() as session:
        ids = list(session.scalars(select(CopyEnterprise.id).limit(50)))

    def move(number: int) -> tuple[str, str]:
        lon, lat = -87.0 + number / 50, 15.0 + number / 70
        facts = EnterpriseFacts(
            enterprise_id=ids[number], municipality="HN0801", place_state="consistent",
            point=Point(lon=lon, lat=lat, accuracy_m=3.0), chain="coffee", links=["production"], activity="A",
            needs=["credit"], owner_ids=[], jobs_women=1, jobs_men=0, home_based=False, formal=False,
            validation="validated", consent_credit=True, consent_map=True, recorded_on=date(2026, 3, 1),
        )  # fmt: skip
        event = EnterpriseChanged(facts=facts)
        envelope = Envelope(
            source="registry", log_id=log_id, position=number + 1, id=uuid7(), type=event.type, subject=uuid7(),
            time=clock.now(), data=event.payload(),
        )  # fmt: skip
        with database.transaction() as session:
            SUBSCRIPTIONS.handle(session, envelope)
        column, row = (part >> (BITS - ZOOM) for part in column_row(lon, lat))
        return f"{ZOOM}/{row}/{column}", str(ids[number])

    return move
