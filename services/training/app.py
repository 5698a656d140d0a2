"""The training service, composed: its API, its worker, what it tells and hears."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from services.training.api import (
    action_plans,
    answering,
    assistance,
    attendance,
    calendars,
    case_stories,
    community,
    csr_dialogues,
    csr_evidence,
    csr_partners,
    csr_reports,
    csr_workshops,
    curricula,
    curriculum_links,
    diagnoses,
    diploma_batches,
    diploma_links,
    diplomas,
    documents,
    donor_reports,
    due,
    fairs,
    firm_community,
    groups,
    invitations,
    learning,
    materials,
    needs,
    placements,
    rounds,
    sessions,
    sme_links,
    smes,
    story_library,
    strategies,
    trainer_licences,
    trainers,
    women,
    workshop_diplomas,
)
from services.training.composition import Composition
from services.training.directory import Directory
from services.training.subscriptions import SUBSCRIPTIONS
from services.training.use_cases.issue_diplomas import PRINT_JOB
from services.training.use_cases.print_diplomas import print_batch
from services.training.use_cases.propose_placement import JOB, improve_placement
from services.training.use_cases.search_placement import Search
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
SCHEDULES: Sequence[Schedule] = ()
RESOURCES = (
    due.resource,
    needs.resource,
    groups.resource,
    rounds.resource,
    women.resource,
    placements.resource,
    invitations.resource,
    diplomas.resource,
    diploma_batches.resource,
    diploma_links.resource,
    documents.resource,
    sessions.resource,
    attendance.resource,
    attendance.hours,
    attendance.sheet_rows,
    calendars.resource,
    assistance.resource,
    assistance.waiting,
    smes.resource,
    csr_workshops.resource,
    csr_workshops.registrations,
    workshop_diplomas.resource,
    csr_dialogues.resource,
    csr_dialogues.commitments,
    csr_partners.resource,
    csr_partners.agreements,
    csr_reports.resource,
    diagnoses.resource,
    diagnoses.benchmarks,
    action_plans.resource,
    action_plans.board,
    sme_links.resource,
    csr_evidence.resource,
    case_stories.resource,
    story_library.resource,
    story_library.network,
    story_library.links,
    community.resource,
    learning.instruments,
    learning.measurements,
    learning.evaluations,
    answering.resource,
    donor_reports.resource,
    curricula.resource,
    curricula.versions,
    curricula.of_groups,
    curriculum_links.of_version,
    curriculum_links.resource,
    strategies.resource,
    strategies.asked,
    fairs.resource,
    fairs.preparations,
    firm_community.resource,
    materials.resource,
    materials.public,
    trainers.resource,
    trainer_licences.editions,
    trainer_licences.candidates,
    trainer_licences.resource,
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
        context=Composition(database, Directory(peers), Catalogue([LOCALE]), keyring, settings.public_url),
        internal=[bus.feed],
    )
    handlers: dict[str, Handler] = {
        JOB: partial(improve_placement, search=Search(settings.placement_solver, settings.dask)),
        PRINT_JOB: partial(print_batch, database, keyring, settings.public_url),
    }
    runner = housekeeping.runner(database, "training", handlers, SCHEDULES)
    return Service(settings, database, web, Worker([*bus.loops, runner]))
