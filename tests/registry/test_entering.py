"""However records enter, one by one as entities or many at once as rows, they are the same to the last column."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.registry.models import Enterprise, EnterpriseProfile, Entity, Entrepreneur, Submission, ValidationStep
from services.registry.models.entity import table_of
from services.registry.models.intake import ImportChange
from services.registry.models.newcomers import Newcomer
from services.registry.models.newcomers import rows_of as rows_of_newcomers
from services.registry.models.searching import SearchTerm
from services.registry.rules import formalization, inventory
from services.registry.rules.assessment import Assessed, as_announced, assess, seen_in
from services.registry.rules.edited_forms import person_of, profile_of
from services.registry.rules.formalization import Step
from services.registry.rules.inventory import Asset, Partner, Person, Position, Product, Profile
from services.registry.rules.rubrics import SUBJECTS
from services.registry.rules.searching import terms_of
from services.registry.rules.validation import BY_FORM, Judgement
from services.registry.sealing import Sealer
from services.registry.tables import chains_on, network_rubric_on
from services.registry.use_cases import arrive_beside, import_inventory
from services.registry.use_cases.adopt_rubric import edition_on
from services.registry.use_cases.decide_import import answers_of, canonical, snapshot
from services.registry.use_cases.records import announce_registered, told
from services.registry.use_cases.take_answers import take_steps
from shared import history
from shared.bus.tables import event_log
from shared.database import platform
from shared.identity import Caller
from shared.kernel import Money, clock
from shared.testing import database_of
from shared.tokens import Keyring
from tests.registry import own_form
from tests.registry.house import TECHNICIAN, House, by_official_polygons, open_house
from tests.registry.test_dialects import content_of
from tests.registry.test_institutions import centre, made
from tests.registry.test_profiles import adopted
from tests.registry.workbooks import product, submission, workbook

ODD = [
    {"doc_num": "", "_gps_latitude": "", "_gps_longitude": ""},
    {"doc_num": "AB-12", "telefono": "no tiene", "fecha_nac": "", "pueblo": "", "anio_inicio": "", "ventas_mes": ""},
    {"nombres": "Ñandú «Élodie»", "nombre_neg": "\ufdfa" * 60, "consent_credit": "no", "consent_map": "si"},
    {"today": "", "username": "", "_validation_status": "", "eslabones/comercializacion": 0, "formal": "si"},
    {"consent_registry": "no"},
    {"municipio": "ZZ9999"},
]
_ID = re.compile(r"\b(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?")
PARTS = ("enterprise", "formal_step", "trade_partner", "enterprise_profile", "profile_level", "consent")
_DRAWN_ANEW = frozenset({"salt", "hash", "facts_hash", "traceparent"})
ORDERS = {event_log.name: "seq", "search_term": "term, record_id", "search_word": "word"}
"""Of tables whose rows do not lie in the order in which they were written, or may be written in any."""
_OF_THE_RUN = frozenset({"import_run", "job", "job_schedule", "event_log_state"})


def enter_one_by_one(
    session: Session, caller: Caller, sealer: Sealer, run: Any, outcomes: list[Any], _arrived: object
) -> None:
    """The way of the entities, which every later change of a record goes too."""
    for outcome in outcomes:
        brought, facts = outcome.submission, outcome.submission["facts"]
        given_on = facts["captured_on"] or clock.today()
        woman = Entrepreneur.register(person_of(facts), sealer)
        for purpose, granted in answers_of(facts).items():
            woman.agree(purpose, granted, given_on, "field_form", caller.subject)
        enterprise = Enterprise.register(profile_of(facts), [woman], chains_on(given_on), given_on)
        step = None
        if outcome.validation not in {None, enterprise.validation}:
            said = Judgement(outcome.validation, BY_FORM, given_on)
            step = ValidationStep.take(enterprise, said, caller, import_id=run.id)
        if place := brought.get("place"):
            enterprise.settle(place["municipality"], place["contradicts"], place["boundaries"])
        take_steps(enterprise, sealer, facts.get("steps", {}))
        profile = None
        if seen := seen_in(facts.get("levels", {})):
            edition = edition_on(session, enterprise.municipality, given_on)
            result = assess({subject: level for subject, (level, _) in seen.items()}, edition.rubric)
            profile = EnterpriseProfile.write(enterprise.id, given_on, seen, edition, result, caller, import_id=run.id)
            enterprise.rank(result.tier, profile.announced)
        session.add_all((woman, enterprise))
        session.flush()
        after = person_of(facts).to_json() | {"consents": answers_of(facts)}
        history.record(session, caller, subject=woman.id, kind="entrepreneur", action="import", after=after)
        announce_registered(session, caller, enterprise)
        known = Submission.take(brought["identity"], enterprise.id, woman.id)
        said = canonical(facts)
        known.keep(run.id, sealer.fingerprint(said), sealer.seal(said, known.identity.encode()))
        session.add_all((known, ImportChange.of(run, known, "created", None)))
        session.add_all(part for part in (step, profile) if part is not None)
        session.flush()


def all_rows(house: House) -> dict[str, Any]:
    """Every row of every table as it lies in the database, in the order in which they were written. Ids become the
    order in which they turn up; of what is sealed the length stands here, and what it says at the end; that hashes
    are right is looked at here and now.
    """
    names: dict[str, str] = {}

    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            return len(value)
        if not isinstance(value, str):
            return value
        named = _ID.sub(lambda found: names.setdefault(found[0].replace("-", ""), f"id {len(names)}"), value)
        return _MOMENT.sub("a moment", named)

    found: dict[str, Any] = {}
    sealer = house.context.sealer
    with house.database.reading() as session:
        assert list(history.broken(session)) == []
        for table in (*Entity.metadata.sorted_tables, *platform.sorted_tables):
            if table.name not in _OF_THE_RUN:
                order = ORDERS.get(table.name, "rowid")
                of_its_own = {"id"} if table.name == "search_word" else frozenset[str]()
                rows = session.execute(text(f'SELECT * FROM "{table.name}" ORDER BY {order}'))
                found[table.name] = [
                    {name: plain(value) for name, value in row.items() if name not in _DRAWN_ANEW | of_its_own}
                    for row in rows.mappings()
                ]
        women = session.scalars(select(Entrepreneur).order_by(Entrepreneur.id))
        submissions = session.scalars(select(Submission).order_by(Submission.entrepreneur_id))
        found["opened"] = [woman.person(sealer) for woman in women], [snapshot(one, sealer) for one in submissions]
    return found


@pytest.fixture
def ways(
    keys: dict[str, Keyring], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[dict[str, Any]]]:
    """The rows that an import leaves: by entities, by rows, and by rows that are made in a process beside."""

    def taken_in(
        content: bytes, answer: Callable[..., Any] | None = None, prepare: Callable[[House], None] = lambda _house: None
    ) -> list[dict[str, Any]]:
        left = []
        for way in ("entities", "rows", "beside"):
            folder = tmp_path / way
            folder.mkdir()
            with database_of("registry", folder, "sqlite") as database, monkeypatch.context() as patched:
                house = open_house(database, keys, folder)
                house.territory.answer = answer or house.territory.answer
                prepare(house)
                if way == "entities":
                    patched.setattr(import_inventory, "_enter", enter_one_by_one)
                patched.setattr(arrive_beside, "FROM", 0 if way == "beside" else 10**9)
                house.report(content)
                left.append(all_rows(house))
                house.database.dispose()
        return left

    return taken_in


def test_the_real_submissions_leave_the_same_rows_whichever_way_they_enter(ways: Any, reference_data: Path) -> None:
    del reference_data
    entities, rows, beside = ways(content_of("kobo_export_xml_values.xlsx"), by_official_polygons)
    assert [len(entities[name]) for name in ("enterprise", "history", "event_log", "consent")] == [150, 300, 150, 450]
    assert rows == entities
    assert beside == entities


def test_odd_submissions_leave_the_same_rows_whichever_way_they_enter(ways: Any) -> None:
    content = workbook(
        [submission(number, **odd) for number, odd in enumerate(ODD, start=1)],
        [product(1), product(1, "crema", "", number=2), product(3, "tortillas", "2.50", number=3)],
    )
    entities, rows, beside = ways(content)
    assert len(entities["enterprise"]) == 4
    assert rows == entities
    assert beside == entities


def adopt(house: House) -> None:
    """The centre there works by an edition of its own, by which less is needed to be strategic."""
    with clock.frozen(datetime(2026, 1, 2, 12, tzinfo=UTC)):
        place = made(house, "/centres", centre(country="SV", municipalities=["SV1423"], team=[]))
        adopted(house, place["id"], valid_from="2026-01-02")


@pytest.mark.parametrize("own_edition", [False, True])
def test_what_our_own_form_tells_leaves_the_same_rows_whichever_way_it_enters(ways: Any, own_edition: bool) -> None:
    told = [
        own_form.document(),
        own_form.document(number=2, perfil_credito=None, nombres="Ana", doc_num=None, fecha_nit=None, num_nit=None),
        own_form.document(number=3, nombres="Eva", doc_num=None, paso_licencia=None, formal="no", relaciones=None),
    ]
    prepare = {"prepare": adopt} if own_edition else {}
    entities, rows, beside = ways(json.dumps(told).encode(), **prepare)
    assert [len(entities[name]) for name in PARTS] == [3, 11, 4, 2, 14, 12]
    assert {row["tier"] for row in entities["enterprise"]} == {None, "strategic" if own_edition else "emerging"}
    assert rows == entities
    assert beside == entities


TEXTS = st.text("abcñÁé «»'-.ﷺß", min_size=1, max_size=40)
COUNTS = st.integers(0, 99)
PLACES = st.sampled_from(["GT0101", "SV1423", "HN1709"])


def some(values: Any) -> Any:
    return st.lists(st.sampled_from(values), max_size=4).map(tuple)


PERSONS = st.builds(
    Person,
    given_names=TEXTS,
    surnames=TEXTS,
    id_kind=st.sampled_from([None, "dui", "dni"]),
    id_number=st.none() | st.text("0123456789", min_size=1, max_size=13),
    born_on=st.none() | st.dates(date(1930, 1, 1), date(2008, 1, 1)),
    phone=st.none() | TEXTS,
    people=st.sampled_from([None, *inventory.PEOPLES]),
    other_phone=st.none() | TEXTS,
    languages=some(["spa", "quc", "len"]),
    schooling=st.sampled_from([None, *inventory.SCHOOLING]),
    dependants=st.none() | COUNTS,
    care_hours=st.none() | COUNTS,
    head_of_household=st.sampled_from([None, True, False]),
    difficulties=st.sampled_from([None, {"seeing": "some"}]),
)


@st.composite
def profiles(draw: Any) -> Profile:
    place = draw(PLACES)
    currency = {"GT": "GTQ", "SV": "USD", "HN": "HNL"}[place[:2]]
    money = st.none() | st.builds(Money, st.integers(0, 10**9), st.just(currency))
    points = st.builds(Position, st.floats(-90, -85), st.floats(13, 16), st.none() | st.floats(0, 90))
    products = st.builds(Product, TEXTS, st.none() | TEXTS, money, months=some(range(1, 13)))
    partners = st.builds(Partner, st.sampled_from(inventory.SIDES), st.sampled_from(inventory.PARTNERS), name=TEXTS)
    made: Profile = draw(
        st.builds(
            Profile,
            name=TEXTS,
            municipality=st.just(place),
            activity=st.sampled_from([None, "C", "1050", "A"]),
            site=st.sampled_from([None, *inventory.SITES]),
            position=st.none() | points,
            chain=st.sampled_from([None, "dairy"]),
            links=some(["inputs", "production", "marketing"]),
            needs=some(["credit", "quality"]),
            started_year=st.none() | st.integers(1950, 2026),
            jobs_women=COUNTS,
            jobs_men=COUNTS,
            sales=money,
            formal=st.booleans(),
            products=st.lists(products, max_size=3).map(tuple),
            ownership=st.sampled_from(inventory.OWNERSHIPS),
            address=st.none() | TEXTS,
            unpaid_women=st.none() | COUNTS,
            unpaid_men=st.none() | COUNTS,
            sales_band=st.sampled_from([None, "low"]),
            markets=some(inventory.MARKETS),
            assets=st.lists(st.builds(Asset, st.sampled_from(inventory.ASSETS), TEXTS), max_size=2).map(tuple),
            partners=st.lists(partners, max_size=2).map(tuple),
        )
    )
    return made


ANSWERS = st.fixed_dictionaries(
    {"registry": st.just(True), "credit": st.booleans(), "map": st.booleans()}, optional={"photos": st.booleans()}
)
STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(formalization.STEPS),
        st.sampled_from(formalization.STATES),
        st.none() | st.dates(date(2000, 1, 1), date(2026, 1, 1)),
        st.none() | TEXTS,
    ),
    unique_by=lambda step: step.step,
).map(tuple)
SEEN = st.none() | st.fixed_dictionaries(
    {subject: st.tuples(st.integers(0, 4), st.none() | TEXTS) for subject in SUBJECTS}
)
SETTLED = st.none() | st.tuples(st.none() | PLACES, st.sampled_from([None, True, False]), st.just("official"))


@settings(max_examples=150, deadline=None)
@given(PERSONS, profiles(), ANSWERS, SETTLED, st.sampled_from(["captured", "validated"]), STEPS, SEEN)
def test_whatever_can_be_said_of_a_record_is_written_as_its_entities_would(
    person: Person,
    profile: Profile,
    answers: dict[str, bool],
    settled: Any,
    validation: str,
    steps: tuple[Step, ...],
    seen: Any,
) -> None:
    sealer, day = Sealer(b"1" * 32, b"2" * 32), date(2026, 3, 1)
    with clock.frozen(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        woman = Entrepreneur.register(person, sealer)
        for purpose, granted in answers.items():
            woman.agree(purpose, granted, day, "field_form", "ana")
        enterprise = Enterprise.register(profile, [woman], chains_on(day), day)
        enterprise.judge(validation, day)
        newcomer = Newcomer.register(person, answers, profile, chains_on(day), day)
        newcomer.judge(validation, day)
        newcomer.id, newcomer.woman_id = enterprise.id, woman.id
        for step in steps:
            sealed = None if step.number is None else sealer.seal(step.number.encode(), b"")
            enterprise.formalize(step.step, step.state, step.happened_on, sealed, step.number_masked)
        newcomer.formalize(steps)
        if seen is not None:
            edition = network_rubric_on(day)
            levels = {subject: level for subject, (level, _) in seen.items()}
            result = assess(levels, edition.rubric)
            enterprise.rank(result.tier, as_announced(day, result.score, levels))
            newcomer.profile_as(Assessed(day, seen, edition))
        if settled is not None:
            enterprise.settle(*settled)
            newcomer.settle(*settled)
        assert told(newcomer) == told(enterprise)
        assert newcomer.facts() == enterprise.facts()
        rows = rows_of_newcomers([newcomer], sealer, channel="field_form", by="ana", at=clock.now())
    entities: dict[str, Any] = {
        "entrepreneur": [woman],
        "enterprise": [enterprise],
        "consent": woman.consents,
        "owner": enterprise.owners,
        "enterprise_tag": enterprise.tags,
        "product": enterprise.products,
        "trade_partner": enterprise.partners,
        "formal_step": enterprise.steps,
    }
    found_by = {row["term"] for row in rows.pop(table_of(SearchTerm))}
    assert found_by == terms_of(enterprise.search_text, enterprise.search_marks)
    for table, mine in rows.items():
        theirs = [
            {column.key: getattr(entity, column.key) for column in table.columns} for entity in entities[table.name]
        ]
        assert _comparable(mine) == _comparable(theirs), table.name


def _comparable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without ids of parts and what only the flush fills in; sealed texts by their length, tags in any order."""
    left_out = {"id", "enterprise_id", "entrepreneur_id", "version"}
    plain = [
        {
            name: len(value) if isinstance(value, bytes) else value
            for name, value in row.items()
            if name not in left_out and value is not None
        }
        for row in rows
    ]
    return sorted(plain, key=lambda row: str(row) if "code" in row else "")


