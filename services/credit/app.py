"""The credit service, composed: its API, what it listens for and what runs in its worker."""

from pathlib import Path

from services.credit import jobs
from services.credit.api import (
    Context,
    applications,
    appraisals,
    assents,
    books,
    changes,
    collection,
    committees,
    documents,
    drawers,
    eligibility,
    funding,
    funds,
    groups,
    guarantees,
    instruments,
    loans,
    overpayments,
    oversight,
    payments,
    pipeline,
    portfolio,
    projection,
    seed,
    sessions,
    statements,
)
from services.credit.api import files as files_api
from services.credit.directory import Directory
from services.credit.sealing import seal_with
from services.credit.subscriptions import SUBSCRIPTIONS
from shared import files, housekeeping
from shared.bus.station import station
from shared.database import Database
from shared.service import Service, Worker
from shared.settings import Settings
from shared.tokens import Keyring
from shared.web import Peers, create_app

HERE = Path(__file__).parent
RESOURCES = (
    funds.resource,
    instruments.resource,
    assents.resource,
    oversight.resource,
    oversight.reports,
    committees.resource,
    applications.resource,
    files_api.resource,
    eligibility.resource,
    pipeline.resource,
    appraisals.resource,
    guarantees.resource,
    groups.resource,
    groups.agendas,
    sessions.resource,
    loans.resource,
    loans.repayments,
    changes.resource,
    documents.resource,
    books.resource,
    funding.resource,
    statements.resource,
    drawers.resource,
    portfolio.resource,
    portfolio.closes,
    projection.resource,
    seed.resource,
    seed.plans,
    seed.products,
    overpayments.resource,
    overpayments.loans,
    overpayments.refunds,
    payments.resource,
    collection.resource,
    collection.loans,
)


def build(settings: Settings, keyring: Keyring, peers: Peers) -> Service:
    """Credit as a service."""
    database = Database(settings.database_url)
    bus = station(settings, database, keyring, peers, SUBSCRIPTIONS)
    files.keep_in(database, settings.files)
    seal_with(database, keyring)
    web = create_app(
        "credit",
        database=database,
        keyring=keyring,
        resources=[*RESOURCES, *bus.resources],
        locale=HERE / "locale",
        context=Context(Directory(peers), settings.public_url),
        internal=[bus.feed],
    )
    work = {**jobs.handlers(), jobs.REPORT: jobs.reporting(settings.public_url)}
    runner = housekeeping.runner(database, "credit", work, jobs.SCHEDULES)
    return Service(settings, database, web, Worker([*bus.loops, runner]))
