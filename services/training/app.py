"""The training service, composed: its API, its worker, what it tells and hears."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from services.training.api import (
    answering,
    assistance,
    attendance,
    calendars,
    donor_reports,
    groups,
    learning,
    needs,
    proposals,
    sessions,
)
from services.training.composition import Composition
from services.training.directory import Directory
from services.training.subscriptions import SUBSCRIPTIONS
from shared import files, housekeeping
from shared.bus.station import station
from shared.database import Database
from shared.i18n import Catalogue
from shared.job_runner import Schedule
from shared.jobs import Handler
from shared.service import Service, Worker
from shared.settings import Settings
from shared.tokens import Keyring
from shared.web import Peers, create_app

LOCALE = Path(__file__).parent / "locale"
JOBS: Mapping[str, Handler] = {}
SCHEDULES: Sequence[Schedule] = ()
RESOURCES = (
    needs.resource,
    proposals.resource,
    groups.resource,
    sessions.resource,
    attendance.resource,
    attendance.hours,
    attendance.sheet_rows,
    calendars.resource,
    assistance.resource,
    assistance.waiting,
    learning.instruments,
    learning.measurements,
    learning.evaluations,
    answering.resource,
    donor_reports.resource,
    donor_reports.documents,
)


def build(settings: Settings, keyring: Keyring, peers: Peers) -> Service:
    """Training as a service."""
    database = Database(settings.database_url)
    bus = station(settings, database, keyring, peers, SUBSCRIPTIONS)
    files.keep_in(database, settings.files)
    web = create_app(
        "training",
        database=database,
        keyring=keyring,
        resources=[*RESOURCES, *bus.resources],
        locale=LOCALE,
        context=Composition(
            database, Directory(peers), Catalogue([LOCALE]), settings.public_url, keyring.secret("training links 1")
        ),
        internal=[bus.feed],
    )
    runner = housekeeping.runner(database, "training", JOBS, SCHEDULES)
    return Service(settings, database, web, Worker([*bus.loops, runner]))
