"""Eligibility by the regulations' own parameters: each rule says what it asks and what is known; nobody's silence is a
yes.
"""

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from services.credit.cli import group
from services.credit.models import CopyEnterprise, CopyPlan, CopyTraining, CopyWithdrawn
from services.credit.queries.applications import detail
from services.credit.queries.eligibility import eligibility
from services.credit.rules import regulations
from services.credit.rules.eligibility import Age, Enterprise, Rule, check, checks, failed_rules, months_between
from services.credit.subscriptions import COPY_TABLES, SUBSCRIPTIONS
from shared.bus.replay import canonical
from shared.events import Event
from shared.events.registry import EnterpriseMerged, EntrepreneurWithdrawn
from shared.events.territory import PlanAdopted, PlanWithdrawn
from shared.events.training import GroupCompleted
from shared.kernel import Invalid, Refused, uuid7
from shared.testing import settings_of
from tests.credit.house import MUNICIPALITY, OFFICER, PARAMETERS, TECHNICIAN, TODAY, House
from tests.credit.test_withdrawal import envelope

DAY = TODAY.date()
TWELVE_MONTHS = {"rule": "months_in_business", "at_least": 12}
STRATEGIC = {"rule": "tier", "one_of": ["strategic"]}
TRAINED = {"rule": "training_attended", "at_least": 1, "within_months": 24}
COHERENT = {"rule": "coherent_with_plans"}
SOUND: dict[str, Any] = {
    "active": True,
    "consent_credit": True,
    "validation": "validated",
    "owners": 1,
    "loans_in_force": 0,
}


def tell(house: House, event: Event, subject: UUID, *, replaying: bool = False) -> None:
    SUBSCRIPTIONS.handle(house.session, envelope(event, subject), replaying=replaying)


def plan(house: House, **facts: Any) -> PlanAdopted:
    """A plan of San Lorenzo that puts the chain of the house's enterprises first, but for `facts`."""
    told: dict[str, Any] = {
        "plan_id": uuid7(),
        "level": "municipal",
        "unit": MUNICIPALITY,
        "kind": "pdm_ot",
        "title": "Plan de San Lorenzo",
        "valid_from": date(2025, 1, 1),
        "chains": ["food_processing"],
    }
    event = PlanAdopted(**told | facts)
    tell(house, event, event.plan_id)
    return event


def train(house: House, *enterprises: UUID, on: date = DAY - timedelta(days=60)) -> GroupCompleted:
    event = GroupCompleted(
        group_id=uuid7(),
        chain="food_processing",
        need="quality",
        municipality=MUNICIPALITY,
        enterprise_ids=list(enterprises),
        completed_on=on,
    )
    tell(house, event, event.group_id)
    return event


def checked(house: House, enterprise: UUID, rule: str) -> dict[str, Any]:
    row = house.session.get_one(CopyEnterprise, enterprise)
    return next(one for one in eligibility(house.session, house.fund, row)["checks"] if one["rule"] == rule)


