"""Which chain to promote: what is measured, what people score, what is missing, and who may do what."""

import csv
import io
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from deploy.house import House
from services.territory.cli import group
from services.territory.models import ChainScore
from services.territory.queries.analyses.analysis import Analysis
from services.territory.queries.criteria import holding, shipped
from services.territory.rules.selecting import CRITERIA, GROUP_OF, MEASURED, relative, score_of
from services.territory.use_cases.adopt_criteria import adopt_criteria
from services.territory.use_cases.declare_plan import declare_plan
from services.territory.use_cases.score_chain import score_again, score_chain
from shared import history
from shared.database import Database, Stale
from shared.kernel import Forbidden, Invalid, Refused, clock
from shared.testing import person
from tests.portal.conftest import text_of
from tests.territory.conftest import form_group, lend, register
from tests.territory.test_analyses import NETWORK, found, row, rows
from tests.territory.test_chain_maps import of_year
from tests.territory.test_pages import browser, house

pytestmark = pytest.mark.both_databases

__all__ = ["house"]

COORDINATOR = person("coordinator", scope="HN17", name="Carmen Coordinadora")
PEOPLE = tuple(code for code in CRITERIA if code not in MEASURED)
THIS_YEAR = clock.today().year


@pytest.fixture
def chains(database: Database) -> Database:
    """Twelve women fish in San Lorenzo, half of them since last year; eight have cashew; two keep bees."""
    with database.transaction() as session:
        fish = register(session, 6, started_year=THIS_YEAR - 1, jobs_women=2)
        register(session, 6, started_year=THIS_YEAR - 20, jobs_men=1)
        register(session, 8, "HN1701", chain="cashew", started_year=THIS_YEAR - 9, jobs_women=1, jobs_men=3)
        register(session, 2, "HN1701", chain="honey")
        lend(session, fish[0])
        form_group(session, fish[:3])
    return database


def judge(database: Database, chain: str, points: int = 3, unit: str = "HN17", **scores: int) -> None:
    """Carmen scores a chain by all criteria that people score, or by those that are named."""
    with database.transaction() as session:
        for criterion, score in (scores or dict.fromkeys(PEOPLE, points)).items():
            told = {"unit": unit, "chain": chain, "criterion": criterion, "score": score}
            score_chain(session, COORDINATOR, **told, evidence=f"Acta ficticia sobre {criterion}")


def plan(database: Database, unit: str, *chains: str) -> None:
    with database.transaction() as session:
        declare_plan(
            session, NETWORK, unit=unit, kind="pdm", title="Plan ficticio", source="Acta ficticia 1",
            valid_from=date(2026, 1, 1), valid_until=None, chains=list(chains), purposes=[],
        )  # fmt: skip


def reason(told: Analysis, chain: str, criterion: str) -> dict[str, Any]:
    return row(told, "evidence", code=chain, criterion=criterion)


def test_what_data_tell_becomes_points_with_its_evidence_in_words(chains: Database) -> None:
    told = found(chains, "selection")

    jobs = reason(told, "fishing", "Trabajo de mujeres")
    assert (jobs["points"], jobs["evidence"]) == (4, "En ella trabaja 64 % de las mujeres del inventario (18 mujeres).")
    begun = reason(told, "fishing", "Emprendimientos que empiezan")
    assert (begun["points"], begun["evidence"]) == (4, "50 % empezó en los últimos 3 años (n = 12).")
    women = reason(told, "cashew", "Parte de mujeres en la cadena")
    assert (women["points"], women["evidence"]) == (0, "25 % de quienes trabajan en ella son mujeres (n = 8).")
    support = reason(told, "fishing", "Apoyo que ya llega")
    assert (support["points"], support["told_by"]) == (2, "Datos de la casa")
    assert "25 %" in support["evidence"], "one has a loan, and she and two more a group"


def test_of_too_few_and_of_what_nobody_says_nothing_is_measured(chains: Database) -> None:
    told = found(chains, "selection", chain="honey")

    assert {one["criterion"] for one in rows(told, "evidence")} == {"Trabajo de mujeres", "Eslabones presentes"}
    lacking = {one["criterion"]: one["of_chains"] for one in rows(told, "lacking")}
    assert "Miel" in lacking["Emprendimientos que empiezan"]
    assert "Prioridad en los planes" in lacking, "no plan is known"


