"""A field inventory is taken into the registry, submission by submission, each at most once."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.registry.intake import form
from services.registry.models import Enterprise, Entrepreneur, ImportProblem, ImportRun, Submission, ValidationStep
from services.registry.models.entity import table_of
from services.registry.models.intake import OVER, ImportChange
from services.registry.rules.edited_forms import Merged
from services.registry.rules.validation import BY_FORM, Judgement
from services.registry.sealing import Sealer
from services.registry.tables import chains_on
from services.registry.use_cases.decide_import import Outcome, canonical, decide
from services.registry.use_cases.enter_records import Arrived, Arriving, Import, arrive, enter
from services.registry.use_cases.heed_refusals import agreed_to, heed_refusals
from services.registry.use_cases.records import announce_changed, enterprises_of, told
from services.registry.use_cases.rows import write_history
from services.registry.use_cases.settle_places import ask_for_pending
from services.registry.use_cases.take_answers import take_levels, take_steps
from services.registry.use_cases.undo_import import seal_before
from shared import files, jobs
from shared.database import insert_many
from shared.identity import Caller
from shared.jobs import job_table
from shared.kernel import Invalid, Refused, clock
from shared.spreadsheets import XLSX

KIND = "import-inventory"
_DRY_RUN_DAYS = 7
_LONGEST = timedelta(days=1)
"""No command takes longer to carry out an import."""
_LONGEST_NAME = 200
_PURPOSES = ("registry", "credit", "map")


def begin_import(
    session: Session,
    caller: Caller,
    *,
    name: str,
    sha256: str,
    dry_run: bool,
    columns: Mapping[int, str] | None = None,
) -> ImportRun:
    """An import that the caller carries out herself at once; `columns` are the questions of her own table by position.
    Refuses what `mapping_of` refuses.
    """
    run = ImportRun.begin(caller, file_name=name, sha256=sha256, file_id=None, dry_run=dry_run)
    if columns:
        run.told(mapping_of(columns))
    session.add(run)
    session.flush()
    return run


def receive_inventory(
    session: Session, caller: Caller, *, content: bytes, name: str, sha256: str, dry_run: bool
) -> ImportRun:
    """Keep the file and have the worker take it in (or, in a dry run, only say what it would do)."""
    stored = files.store(session, content, name=name, media_type=XLSX, kind="inventory", caller=caller)
    run = ImportRun.begin(caller, file_name=stored.name, sha256=sha256, file_id=stored.id, dry_run=dry_run)
    session.add(run)
    session.flush()
    run.hand_to(jobs.enqueue(session, KIND, {"import": str(run.id)}, caller))
    return run


def commit_dry_run(session: Session, caller: Caller, tried: ImportRun) -> ImportRun:
    """Take in for real the file of a dry run that is over; refuses one whose file is not kept any more."""
    if not tried.dry_run or tried.state != "done":
        raise Refused("import.not_a_finished_dry_run")
    if tried.file_id is None:
        raise Refused("import.file_gone")
    return _again(session, caller, tried, tried.mapping, dry_run=False)


def tell_columns(
    session: Session, caller: Caller, asking: ImportRun, columns: Mapping[int, str], *, dry_run: bool
) -> ImportRun:
    """Try or take in the file of an import that asked what its columns are (or was tried with others told). Refuses
    what `mapping_of` refuses.
    """
    if asking.state != "asking" and not (asking.dry_run and asking.state == "done" and asking.mapping):
        raise Refused("import.asks_nothing")
    if asking.file_id is None:
        raise Refused("import.file_gone")
    return _again(session, caller, asking, mapping_of(columns), dry_run=dry_run)


def mapping_of(columns: Mapping[int, str]) -> dict[str, str]:
    """The questions by position, as a run keeps them. Refuses a question told twice, and a table without those that no
    record can be made without.
    """
    told = list(columns.values())
    if doubled := sorted({field for field in told if told.count(field) > 1}):
        raise Invalid("mapping.doubled", pointer="/columns", columns=", ".join(form.title_of(f) for f in doubled))
    if missing := [field for field in form.ESSENTIAL if field not in told]:
        raise Invalid("mapping.missing", pointer="/columns", columns=", ".join(form.title_of(f) for f in missing))
    return {str(at): field for at, field in columns.items()}


def _again(
    session: Session, caller: Caller, before: ImportRun, mapping: dict[str, str] | None, *, dry_run: bool
) -> ImportRun:
    """Another run of the same file, which is its own from now on."""
    run = ImportRun.begin(
        caller, file_name=before.file_name, sha256=before.file_sha256, file_id=before.file_id, dry_run=dry_run
    )
    if mapping:
        run.told(mapping)
    before.forget_file()
    session.add(run)
    session.flush()
    run.hand_to(jobs.enqueue(session, KIND, {"import": str(run.id)}, caller))
    return run


def import_batch(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    run: ImportRun,
    submissions: Sequence[Mapping[str, Any]],
    *,
    identities: Container[str],
    done: int,
    arrived: Arrived | None = None,
) -> None:
    """Take a batch in, one transaction: `submissions` as read, each with its `problems`. In a dry run only the report
    is written. `identities` are those of the whole file; `done` submissions of it are behind once this is committed.
    `arrived` are rows that were made of them before; they serve where all of them are new.
    """
    outcomes = decide(session, caller, sealer, submissions, identities)
    if not run.dry_run:
        for new, several in groupby(outcomes, key=lambda outcome: outcome.kind == "created"):
            if new:
                _enter(session, caller, sealer, run, list(several), arrived)
            else:
                for outcome in several:
                    _carry_out(session, caller, sealer, run, outcome)
    _write_problems(session, run, ((o.submission["identity"], p) for o in outcomes for p in o.problems))
    counted = [outcome.kind for outcome in outcomes]
    run.tally(
        created=counted.count("created"),
        updated=counted.count("updated"),
        unchanged=counted.count("unchanged"),
        lowered=sum(outcome.lowered for outcome in outcomes),
        done=done,
    )


def finish_import(session: Session, caller: Caller, run: ImportRun, rest: Iterable[dict[str, Any]]) -> None:
    """The last statement of an import: what is wrong with no submission in particular, and the end of the run."""
    _write_problems(session, run, ((None, problem) for problem in rest))
    run.finish()
    if not run.dry_run:
        forget_file(session, run)
        ask_for_pending(session, caller)


def fail_import(session: Session, run: ImportRun, refused: Refused) -> None:
    """The file cannot be read; what an attempt before this one took in stays."""
    run.fail(refused)
    forget_file(session, run)


def forget_file(session: Session, run: ImportRun) -> None:
    """Erase the uploaded file, which is full of names: what was in it is in the registry now, or never will be."""
    if run.file_id is not None:
        files.erase(session, run.file_id)
        run.forget_file()


def end_abandoned(session: Session) -> int:
    """End the imports whose job was cancelled or given up, and erase their files, and those that a command began a day
    ago and more; comes back with how many.
    """
    job = job_table.c
    given_up = ImportRun.job_id.is_not(None) & or_(job.state.in_(("cancelled", "failed")), job.id.is_(None))
    died = ImportRun.job_id.is_(None) & (ImportRun.created_at < clock.now() - _LONGEST)
    abandoned = session.execute(
        select(ImportRun, job.state, job.error)
        .outerjoin(job_table, job.id == ImportRun.job_id)
        .where(ImportRun.state.not_in(OVER), or_(given_up, died))
        .with_for_update(of=ImportRun)
        .execution_options(populate_existing=True)
    ).all()
    for run, state, error in abandoned:
        if state == "cancelled" or run.job_id is None:
            run.cancel()
        else:
            run.fail(Refused(error["code"], **error["facts"]) if error else Refused("job.gave_up", attempts=0))
        forget_file(session, run)
    return len(abandoned)


def forget_old_files(session: Session) -> int:
    """Erase the files of imports that are over, and of dry runs that nobody followed up within a week; comes back with
    how many.
    """
    ended = end_abandoned(session)
    limit = clock.now() - timedelta(days=_DRY_RUN_DAYS)
    old = session.scalars(
        select(ImportRun).where(
            ImportRun.file_id.is_not(None),
            or_(ImportRun.dry_run, ImportRun.state == "asking"),
            ImportRun.created_at < limit,
        )
    ).all()
    for run in old:
        forget_file(session, run)
    return ended + len(old)


def forget_all_files(session: Session) -> int:
    """Erase every file that is still kept, because a woman withdrew who may be in one; comes back with how many. An
    import that has read its file goes on; one that has not ends, and says why.
    """
    end_abandoned(session)
    kept = session.scalars(select(ImportRun).where(ImportRun.file_id.is_not(None)).with_for_update()).all()
    for run in kept:
        forget_file(session, run)
    return len(kept)


def _enter(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    run: ImportRun,
    outcomes: Sequence[Outcome],
    arrived: Arrived | None,
) -> None:
    arriving = [Arriving.of(outcome.submission, outcome.validation or "captured") for outcome in outcomes]
    if arrived is None or arrived.arriving != [(one.identity, one.validation) for one in arriving]:
        arrived = arrive(Import.of(session, caller, sealer, run), arriving)
    enter(session, arrived)


def _carry_out(session: Session, caller: Caller, sealer: Sealer, run: ImportRun, outcome: Outcome) -> None:
    if outcome.kind == "updated" and outcome.known is not None:
        before = seal_before(session, sealer, outcome.known)
        if outcome.merged is None:
            _take_back(session, caller, outcome.known)
        else:
            _update(session, caller, sealer, run, outcome.known, outcome.merged, outcome)
        _keep(outcome.known, run, outcome.submission, sealer)
        session.add(ImportChange.of(run, outcome.known, "updated", before))


def _update(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    run: ImportRun,
    known: Submission,
    merged: Merged,
    outcome: Outcome,
) -> None:
    enterprise = session.get_one(Enterprise, known.enterprise_id)
    woman = session.get_one(Entrepreneur, known.entrepreneur_id)
    before, facts, person = told(enterprise), enterprise.facts(), woman.person(sealer)
    others = [one for one in enterprises_of(session, woman.id) if one is not enterprise]
    stood = [(other, told(other), other.facts()) for other in others]
    submission = outcome.submission
    submitted = submission["facts"]
    given_on = submitted["captured_on"] or clock.today()
    agreed = agreed_to(woman)
    for purpose, granted in outcome.answers.items():
        woman.agree(purpose, granted, given_on, "field_form", caller.subject)
    heed_refusals(session, woman, agreed)
    woman.describe(merged.person, sealer)
    enterprise.heed_consents()
    enterprise.describe(merged.profile, chains_on(given_on))
    take_steps(enterprise, sealer, outcome.steps)
    enterprise.heed_consents()
    session.add_all(_checks(caller, run, enterprise, outcome, given_on))
    if enterprise.place_state == "pending":
        _settle(enterprise, submission)
    if merged.person != person:
        write_history(session, caller, woman, "import", before=person.to_json(), after=merged.person.to_json())
    take_levels(session, caller, enterprise, run.id, outcome.levels, given_on)
    announce_changed(session, caller, enterprise, action="import", before=before, facts=facts)
    # What she answered, and her name, concern every enterprise of hers.
    for other, was, its_facts in stood:
        other.heed_consents()
        announce_changed(session, caller, other, action="import", before=was, facts=its_facts)


def _checks(caller: Caller, run: ImportRun, enterprise: Enterprise, outcome: Outcome, on: date) -> list[ValidationStep]:
    """The step by which the record stands as the form says it is checked, where that is new."""
    if outcome.validation in {None, enterprise.validation}:
        return []
    said = Judgement(str(outcome.validation), BY_FORM, on)
    return [ValidationStep.take(enterprise, said, caller, import_id=run.id)]


def _take_back(session: Session, caller: Caller, known: Submission) -> None:
    """She answered no in the field: nothing is shared any more; erasing is the coordinator's confirmed step."""
    woman = session.get_one(Entrepreneur, known.entrepreneur_id)
    enterprises = enterprises_of(session, woman.id)
    stood = [(enterprise, told(enterprise), enterprise.facts()) for enterprise in enterprises]
    agreed = agreed_to(woman)
    for purpose in (*_PURPOSES, *(["photos"] if woman.agrees("photos") else [])):
        woman.agree(purpose, False, clock.today(), "field_form", caller.subject)
    heed_refusals(session, woman, agreed)
    for enterprise, before, facts in stood:
        enterprise.heed_consents()
        announce_changed(session, caller, enterprise, action="import", before=before, facts=facts)


