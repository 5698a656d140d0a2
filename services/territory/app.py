"""The territory service, composed: its API, its worker, what it tells and hears."""

from functools import partial
from pathlib import Path

from services.territory.api import (
    analyses,
    boundaries,
    chain_maps,
    chains,
    councils,
    criteria,
    denominators,
    dialogues,
    documents,
    establishments,
    gaps,
    influence,
    introductions,
    layers,
    map_links,
    maps,
    own_tables,
    packs,
    places,
    plans,
    points,
    proposals,
    reports,
    scores,
    tables,
)
from services.territory.api.ogc import collections as ogc
from services.territory.api.ogc import downloads
from services.territory.composition import Composition
from services.territory.subscriptions import SUBSCRIPTIONS
from services.territory.use_cases import (
    pack_reports,
    protect_establishments,
    publish_figures,
    send_layer,
    take_boundaries,
    take_tables,
)
from services.territory.use_cases.announce_gaps import ANNOUNCE_JOB, SCHEDULES, announce_everywhere
from services.territory.use_cases.print_many import Press
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
    protect_establishments.PROTECT_JOB: protect_establishments.protect_establishments,
    protect_establishments.DUE_JOB: protect_establishments.ask_what_lacks,
    ANNOUNCE_JOB: announce_everywhere,
    publish_figures.PUBLISH_JOB: publish_figures.publish_everywhere,
    pack_reports.DUE_JOB: pack_reports.ask_what_is_due,
}
RESOURCES = (
    places.locations,
    places.units,
    chain_maps.resource,
    maps.resource,
    map_links.resource,
    points.resource,
    chains.resource,
    criteria.resource,
    analyses.resource,
    scores.resource,
    gaps.resource,
    introductions.resource,
    plans.resource,
    reports.resource,
    reports.publications,
    packs.resource,
    own_tables.resource,
    documents.resource,
    boundaries.resource,
    boundaries.boundary_files,
    layers.resource,
    tables.resource,
    denominators.resource,
    denominators.rates,
    establishments.resource,
    proposals.resource,
    councils.resource,
    councils.commitments,
    dialogues.resource,
    dialogues.alliances,
    influence.resource,
    ogc.resource,
    *downloads.RESOURCES,
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
        context=Composition(
            database, Catalogue([LOCALE]), settings.public_url, keyring.secret("territory map links 1"), LOCALE
        ),
        internal=[bus.feed],
    )
    press = Press(settings.database_url, LOCALE, settings.public_url)
    handlers = JOBS | {pack_reports.PACK_JOB: partial(pack_reports.make_pack, database, press)}
    schedules = [*SCHEDULES, *publish_figures.SCHEDULES, *pack_reports.SCHEDULES, *protect_establishments.SCHEDULES]
    runner = housekeeping.runner(database, "territory", handlers, schedules)
    return Service(settings, database, web, Worker([*bus.loops, runner]))
