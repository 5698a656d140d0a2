"""Where applications wait: each stage by age, what waits too long marked, sums that agree with the list."""

from datetime import date, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from click.testing import CliRunner
from sqlalchemy import select, update

from services.credit.cli import group
from services.credit.models import Application
from services.credit.queries.applications import counts, listed
from services.credit.queries.pipeline import SHOWN, pipeline
from services.credit.rules import regulations
from services.credit.rules.pipeline import STAGES, Patience
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.withdraw_application import withdraw_application
from shared.kernel import Invalid, Money, clock
from shared.testing import person, settings_of
from tests.credit.changing import asked
from tests.credit.house import CHAIR, COORDINATOR, OFFICER, PARAMETERS, TECHNICIAN, TODAY, URL, House, names

PATIENCE = {"days": {"submitted": 10, "approved": 20}, "source": "art. 20"}


def after(days: int) -> Any:
    return clock.frozen(TODAY + timedelta(days=days))


def waiting(house: House, **asked: Any) -> dict[str, dict[str, Any]]:
    house.session.flush()
    return {row["state"]: row for row in pipeline(house.session, COORDINATOR, asked)}


@pytest.fixture
def patient(session: Any) -> House:
    """A fund whose regulations say how long an application may wait."""
    return House.build(session, pipeline=PATIENCE, approvals={"days": 30, "source": "art. 16"})


def test_an_application_counts_its_days_anew_at_every_stage(house: House):
    application = house.submitted()
    with after(3):
        house.appraise(application)
    with after(5):
        house.appraise(application)
        assert application.stage_since == date(2026, 3, 8), "appraised once more, it has waited since the first time"
        meeting = house.opened(application, house.appraised("1000.00"))
        assert application.stage_since == clock.today()
    with after(6):
        house.vote(meeting)
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
        assert application.stage_since == clock.today()
    with after(8):
        close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
        stages = waiting(house)
    assert {state: row["items"][0]["days_in_stage"] for state, row in stages.items()} == {"appraised": 0, "approved": 2}


def test_the_longest_waiting_come_first_and_the_late_ones_are_marked(patient: House):
    old = patient.submitted("1000.00")
    with after(1):
        young = patient.submitted("2000.00")
    with after(11):
        stage = waiting(patient)["submitted"]
    assert [(row["number"], row["days_in_stage"], row["late"]) for row in stage["items"]] == [
        (old.number, 11, True),
        (young.number, 10, False),
    ]
    assert (stage["count"], stage["late"], stage["amounts"]) == (2, 1, [Money(3_000_00, "HNL")])


def test_an_approval_that_expired_waits_as_lapsed_since_the_day_after(patient: House):
    application = patient.approved()
    with after(21):
        stage = waiting(patient)["approved"]
        assert (stage["late"], stage["items"][0]["late"]) == (1, True)
    with after(30):
        assert "lapsed" not in waiting(patient)
    with after(33):
        stages = waiting(patient)
        assert list(stages) == ["lapsed"]
        assert stages["lapsed"]["items"][0]["days_in_stage"] == 2
        patient.appraise(application)
        assert list(waiting(patient)) == ["appraised"]


def test_what_is_paid_out_refused_or_taken_back_does_not_wait(house: House):
    house.disbursed("1000.00")
    withdraw_application(house.session, TECHNICIAN, application_id=house.submitted().id)
    assert waiting(house) == {}


def test_the_stages_add_up_to_the_list_and_tell_the_oldest_of_many(house: House):
    for _ in range(SHOWN + 2):
        house.submitted("1000.00")
    house.approved("2000.00")
    stages = waiting(house)
    rows = listed(house.session, COORDINATOR, {}, limit=100, after=None).rows
    assert sum(stage["count"] for stage in stages.values()) == len(rows)
    assert sum(money.minor for stage in stages.values() for money in stage["amounts"]) == sum(
        row["amount"].minor for row in rows
    )
    assert [row["id"] for row in stages["submitted"]["items"]] == [row["id"] for row in rows[::-1]][:SHOWN]