def test_sales_are_told_against_the_mean_of_their_currency(database: Database) -> None:
    with database.transaction() as session:
        for chain, low, high in (("fishing", "1000.00", "1400.00"), ("cashew", "200.00", "600.00")):
            register(session, 5, chain=chain, sales=of_year(low, high))
        register(session, 4, chain="honey", sales=of_year("0.01", None))

    told = found(database, "selection")
    assert "Venden 2.10 veces" in reason(told, "fishing", "Ventas por emprendimiento")["evidence"]
    assert reason(told, "cashew", "Ventas por emprendimiento")["points"] == 1
    assert not [one for one in rows(told, "evidence") if one["code"] == "honey" and "Venden" in one["evidence"]]


def test_plans_in_force_count_for_the_places_they_are_of(chains: Database) -> None:
    plan(chains, "HN1709", "fishing", "honey")
    plan(chains, "HN1701", "honey")

    told = found(chains, "selection")
    assert reason(told, "honey", "Prioridad en los planes")["points"] == 4
    fishing = reason(told, "fishing", "Prioridad en los planes")
    assert fishing["evidence"] == "Un plan vigente la pone primero en 50 % de los municipios con plan conocido (2)."
    assert reason(told, "cashew", "Prioridad en los planes")["points"] == 0
    plan(chains, "HN", "cashew")
    everywhere = reason(found(chains, "selection"), "fishing", "Prioridad en los planes")
    assert "11 % de los municipios con plan conocido (9)" in everywhere["evidence"], "of the country's plan, too"


def complete(database: Database) -> None:
    """Everything is told of fishing and cashew: what people score, and what data do not say."""
    silent = {"sales": 2, "specialisation": 2, "plans": 2}
    for chain, points in (("fishing", 3), ("cashew", 1)):
        judge(database, chain, **dict.fromkeys(PEOPLE, points) | silent)


def test_a_chain_with_all_its_evidence_is_ranked_and_the_others_have_limits(chains: Database) -> None:
    complete(chains)

    told = found(chains, "selection")
    first, second, third = rows(told, "chains")
    assert [one["code"] for one in (first, second, third)] == ["fishing", "cashew", "honey"]
    assert (first["rank"], second["rank"], third["rank"]) == (1, 2, None)
    assert first["sure"] == 1.0
    groups = [first[group] for group in ("economic", "environmental", "social", "institutional")]
    assert first["points"] == pytest.approx(sum(groups), abs=0.03) == first["points_low"] == first["points_high"]
    assert third["points"] is None
    assert third["points_low"] < third["points_high"]
    assert third["evident"] < 1
    assert told.answer.startswith("Pesca y acuicultura queda primera en Valle entre 2 cadenas: ")
    assert "A otras 1 les falta evidencia" in told.answer


def test_without_all_evidence_it_says_what_is_missing_and_who_may_reach_most(chains: Database) -> None:
    told = found(chains, "selection")

    assert "todavía no se puede decir" in told.answer
    assert "Pesca y acuicultura" in told.answer
    assert all(one["rank"] is None for one in rows(told, "chains"))
    assert rows(told, "lacking")[0]["criterion"] == "Perspectiva del mercado", "the heaviest first"


def test_a_person_s_score_stands_only_where_data_say_nothing_and_in_all_that_lies_inside(chains: Database) -> None:
    judge(chains, "fishing", unit="HN17", demand=4, women_jobs=0)
    judge(chains, "fishing", unit="HN1709", demand=1)

    whole, place = found(chains, "selection"), found(chains, "selection", COORDINATOR, "HN1709")
    assert reason(whole, "fishing", "Perspectiva del mercado")["told_by"] == "Carmen Coordinadora"
    assert reason(whole, "fishing", "Trabajo de mujeres")["points"] == 4, "data go first"
    assert reason(place, "fishing", "Perspectiva del mercado")["points"] == 1, "the smaller place"
    assert reason(found(chains, "selection", COORDINATOR, "HN1701", "HN1709"), "fishing",
                  "Perspectiva del mercado")["points"] == 4  # fmt: skip