def refusal(house: House, enterprise: UUID, **facts: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        house.submitted(enterprise_id=enterprise, **facts)
    return refused.value


@pytest.fixture
def asking(session: Any) -> Any:
    """`asking(rule, …)`: a house whose regulations ask for these rules alone."""
    return lambda *rules: House.build(session, eligibility=list(rules))


def test_time_in_business_counts_only_what_is_certain_when_only_the_year_is_known(asking: Any):
    house = asking("active", TWELVE_MONTHS)
    old, young, silent = (house.enterprise(started_year=year) for year in (2024, 2025, None))
    assert house.submitted(enterprise_id=old).state == "submitted"
    assert checked(house, young, "months_in_business") == {
        "rule": "months_in_business",
        "met": False,
        "needed": {"at_least": 12},
        "known": {"since": 2025, "months": 2, "at_most": 14},
        "hard": False,
    }
    assert refusal(house, young).code == "eligibility.months_in_business"
    unknown = checked(house, silent, "months_in_business")
    assert (unknown["met"], unknown["known"]) == (False, None)
    assert refusal(house, silent).code == "eligibility.months_in_business_unknown"


def test_a_fund_may_lend_to_some_tiers_only(asking: Any):
    house = asking(STRATEGIC)
    fits, other, silent = (house.enterprise(tier=tier) for tier in ("strategic", "emerging", None))
    assert house.submitted(enterprise_id=fits)
    assert refusal(house, other).code == "eligibility.tier"
    assert refusal(house, silent).code == "eligibility.tier_unknown"


def test_training_counts_once_a_group_for_the_time_that_the_rule_looks_back(asking: Any):
    house = asking({**TRAINED, "at_least": 2})
    enterprise = house.enterprise()
    train(house, enterprise, on=date(2024, 3, 5))
    train(house, enterprise, on=date(2024, 3, 6))
    assert checked(house, enterprise, "training_attended")["known"] == {"times": 1}, "two years ago is out"
    assert refusal(house, enterprise).code == "eligibility.training_attended"
    again = train(house, enterprise)
    tell(house, again, again.group_id)
    assert checked(house, enterprise, "training_attended")["known"] == {"times": 2}
    assert house.submitted(enterprise_id=enterprise)


def test_what_an_absorbed_record_completed_is_the_survivors(asking: Any):
    house = asking(TRAINED)
    one, other = house.enterprise(), house.enterprise()
    both = train(house, one, other)
    assert both
    train(house, other)
    tell(house, EnterpriseMerged(survivor_id=one, absorbed_id=other), other)
    assert checked(house, one, "training_attended")["known"] == {"times": 2}, "a group they shared counts once"


@pytest.mark.parametrize(
    ("facts", "known", "met"),
    [
        ({}, ["Plan de San Lorenzo"], True),
        ({"unit": "HN17", "level": "departmental"}, ["Plan de San Lorenzo"], True),
        ({"unit": "HN", "level": "national"}, ["Plan de San Lorenzo"], True),
        ({"chains": ["fishing"]}, ["Plan de San Lorenzo"], False),
        ({"purposes": ["equipment"]}, ["Plan de San Lorenzo"], True),
        ({"purposes": ["premises"]}, ["Plan de San Lorenzo"], False),
        ({"unit": "HN1701"}, None, False),
        ({"valid_from": DAY + timedelta(days=1)}, None, False),
        ({"valid_until": DAY - timedelta(days=1)}, None, False),
        ({"valid_until": DAY}, ["Plan de San Lorenzo"], True),
    ],
)
def test_a_project_is_coherent_with_a_plan_in_force_where_it_is(asking: Any, facts: Any, known: Any, met: bool):
    house = asking(COHERENT)
    plan(house, **facts)
    enterprise = house.enterprise()
    if met:
        application = house.submitted(enterprise_id=enterprise)
        told = detail(house.session, application)["coherence"]
        assert told["known"] == {"plans": known, "prioritised_by": known}
    else:
        code = "eligibility.coherent_with_plans" if known else "eligibility.coherent_with_plans_unknown"
        assert refusal(house, enterprise).code == code


def test_coherence_is_told_even_where_the_regulations_do_not_ask_for_it(house: House):
    application = house.submitted()
    told = detail(house.session, application)
    assert (told["coherence"]["met"], told["coherence"]["known"]) == (False, None)
    assert told["failed_rules"] == []
    adopted = plan(house)
    assert detail(house.session, application)["coherence"]["met"]
    tell(house, PlanWithdrawn(plan_id=adopted.plan_id, withdrawn_on=DAY), adopted.plan_id)
    assert detail(house.session, application)["coherence"]["known"] is None


def test_the_centre_is_the_territory_of_the_fund(asking: Any):
    house = asking("centre")
    assert checked(house, house.enterprise("HN0601"), "centre")["met"] is False
    assert checked(house, house.enterprise(), "centre")["met"] is True


def test_editions_with_bare_names_read_as_before_and_mix_with_parameters():
    read = regulations.read(PARAMETERS | {"eligibility": ["active", TWELVE_MONTHS, {"rule": "has_owner"}]})
    assert read.eligibility == (Rule("active"), Rule("months_in_business", at_least=12), Rule("has_owner"))
    assert [rule.name for rule in regulations.read(PARAMETERS).eligibility] == list(regulations.ELIGIBILITY_RULES)


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ("luck", "/parameters/eligibility"),
        ("tier", "/parameters/eligibility"),
        ({"rule": "luck"}, "/parameters/eligibility/0/rule"),
        ({"rule": "tier", "one_of": []}, "/parameters/eligibility/0/one_of"),
        ({"rule": "tier", "one_of": ["best"]}, "/parameters/eligibility/0/one_of"),
        ({"rule": "tier", "one_of": ["strategic"], "at_least": 1}, "/parameters/eligibility/0"),
        ({"rule": "months_in_business", "at_least": 0}, "/parameters/eligibility/0/at_least"),
        ({"rule": "months_in_business", "at_least": True}, "/parameters/eligibility/0/at_least"),
        ({"rule": "months_in_business"}, "/parameters/eligibility/0"),
        ({"rule": "training_attended", "at_least": 1}, "/parameters/eligibility/0"),
        ({"one_of": ["strategic"]}, "/parameters/eligibility"),
        (7, "/parameters/eligibility"),
    ],
)
def test_a_rule_that_is_not_understood_is_refused_at_its_place(item: Any, pointer: str):
    with pytest.raises(Invalid) as refused:
        regulations.read(PARAMETERS | {"eligibility": [item]})
    assert refused.value.pointer == pointer


def test_a_rule_is_asked_once():
    with pytest.raises(Invalid, match=r"regulations\.contradictory"):
        regulations.read(PARAMETERS | {"eligibility": ["active", {"rule": "active"}]})


@given(first=st.dates(date(1990, 1, 1), date(2030, 1, 1)), day=st.dates(date(1990, 1, 1), date(2030, 1, 1)))
def test_months_between_are_whole_never_negative_and_grow_with_time(first: date, day: date):
    months = months_between(first, day)
    assert months >= 0
    assert months_between(first, day + timedelta(days=31)) >= months
    assert months >= (day - first).days // 31


