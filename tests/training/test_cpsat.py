"""CP-SAT answers the same rounds under the same conditions, in a process that never meets highspy."""

import subprocess
import sys
from functools import partial

import pytest

from deploy.bench.training_rounds import invented
from services.training.rules.placement.answer import Progress
from services.training.rules.placement.checking_reasons import checked
from services.training.rules.placement.propose import explain, improve, propose
from services.training.rules.placement.round import Round
from services.training.use_cases.propose_placement import JOB, improve_placement
from services.training.use_cases.search_placement import Search, improved
from shared.database import Database
from shared.job_runner import Runner
from tests.training.rounds import small_round
from tests.training.test_improvement import asked, told

CPSAT = Search("cpsat")


def by(search: Search, round_: Round, budget: int = 2) -> list[Progress]:
    start = propose(round_).groups
    return list(improved(round_, start, seed=1, budget=budget, search=search, tell=pytest.fail))


@pytest.mark.parametrize("seed", range(20, 26))
def test_small_rounds_are_answered_within_every_condition_and_as_well_as_by_highs(seed: int) -> None:
    round_ = small_round(seed)
    *_, found = by(CPSAT, round_)
    *_, known = improve(round_, propose(round_).groups, seed=1, budget=2)
    assert checked(round_, explain(round_, found.groups)) == ()
    assert (found.worth.placed, found.worth.fewer_groups) == (known.worth.placed, known.worth.fewer_groups)


def test_the_same_round_seed_and_budget_give_the_same_answer_step_by_step() -> None:
    round_ = invented(250)
    first, again = by(CPSAT, round_), by(CPSAT, round_)
    assert first == again
    assert first[-1].worth.placed > propose(round_).worth.placed


def test_whoever_stops_reading_ends_the_process_of_the_solver() -> None:
    round_ = invented(250)
    steps = improved(round_, propose(round_).groups, seed=1, budget=1000, search=CPSAT, tell=pytest.fail)
    assert next(steps).iteration == 1
    steps.close()


def test_the_process_of_the_solver_loads_no_highspy() -> None:
    code = (
        "import sys; from ortools.sat.python import cp_model;"
        "import services.training.rules.placement.cpsat; print('highspy' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_an_improvement_by_cpsat_runs_in_a_process_that_has_highspy_and_says_which_solver_it_was(
    database: Database,
) -> None:
    import highspy  # noqa: F401 - as territory does in the same house

    placement_id = asked(database)
    assert Runner(database, {JOB: partial(improve_placement, search=CPSAT)}).run_due() == 1
    after = told(database, placement_id)
    assert (after["state"], after["bound"] >= after["placed"]) == ("ready", True)