def test_a_score_is_changed_by_version_and_taken_back_with_everything_it_was(chains: Database) -> None:
    judge(chains, "fishing", demand=4)
    with chains.transaction() as session:
        [made] = session.query(ChainScore).all()
        with pytest.raises(Refused):
            score_chain(session, COORDINATOR, unit="HN17", chain="fishing", criterion="demand", score=1, evidence="x")
        score_again(session, COORDINATOR, made.id, score=2, evidence="Otra visita", version=1)
        with pytest.raises(Stale):
            score_again(session, COORDINATOR, made.id, score=1, evidence="x", version=1)
    with chains.transaction() as session:
        score_again(session, COORDINATOR, made.id, score=None, evidence="La visita no era de aquí", version=2)
        assert [entry["after"]["score"] for entry in history.of(session, made.id)] == [4, 2, None]
    told = found(chains, "selection")
    assert not [one for one in rows(told, "evidence") if one["criterion"] == "Perspectiva del mercado"]


def test_the_weights_of_the_edition_in_force_decide(chains: Database) -> None:
    complete(chains)
    with chains.transaction() as session:
        only = {f"weights.{code}": 0 for code in CRITERIA if code != "women_jobs"}
        adopt_criteria(session, COORDINATOR, kind="selection", unit="HN17", valid_from=clock.today(),
                       source="Acta ficticia", values=only)  # fmt: skip
        assert holding(session, "selection", "HN1709").unit == "HN17"
    told = found(chains, "selection", COORDINATOR, "HN17")
    assert row(told, "chains", code="fishing")["points"] == 4.0
    assert row(told, "chains", code="honey")["rank"] is not None, "all that has a weight is known of it"
    assert not rows(told, "lacking")


def test_the_same_question_has_the_same_chances(chains: Database) -> None:
    complete(chains)
    assert found(chains, "selection") == found(chains, "selection")


@given(st.lists(st.floats(-5, 5) | st.just(float("nan")), max_size=20))
def test_points_count_the_steps_that_are_reached(values: list[float]) -> None:
    steps = [0.5, 1, 2, 3]
    expected = [np.nan if np.isnan(value) else sum(value >= step for step in steps) for value in values]
    assert np.array_equal(score_of(values, steps), expected, equal_nan=True)


def test_relative_sales_add_currencies_up_by_their_own_mean() -> None:
    told = relative([[300, 20], [100, 0], [0, 20], [0, 0]], [[1, 1], [1, 0], [0, 1], [0, 0]])
    assert told[:3] == pytest.approx([(1.5 + 1) / 2, 0.5, 1.0])
    assert np.isnan(told[3])


def test_every_criterion_has_a_group_a_weight_and_what_is_measured_has_steps() -> None:
    values = shipped("selection").values
    assert set(values["weights"]) == set(GROUP_OF)
    assert set(values["steps"]) == set(MEASURED)
    assert all(steps == sorted(steps) and len(steps) == 4 for steps in values["steps"].values())


SCORE = {"unit": "HN1709", "chain": "fishing", "criterion": "water", "score": 3, "evidence": "Visita ficticia"}


def test_the_api_keeps_scores_by_role_place_and_version(service: SimpleNamespace) -> None:
    assert service.call(person("technician", scope="HN17"), "POST", "/chain-scores", json=SCORE).status_code == 403
    assert service.call(person("coordinator", scope="HN06"), "POST", "/chain-scores", json=SCORE).status_code == 403
    made = service.call(COORDINATOR, "POST", "/chain-scores", json=SCORE)
    assert made.status_code == 201, made.text
    path = f"/chain-scores/{made.json['id']}"
    assert service.call(COORDINATOR, "POST", "/chain-scores", json=SCORE).status_code == 409
    told = {"score": 1, "evidence": "Otra"}
    assert service.call(COORDINATOR, "PUT", path, json=told).status_code == 428
    assert service.call(COORDINATOR, "PUT", path, json=told, headers={"If-Match": '"9"'}).status_code == 412
    again = service.call(COORDINATOR, "PUT", path, json=told, headers={"If-Match": '"1"'})
    assert (again.status_code, again.json["score"], again.json["version"]) == (200, 1, 2)
    shown = service.get(person("leda_viewer", scope="HN17"), path).json
    assert [one["score"] for one in shown["history"]] == [1, 3]
    assert shown["history"][0]["by"] == "Carmen Coordinadora"
    assert service.get(person("auditor", scope="HN06"), path).status_code == 403
    assert service.get(person("auditor", scope="HN06"), "/chain-scores").json["items"] == []
    assert service.get(person("planner", scope="HN17"), "/chain-scores").status_code == 403
    listed = service.get(person("auditor", scope="HN17"), "/chain-scores?unit=HN1709&criterion=water").json["items"]
    assert [one["id"] for one in listed] == [made.json["id"]]
    assert service.get(COORDINATOR, f"/chain-scores/{UUID(int=7)}").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [{"unit": "HN1799"}, {"chain": "gold"}, {"chain": "other"}, {"criterion": "luck"}, {"score": 5}, {"score": -1},
     {"score": None}, {"score": 2.5}, {"score": "3"}, {"evidence": ""}, {"evidence": "x" * 1001}],
)  # fmt: skip
def test_what_makes_no_score_is_refused(service: SimpleNamespace, changes: dict[str, Any]) -> None:
    refused = service.call(COORDINATOR, "POST", "/chain-scores", json=SCORE | changes)
    assert refused.status_code == 422, refused.text
    assert service.get(COORDINATOR, "/chain-scores").json["items"] == []


