"""The territory service, composed: its API, its worker, what it tells and hears."""

from pathlib import Path

from services.territory.api import (
    boundaries,
    chains,
    denominators,
    documents,
    layers,
    maps,
    places,
    plans,
    reports,
    tables,
)
from services.territory.composition import Composition
from services.territory.subscriptions import SUBSCRIPTIONS
from services.territory.use_cases import send_layer, take_boundaries, take_tables
from shared import files, housekeeping
from shared.bus.station import station
from shared.database import Database
from shared.i18n import Catalogue
from shared.service import Service, Worker
from shared.settings import Settings
from shared.tokens import Keyring
from shared.web import Peers, create_app

LOCALE = Path(__file__).parent / "locale"
JOBS = {
    take_boundaries.READ_JOB: take_boundaries.read_file,
    take_boundaries.ADOPT_JOB: take_boundaries.adopt_file,
    send_layer.READ_JOB: send_layer.read_layer,
    take_tables.READ_JOB: take_tables.read_table_file,
    take_tables.ADOPT_JOB: take_tables.adopt_table,
}
RESOURCES = (
    places.locations,
    places.units,
    maps.maps,
    maps.points,
    chains.resource,
    plans.resource,
    reports.resource,
    reports.publications,
    documents.resource,
    boundaries.resource,
    boundaries.boundary_files,
    layers.resource,
    tables.resource,
    denominators.resource,
    denominators.rates,
)


def build(settings: Settings, keyring: Keyring, peers: Peers) -> Service:
    """The territory service."""
    database = Database(settings.database_url)
    bus = station(settings, database, keyring, peers, SUBSCRIPTIONS)
    files.keep_in(database, settings.files)
    web = create_app(
        "territory",
        database=database,
        keyring=keyring,
        resources=[*RESOURCES, *bus.resources],
        locale=LOCALE,
        context=Composition(database, Catalogue([LOCALE]), settings.public_url),
        internal=[bus.feed],
    )
    runner = housekeeping.runner(database, "territory", JOBS)
    return Service(settings, database, web, Worker([*bus.loops, runner]))