def test_a_batch_in_which_some_are_known_keeps_what_is_new_and_changes_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrive_beside, "FROM", 0)
    first = house.report(workbook([submission(n) for n in (1, 3, 5)]), caller=TECHNICIAN)
    assert first["created"] == 3
    rows = [submission(n, **({"empleo_f": 9} if n == 3 else {})) for n in range(1, 7)]
    again = house.report(workbook(rows), caller=TECHNICIAN)
    assert (again["created"], again["updated"], again["unchanged"]) == (3, 1, 2)
    assert [name for name, _ in house.events()] == [
        *["enterprise-registered"] * 3,
        "enterprise-registered",
        "enterprise-changed",
        *["enterprise-registered"] * 2,
    ]
    women = {row["name"]: row["jobs_women"] for row in house.call("GET", "/enterprises?limit=200").json["items"]}
    assert (len(women), women["Tienda 3"]) == (6, 9)


def test_a_newcomer_needs_every_column_that_cannot_be_empty() -> None:
    """A column that somebody adds to a record has to be said here too, or no import enters."""
    profile = Profile("Tienda", "SV1423", "G", "shop")
    newcomer = Newcomer.register(
        Person("Rosa", "Inventada"), {"registry": True}, profile, chains_on(clock.today()), clock.today()
    )
    rows = rows_of_newcomers([newcomer], Sealer(b"1" * 32, b"2" * 32), channel="office", by="ana", at=clock.now())
    for table, mine in rows.items():
        needed = {column.key for column in table.columns if not column.nullable}
        assert all(needed <= row.keys() for row in mine), (table.name, needed)