def test_scoring_a_unit_outside_or_unknown_is_refused(database: Database) -> None:
    with database.transaction() as session:
        with pytest.raises(Forbidden):
            score_chain(session, COORDINATOR, **SCORE | {"unit": "HN06"})
        with pytest.raises(Invalid):
            score_chain(session, COORDINATOR, **SCORE | {"unit": "HN99"})


def test_the_file_is_what_the_page_shows(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 8)
        register(session, 6, chain="honey")
    told = service.get(COORDINATOR, "/analyses/selection", headers={"Accept-Language": "es"}).json
    shown = next(table for table in told["tables"] if table["name"] == "evidence")
    file = service.get(COORDINATOR, "/analyses/selection/file?table=evidence", headers={"Accept-Language": "es"})
    lines = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig")), delimiter=";"))
    assert lines[0] == [column["label"] for column in shown["columns"]]
    assert [line[2] for line in lines[1:]] == [one["criterion"] for one in shown["rows"]]


def test_a_coordinator_scores_a_chain_page_by_page(house: House) -> None:
    with house.service("territory").database.transaction() as session:
        register(session, 8)
    carmen = browser(house, "coordinator")
    page = carmen.get("/territory/analyses/selection")
    assert "Puntuar lo que los datos no dicen" in text_of(page)
    assert "Elija un lugar y una cadena" in text_of(carmen.get("/territory/analyses/selection/scores"))
    place = "unit=HN1709&chain=fishing"
    listed = carmen.get(f"/territory/analyses/selection/scores?{place}")
    assert "Agua, residuos y suelo" in text_of(listed)
    path = "/territory/analyses/selection/score"
    form = {"unit": "HN1709", "chain": "fishing", "criterion": "water", "version": "", "evidence": "Visita ficticia"}
    assert carmen.get(f"{path}?{place}&criterion=water").status_code == 200
    refused = carmen.post(path, form)
    assert refused.status_code == 422
    assert "Elija cuánto vale" in text_of(refused)
    assert "Visita ficticia" in text_of(refused)
    assert carmen.post(path, form | {"points": "3"}).status_code == 303
    assert "Visita ficticia" in text_of(carmen.get(f"/territory/analyses/selection/scores?{place}"))
    asked = carmen.get(f"{path}?{place}&criterion=water")
    assert 'name="version" value="1"' in asked.text
    assert carmen.post(path, form | {"points": "", "version": "1", "evidence": "No era de aquí"}).status_code == 303
    assert carmen.get(f"{path}?{place}&criterion=luck").status_code == 404
    technician = browser(house, "technician")
    assert technician.get(f"{path}?{place}&criterion=water").status_code == 403
    looked = technician.get(f"/territory/analyses/selection/scores?{place}")
    assert "Puntuar de nuevo" not in text_of(looked)


def test_the_command_tells_the_matrix(house: House) -> None:
    with house.service("territory").database.transaction() as session:
        register(session, 8)
    told = CliRunner().invoke(group, ["analyses", "selection", "HN17"], obj=house)
    assert told.exit_code == 0, told.output
    assert "Perspectiva del mercado" in told.output
