"""Planning anew, on the page and the command line: seen before, carried out, refused in words."""

from types import SimpleNamespace
from uuid import UUID

from click.testing import CliRunner
from sqlalchemy.orm import Session

from services.training import cli
from services.training.models import TrainingRound
from services.training.use_cases.form_placed_group import form_placed_group
from services.training.use_cases.keep_round import change_venue
from shared.database import Database
from tests.portal.conftest import Browser, text_of
from tests.training.forming import HALL, propose
from tests.training.house import TRAINER, register_many, woman_of
from tests.training.round_house import teacher, venue
from tests.training.test_round_pages import VENUE, answered, portal, trainer  # noqa: F401 - fixtures

SUNDAY = {"slots": ["sun-am"], "care-sat-am": "", "facilitators-0-slots": ["sun-am"]}


def formed(browser: Browser) -> str:
    """The address of a round of whose groups the first is formed."""
    placement = answered(browser)
    page = browser.get(placement)
    browser.get(f"{placement}/groups/1")
    made = browser.post(f"{placement}/groups/1/confirmation", {"name": "Las Salineras"})
    assert made.status_code == 303, text_of(made)
    return page.text.partition('href="/training/rounds/')[2].partition('"')[0]


def test_who_moves_is_seen_before_and_carried_out(trainer: Browser) -> None:  # noqa: F811
    round_ = f"/training/rounds/{formed(trainer).rpartition('/')[2]}"
    page = trainer.get(round_)
    venue_page = page.text.partition(f'href="{round_}/venues/')[2].partition('"')[0]
    there = f"{round_}/venues/{venue_page}"
    version = trainer.get(there).text.partition('name="version" value="')[2].partition('"')[0]
    assert trainer.post(there, VENUE | SUNDAY | {"version": version}).status_code == 303
    made = trainer.post(f"{round_}/replan", {}, page=round_)
    placement = str(made.headers["Location"])
    trainer.get(placement)
    trainer.post(f"{placement}/stop", {})
    assert "Plan hecho de nuevo" in text_of(trainer.get(placement))
    changes = text_of(trainer.get(f"{placement}/changes"))
    for said in ("Las Salineras", "Marta 1 Inventada", "sábado (mañana)", "domingo (mañana)", "Llevar a cabo el plan"):
        assert said in changes
    assert "Ninguna conserva su lugar" in text_of(trainer.get(f"{placement}/changes?who=staying"))
    stale = trainer.post(f"{placement}/changes", {"version": "1"}, page=f"{placement}/changes")
    assert stale.status_code == 303
    version = trainer.get(f"{placement}/changes").text.partition('name="version" value="')[2].partition('"')[0]
    assert trainer.post(f"{placement}/changes", {"version": version}).status_code == 303
    assert "El plan se llevó a cabo" in text_of(trainer.get(placement))
    assert "Se llevó a cabo el" in text_of(trainer.get(f"{placement}/changes"))
    assert "Reemplazado" in text_of(trainer.get(round_))


def test_who_stays_is_listed_and_a_move_by_hand_says_how_many_still_do(trainer: Browser) -> None:  # noqa: F811
    round_ = f"/training/rounds/{formed(trainer).rpartition('/')[2]}"
    made = trainer.post(f"{round_}/replan", {}, page=round_)
    placement = str(made.headers["Location"])
    trainer.get(placement)
    trainer.post(f"{placement}/stop", {})
    staying = trainer.get(f"{placement}/changes?who=staying")
    assert "Marta 1 Inventada" in text_of(staying)
    version = trainer.get(placement).text.partition('name="version" value="')[2].partition('"')[0]
    move = {"version": version, "woman": str(woman_of(1)), "to": ""}
    done = trainer.post(f"{placement}/moves", move, page=placement)
    assert done.status_code == 303
    told = text_of(trainer.get(placement))
    assert "Conservan su lugar: 6. Pasan a otro: 0. Quedan sin lugar: 1. 5 mar" in told
    version = trainer.last.text.partition('name="version" value="')[2].partition('"')[0]
    trainer.post(f"{placement}/undo", {"version": version}, page=placement)
    assert "deshizo. Conservan su lugar: 7. Pasan a otro: 0. Quedan sin lugar: 0." in text_of(trainer.get(placement))


def test_without_a_formed_group_the_page_says_why(trainer: Browser) -> None:  # noqa: F811
    placement = answered(trainer)
    round_ = "/training/rounds/" + trainer.get(placement).text.partition('href="/training/rounds/')[2].partition('"')[0]
    assert trainer.post(f"{round_}/replan", {}, page=round_).status_code == 303
    assert "no hay ningún grupo formado" in text_of(trainer.get(round_))


def test_the_commands_plan_anew_show_and_carry_out(database: Database) -> None:
    with database.transaction() as session:
        register_many(session, 1, 8)
        placement = propose(session)
        form_placed_group(session, TRAINER, placement_id=placement.id, number=1)
        _to_sunday(session, placement.round_id)
    house = SimpleNamespace(service=lambda _name: SimpleNamespace(database=database))

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli.group, ("round", *words), obj=house)
        assert done.exit_code == 0, done.output
        return done.output

    made = run("answer", str(placement.round_id), "--keep", "--first-only").split(":")[0]
    lines = run("changes", made).splitlines()
    assert len(lines) == 8
    assert run("changes", made, "--stay") == ""
    assert all("sat-am Casa del Mar  ->" in line and "sun-am Casa del Mar" in line for line in lines)
    assert run("carry-out", made) == "0 = 8 > 0 -\n"


def _to_sunday(session: Session, round_id: UUID) -> None:
    (found,) = session.get_one(TrainingRound, round_id).venues
    told = venue(**(HALL | {"slots": ["sun-am"], "facilitators": [teacher("Ana Enseña", slots=["sun-am"])]}))
    told["child_care"] = {}
    change_venue(session, TRAINER, round_id=round_id, venue_id=found.id, version=None, told=told)
