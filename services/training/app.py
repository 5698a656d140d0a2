"""The training service, composed: needs, proposals and groups, its worker, and what it tells and hears."""

from pathlib import Path

from services.training.api import groups, needs, proposals
from services.training.directory import Directory
from services.training.subscriptions import SUBSCRIPTIONS
from shared import housekeeping
from shared.bus.station import station
from shared.database import Database
from shared.service import Service, Worker
from shared.settings import Settings
from shared.tokens import Keyring
from shared.web import Peers, create_app

LOCALE = Path(__file__).parent / "locale"


def build(settings: Settings, keyring: Keyring, peers: Peers) -> Service:
    """Training as a service."""
    database = Database(settings.database_url)
    bus = station(settings, database, keyring, peers, SUBSCRIPTIONS)
    web = create_app(
        "training",
        database=database,
        keyring=keyring,
        resources=[
            needs.resource,
            proposals.resource,
            groups.resource,
            *bus.resources,
        ],
        locale=LOCALE,
        context=Directory(peers),
        internal=[bus.feed],
    )
    return Service(settings, database, web, Worker([*bus.loops, housekeeping.runner(database, "training")]))