@given(year=st.integers(1990, 2030), month=st.integers(1, 12), day=st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_the_truth_lies_between_what_is_certain_and_what_is_possible(year: int, month: int, day: date):
    age = Age.on(day, year)
    assert age is not None
    assert age.months <= months_between(date(year, month, 15), day) <= age.at_most


@given(
    st.integers(1, 60),
    st.one_of(st.none(), st.integers(1990, 2030)),
    st.one_of(st.none(), st.sampled_from(["strategic", "emerging"])),
)
def test_what_nobody_knows_is_never_met(at_least: int, year: int | None, tier: str | None):
    known = Enterprise(**SOUND, age=Age.on(DAY, year), tier=tier)
    rules = (
        Rule("months_in_business", at_least=at_least),
        Rule("tier", one_of=("strategic",)),
        Rule("coherent_with_plans"),
    )
    for found in checks(known, rules):
        assert found.met is False or found.known is not None
    assert failed_rules(known, rules) == tuple(found.rule for found in checks(known, rules) if not found.met)
    assert check(known, rules[2]).known is None


def test_who_withdraws_is_not_remembered_by_her_training_in_whatever_order_it_is_told(house: House):
    enterprise, other = house.enterprise(), house.enterprise()
    event = EntrepreneurWithdrawn(entrepreneur_id=house.owners[enterprise], enterprise_ids=[enterprise])
    completed = train(house, enterprise, other)
    tell(house, event, event.entrepreneur_id)

    def rows() -> str:
        tables = [CopyTraining.__table__, CopyWithdrawn.__table__, CopyPlan.__table__]
        house.session.flush()
        return canonical(house.session, tables)

    before = rows()
    assert str(enterprise) not in before.partition("copy_withdrawn")[0]
    assert str(other) in before
    for order in ((event, completed), (completed, event)):
        for table in (CopyTraining, CopyWithdrawn):
            house.session.execute(table.__table__.delete())
        house.session.expire_all()
        for one in order:
            tell(house, one, uuid7(), replaying=True)
        assert rows() == before
    assert {table.name for table in SUBSCRIPTIONS.copy_tables} == set(COPY_TABLES)
    assert SUBSCRIPTIONS.sources == ["registry", "territory", "training"]


def test_the_api_tells_each_rule_with_its_reason_in_both_languages(build_house: Any, client: Any):
    house, (young, silent) = build_house(
        lambda house: (house.enterprise(started_year=2026), house.enterprise()),
        eligibility=["active", TWELVE_MONTHS, STRATEGIC, TRAINED, COHERENT],
    )
    told = client.get(OFFICER, f"/enterprises/{young}/eligibility?fund={house.fund.id}").body
    assert told["eligible"] is False
    assert told["failed_rules"] == ["months_in_business", "tier", "training_attended", "coherent_with_plans"]
    assert [one["rule"] for one in told["checks"]][-1] == "territory"
    assert told["checks"][1] == {
        "rule": "months_in_business",
        "met": False,
        "needed": {"at_least": 12},
        "known": {"since": 2026, "months": 0, "at_most": 2},
        "hard": False,
    }
    asked = {
        "fund_id": str(house.fund.id),
        "enterprise_id": str(silent),
        "product": "working-capital",
        "amount": {"amount": "1000.00", "currency": "HNL"},
        "instalments": 12,
        "purpose": "equipment",
        "project": "Un horno",
    }
    spanish = client.send("POST", TECHNICIAN, "/applications", asked)
    english = client.send("POST", TECHNICIAN, "/applications", asked, language="en")
    assert (spanish.status, spanish.code) == (409, "eligibility.months_in_business_unknown")
    assert "no sabe desde cuándo trabaja" in spanish.detail
    assert "the registry does not know since when" in english.detail


def test_the_command_says_rule_by_rule_what_is_asked_and_what_is_known(build_house: Any, database: Any, tmp_path: Any):
    _, enterprise = build_house(
        lambda house: house.enterprise(started_year=2020, tier="emerging"),
        eligibility=["active", TWELVE_MONTHS, STRATEGIC],
    )
    url = database.engine.url.render_as_string(hide_password=False)
    place = SimpleNamespace(settings=lambda name: settings_of(name, tmp_path, CSEM_DATABASE_URL=url))
    told = CliRunner().invoke(group, ("eligibility", str(enterprise), "--fund", "FON"), obj=place)
    assert told.exit_code == 0, told.output
    assert re.search(r"months_in_business +at_least 12 +since 2020, months 62, at_most 74 +met", told.output)
    assert "not eligible: tier" in told.output
    assert "coherent_with_plans" in told.output
    for words, said in (
        ((str(uuid7()), "--fund", "FON"), "enterprise.unknown"),
        ((str(enterprise), "--fund", "X"), "no fund X"),
    ):
        assert said in CliRunner().invoke(group, ("eligibility", *words), obj=place).output