def _settle(enterprise: Enterprise, submission: Mapping[str, Any]) -> None:
    place = submission.get("place")
    here = enterprise.position
    asked = submission["facts"]["point"]
    if place is None or here is None or (here.lon, here.lat) != (asked["lon"], asked["lat"]):
        return
    if enterprise.municipality == submission["facts"]["municipality"]:
        enterprise.settle(**place)


def _keep(known: Submission, run: ImportRun, submission: Mapping[str, Any], sealer: Sealer) -> None:
    facts = canonical(submission.get("facts"))
    known.keep(run.id, sealer.fingerprint(facts), sealer.seal(facts, known.identity.encode()))


def _write_problems(session: Session, run: ImportRun, problems: Iterable[tuple[str | None, Mapping[str, Any]]]) -> None:
    """Add to the report, in this order, what is wrong: each with the identity of its submission, or None."""
    rows = [
        {
            "import_id": run.id,
            "submission": identity,
            "sheet": _end_of(problem["sheet"]),
            "row": problem["row"],
            "column": _end_of(problem["column"]),
            "code": problem["code"],
            "facts": jobs.plain(problem["facts"]),
        }
        for identity, problem in problems
    ]
    insert_many(session, table_of(ImportProblem), rows)


def _end_of(name: str | None) -> str | None:
    """What is kept of the name of a sheet or column: its end says which it is, the groups stand before it."""
    return name and name[-_LONGEST_NAME:]


def find_run(session: Session, import_id: UUID) -> ImportRun:
    """The run as it stands, locked."""
    return session.get_one(ImportRun, import_id, with_for_update=True, populate_existing=True)
