"""The registry, composed: the inventory's API, its worker, and what it tells and hears."""

from pathlib import Path

from services.registry import export_jobs
from services.registry.api import (
    accompaniments,
    agenda,
    campaigns,
    centres,
    circumstances,
    dashboard,
    documents,
    drafts,
    duplicates,
    enterprises,
    exports,
    fairs,
    forms,
    imports,
    institutions,
    lists,
    opportunities,
    people,
    plans,
    profiles,
    projects,
    saved_views,
    studies,
    validations,
)
from services.registry.composition import Composition
from services.registry.export_jobs import Exporting
from services.registry.jobs import LongWork
from services.registry.sealing import Sealer
from services.registry.subscriptions import SUBSCRIPTIONS
from services.registry.territory import Territory
from services.registry.upkeep import SCHEDULES
from shared import files, housekeeping
from shared.bus.station import station
from shared.database import Database
from shared.i18n import Catalogue
from shared.service import Service, Worker
from shared.settings import Settings
from shared.tokens import Keyring
from shared.web import Peers, believe_proxies, create_app

LOCALE = Path(__file__).parent / "locale"


def build(settings: Settings, keyring: Keyring, peers: Peers) -> Service:
    """The registry as a service."""
    database = Database(settings.database_url)
    bus = station(settings, database, keyring, peers, SUBSCRIPTIONS)
    files.keep_in(database, settings.files)
    sealer = Sealer.of(keyring)
    work = LongWork(sealer, Territory(peers))
    web = create_app(
        "registry",
        database=database,
        keyring=keyring,
        resources=[
            enterprises.resource,
            people.resource,
            circumstances.resource,
            lists.resource,
            centres.resource,
            institutions.resource,
            institutions.agreements,
            imports.resource,
            exports.resource,
            duplicates.resource,
            accompaniments.resource,
            profiles.resource,
            profiles.rubrics,
            validations.resource,
            validations.steps,
            agenda.resource,
            projects.resource,
            plans.resource,
            documents.resource,
            campaigns.resource,
            fairs.resource,
            fairs.stands,
            opportunities.resource,
            studies.resource,
            saved_views.resource,
            dashboard.resource,
            forms.resource,
            forms.hooks,
            drafts.resource,
            *bus.resources,
        ],
        locale=LOCALE,
        context=Composition(sealer, work, Catalogue([LOCALE]), settings.public_url),
        internal=[bus.feed],
    )
    believe_proxies(web, settings.trusted_proxies)
    handlers = work.handlers() | Exporting(database, sealer).handlers()
    runner = housekeeping.runner(database, "registry", handlers, [*SCHEDULES, *export_jobs.SCHEDULES])
    return Service(settings, database, web, Worker([*bus.loops, runner]))
