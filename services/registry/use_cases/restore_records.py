"""What an export of ours holds is brought back: every record under its own id, where there is none of that id."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from services.registry.exchange.columns import MAIN
from services.registry.exchange.prints import brought_whole, print_of
from services.registry.models import Enterprise, Entrepreneur, ImportProblem, ImportRun, Submission, ValidationStep
from services.registry.models.entrepreneur import Consent
from services.registry.models.intake import ImportChange
from services.registry.rules.inventory import DIFFICULTIES, Asset, Partner, Person, Position, Product, Profile
from services.registry.rules.national_ids import Confirmation, masked
from services.registry.rules.validation import BY_FORM, Judgement
from services.registry.rules.visibility import COORDINATORS
from services.registry.sealing import Sealer, step_key
from services.registry.tables import chains_on
from services.registry.use_cases.decide_import import canonical
from services.registry.use_cases.decide_restoring import Restored, decide_records
from services.registry.use_cases.records import announce_changed, announce_registered, told
from services.registry.use_cases.rows import write_history
from shared import jobs
from shared.identity import Caller
from shared.kernel import Forbidden, Money

_CIRCUMSTANCES = (
    *("given_names", "surnames", "id_kind", "id_number", "born_on", "phone", "people", "other_phone", "schooling"),
    *("dependants", "children_under_6", "others_in_care", "care_hours", "head_of_household"),
)
_LONGEST_NAME = 200


def require_restorer(caller: Caller) -> None:
    """Refuses who may not say what a record is from its id on: that is for the coordinator."""
    if not caller.has(*COORDINATORS):
        raise Forbidden("record.by_coordinator")


def restore_batch(
    session: Session, caller: Caller, sealer: Sealer, run: ImportRun, records: Sequence[Mapping[str, Any]], *, done: int
) -> None:
    """Bring a batch back, one transaction; in a dry run only the report is written. `done` records of the file are
    behind once this is committed.
    """
    outcomes = decide_records(session, caller, sealer, run, records)
    for outcome in outcomes:
        if outcome.kind == "created" and not run.dry_run:
            _create(session, caller, sealer, run, outcome)
        _write(session, run, outcome.identity if outcome.said["stored"] else None, outcome.problems)
    counted = [outcome.kind for outcome in outcomes]
    run.tally(created=counted.count("created"), updated=0, unchanged=counted.count("unchanged"), lowered=0, done=done)


def _create(session: Session, caller: Caller, sealer: Sealer, run: ImportRun, outcome: Restored) -> None:
    row, record = outcome.row, outcome.record
    women, new = [], []
    for owner in outcome.owners:
        key = UUID(owner["woman_id"])
        woman = session.get(Entrepreneur, key, with_for_update={"of": Entrepreneur})
        if woman is None:
            woman = _woman(caller, sealer, owner, record["consentimientos"])
            session.add(woman)
            new.append(woman)
        women.append(woman)
    enterprise = Enterprise.restore(
        UUID(row["id"]),
        _profile(session, caller, record),
        women,
        chains_on(row["recorded_on"]),
        recorded_on=row["recorded_on"],
        checked_on=row["checked_on"],
        chain=row["chain"],
        settled=(row["place_state"], row["derived_municipality"], row["place_boundaries"], row["snapped_m"]),
    )
    _formalize(enterprise, sealer, record["formalizacion"])
    checks = _checks(caller, run, enterprise, row)
    session.add(enterprise)
    session.flush()
    session.add_all(checks)
    for woman in new:
        after = woman.person(sealer).to_json() | {"consents": {c.purpose: c.granted for c in woman.consents}}
        write_history(session, caller, woman, "import", after=after)
    announce_registered(session, caller, enterprise)
    _remember(session, sealer, run, outcome, {woman.id for woman in new})


def _checks(caller: Caller, run: ImportRun, enterprise: Enterprise, row: Mapping[str, Any]) -> list[ValidationStep]:
    """The step by which it stands as far checked as it was; those before it are with the registry it comes from."""
    if row["validation"] == enterprise.validation:
        return []
    said = Judgement(row["validation"], BY_FORM, row["checked_on"] or row["recorded_on"])
    return [ValidationStep.take(enterprise, said, caller, import_id=run.id)]


def _remember(session: Session, sealer: Sealer, run: ImportRun, outcome: Restored, new: Collection[UUID]) -> None:
    """The forms it came from, and that this import brought it: by them it is known again, undone, and forgotten."""
    key = UUID(outcome.row["id"])
    own = {"identity": outcome.identity, "woman_id": outcome.row["woman_id"], "brought": None}
    for form in outcome.record["fichas"] or [own]:
        taken = Submission.take(form["identity"], key, UUID(form["woman_id"]))
        if form["brought"] is None:
            taken.keep(run.id, sealer.fingerprint(print_of(outcome.record).encode()), None)
        else:
            facts = canonical(brought_whole(form["brought"], outcome.record))
            taken.keep(run.id, sealer.fingerprint(facts), sealer.seal(facts, taken.identity.encode()))
        session.add(taken)
    session.flush()
    owners = [UUID(owner["woman_id"]) for owner in outcome.owners]
    came = select(ImportChange.entrepreneur_id).where(
        ImportChange.import_id == run.id, ImportChange.entrepreneur_id.in_(owners), ImportChange.kind != "added"
    )
    brought = {*new, *session.scalars(came)}
    first = next((owner for owner in owners if owner in brought), owners[0])
    kinds = {first: "created" if first in brought else "added"}
    kinds |= {owner: "owner" for owner in owners if owner in brought and owner != first}
    for owner, kind in kinds.items():
        session.add(ImportChange.of(run, Submission.take(outcome.identity, key, owner), kind, None))
    session.flush()


def _woman(
    caller: Caller, sealer: Sealer, owner: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]
) -> Entrepreneur:
    difficulties = {name: owner[name] for name in DIFFICULTIES if owner[name] is not None}
    person = Person(
        **{name: owner[name] for name in _CIRCUMSTANCES},
        languages=tuple(owner["languages"]),
        difficulties=difficulties or None,
    )
    woman = Entrepreneur.restore(UUID(owner["woman_id"]), person, sealer)
    if owner["id_confirmed_on"] is not None and owner["id_confirmed_by"] is not None:
        by_name, because = owner["id_confirmed_by_name"], owner["id_confirmed_because"]
        woman.confirm_document(
            Confirmation(owner["id_confirmed_by"], by_name or "", owner["id_confirmed_on"], because or "")
        )
    names = ("purpose", "granted", "given_on", "channel")
    hers = [answer for answer in answers if answer["woman_id"] == owner["woman_id"]]
    woman.consents = [
        Consent.given(**{name: answer[name] for name in names}, recorded_by=caller.subject) for answer in hers
    ]
    return woman


def _profile(session: Session, caller: Caller, record: Mapping[str, list[dict[str, Any]]]) -> Profile:
    row = record[MAIN][0]
    same = ("name", "municipality", "activity", "site", "started_year", "jobs_women", "jobs_men", "formal", "ownership")
    more = ("address", "unpaid_women", "unpaid_men", "sales_band")
    here = None
    if row["lon"] is not None and row["lat"] is not None:
        here = Position(row["lon"], row["lat"], row["accuracy_m"], row["point_source"] or "device")
    currency, sales = row["currency"], row["sales_minor"]
    return Profile(
        **{name: row[name] for name in (*same, *more)},
        position=here,
        chain=row["chain"] if row["chain_declared"] else None,
        links=tuple(row["link"]),
        needs=tuple(row["need"]),
        markets=tuple(row["market"]),
        sales=None if sales is None else Money(sales, currency),
        products=tuple(_product(item) for item in record["productos"]),
        assets=tuple(Asset(item["kind"], item["text"]) for item in record["bienes"]),
        partners=_partners(session, caller, record),
    )


def _product(item: Mapping[str, Any]) -> Product:
    price = None if item["price_minor"] is None else Money(item["price_minor"], item["currency"])
    return Product(item["name"], item["unit"], price, item["volume"], item["period"], tuple(item["months"]))


def _partners(session: Session, caller: Caller, record: Mapping[str, list[dict[str, Any]]]) -> tuple[Partner, ...]:
    """A registered partner by its id where it is there; one that is not there (yet) by its name."""
    named = {UUID(item["partner_id"]) for item in record["socios"] if item["partner_id"]}
    known = _partners_there(session, caller, named)
    return tuple(
        Partner(item["side"], item["kind"], key, None if key else item["name"], item["share"], item["product"])
        for item in record["socios"]
        for key in [UUID(item["partner_id"]) if item["partner_id"] and UUID(item["partner_id"]) in known else None]
    )


def _partners_there(session: Session, caller: Caller, ids: Iterable[UUID]) -> set[UUID]:
    wanted = select(Enterprise.id).where(
        Enterprise.id.in_(ids),
        Enterprise.active,
        Enterprise.consent_registry,
        caller.scope.condition(Enterprise.municipality),
    )
    return set(session.scalars(wanted))


def link_partners(session: Session, caller: Caller, run: ImportRun, records: Iterable[Mapping[str, Any]]) -> None:
    """Have the partners that came later in the same file known by their records."""
    wanted = {
        UUID(said["record"][MAIN][0]["id"]): said["record"]["socios"]
        for said in records
        if said["stored"] and any(item["partner_id"] for item in said["record"]["socios"])
    }
    came = select(ImportChange.enterprise_id).where(
        ImportChange.import_id == run.id, ImportChange.enterprise_id.in_(wanted)
    )
    for key in sorted(set(session.scalars(came))):
        there = _partners_there(session, caller, {UUID(i["partner_id"]) for i in wanted[key] if i["partner_id"]})
        enterprise = session.get_one(Enterprise, key, with_for_update={"of": Enterprise}, populate_existing=True)
        before, facts = told(enterprise), enterprise.facts()
        for partner in enterprise.partners:
            item = wanted[key][partner.rank] if partner.rank < len(wanted[key]) else {"partner_id": None}
            if item["partner_id"] and UUID(item["partner_id"]) in there and partner.partner_id is None:
                partner.recognise(UUID(item["partner_id"]))
        announce_changed(session, caller, enterprise, action="import", before=before, facts=facts)


def _formalize(enterprise: Enterprise, sealer: Sealer, steps: Sequence[Mapping[str, Any]]) -> None:
    for step in steps:
        number = step["number"]
        sealed = None if number is None else sealer.seal(number.encode(), step_key(enterprise.id, step["step"]))
        enterprise.formalize(
            step["step"], step["state"], step["happened_on"], sealed, None if number is None else masked(number)
        )


def _write(session: Session, run: ImportRun, identity: str | None, problems: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        {
            "import_id": run.id,
            "submission": identity,
            "sheet": problem["sheet"] and problem["sheet"][-_LONGEST_NAME:],
            "row": problem["row"],
            "column": problem["column"] and problem["column"][-_LONGEST_NAME:],
            "code": problem["code"],
            "facts": jobs.plain(problem["facts"]),
        }
        for problem in sorted(problems, key=lambda problem: problem["position"])
    ]
    if rows:
        session.execute(insert(ImportProblem), rows)
