"""The credit service, composed: its API, what it listens for and what runs in its worker."""

from pathlib import Path

from services.credit import jobs
from services.credit.api import (
    Context,
    applications,
    books,
    committees,
    documents,
    drawers,
    funding,
    funds,
    loans,
    oversight,
    portfolio,
    sessions,
    statements,
)
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
        resources=[
            funds.resource,
            oversight.resource,
            committees.resource,
            applications.resource,
            applications.enterprises,
            sessions.resource,
            loans.resource,
            loans.repayments,
            documents.resource,
            books.resource,
            funding.resource,
            statements.resource,
            drawers.resource,
            portfolio.resource,
            portfolio.closes,
            *bus.resources,
        ],
        locale=HERE / "locale",
        context=Context(Directory(peers), settings.public_url),
        internal=[bus.feed],
    )
    runner = housekeeping.runner(database, "credit", jobs.handlers(), jobs.SCHEDULES)
    return Service(settings, database, web, Worker([*bus.loops, runner]))