def test_nobody_sees_what_waits_elsewhere_and_a_fund_is_told_alone(house: House):
    house.submitted()
    elsewhere = person("coordinator", scope="GT01")
    assert pipeline(house.session, elsewhere, {}) == []
    assert list(waiting(house, fund=house.fund.id)) == ["submitted"]
    assert waiting(house, fund=house.committee_id) == {}
    assert waiting(house, municipality="HN06") == {}


@pytest.mark.parametrize(
    ("section", "pointer"),
    [
        ({"days": {"disbursed": 3}, "source": "x"}, "/parameters/pipeline/days/disbursed"),
        ({"days": {"submitted": 0}, "source": "x"}, "/parameters/pipeline/days/submitted"),
        ({"days": {"submitted": True}, "source": "x"}, "/parameters/pipeline/days/submitted"),
        ({"days": {}, "source": " "}, "/parameters/pipeline/source"),
        ({"days": {}}, "/parameters/pipeline"),
        ({"days": 3, "source": "x"}, "/parameters/pipeline"),
    ],
)
def test_a_section_that_is_not_understood_is_refused_at_its_place(section: Any, pointer: str):
    with pytest.raises(Invalid) as refused:
        regulations.read(PARAMETERS | {"pipeline": section})
    assert refused.value.pointer == pointer


def test_without_the_section_nothing_is_ever_late():
    assert not any(Patience().over(stage, 10_000) for stage in STAGES)


def test_the_api_tells_the_stages_to_whoever_reads_the_list(build_house: Any, client: Any):
    house, _ = build_house(lambda house: house.submitted())
    [stage] = client.get(OFFICER, f"/applications/pipeline?fund={house.fund.id}").body["items"]
    assert (stage["state"], stage["items"][0]["days_in_stage"], stage["items"][0]["late"]) == ("submitted", 0, False)
    assert client.get(person("planner", scope="HN17"), "/applications/pipeline").status == 403


def test_the_command_lists_what_waits(build_house: Any, database: Any, tmp_path: Any):
    build_house(lambda house: house.submitted("1000.00"), pipeline=PATIENCE)
    url = database.engine.url.render_as_string(hide_password=False)
    place = SimpleNamespace(settings=lambda name: settings_of(name, tmp_path, CSEM_DATABASE_URL=url))

    def run(*words: str) -> str:
        return CliRunner().invoke(group, ("pipeline", *words), obj=place, catch_exceptions=False).output

    assert "submitted: 1, 1000.00 HNL\n" in run("--fund", "FON")
    with after(11):
        told = run()
    assert "1 late" in told
    assert "FON-S-2026-0001" in told
    assert " 11  late" in told


def test_the_migration_reads_from_the_history_since_when_an_application_stands(house: House):
    appraised, bare = house.submitted(), house.submitted()
    with after(4):
        house.appraise(appraised)
    house.session.flush()
    day = date(1970, 1, 1)
    house.session.execute(update(Application).values(stage_since=day))
    step = import_module("services.credit.migrations.versions.0010_files")
    with Operations.context(MigrationContext.configure(house.session.connection())):
        step._fill(house.session.connection())
    since = {row.id: row.stage_since for row in house.session.execute(select(Application.id, Application.stage_since))}
    assert since == {appraised.id: date(2026, 3, 9), bare.id: date(2026, 3, 5)}


def test_what_changes_a_running_loan_asks_for_no_money_in_either_sum_of_the_board(house: House):
    change = asked(house, house.disbursed(), "write_off")
    assert change.amount > 0
    counted = next(row for row in counts(house.session, COORDINATOR, {}) if row["state"] == "submitted")
    stage = waiting(house)["submitted"]
    assert (counted["count"], counted["amount"].minor) == (stage["count"], stage["amounts"][0].minor) == (1, 0)
