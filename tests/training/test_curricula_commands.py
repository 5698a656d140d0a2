"""Curricula, strategies and asked subjects on the command line; and two who accept at the same moment."""

import threading
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from services.training.cli import group as cli
from services.training.queries.curricula import show_version
from shared.database import Database
from shared.kernel import Refused
from shared.testing import person
from tests.training import curriculum_house as house
from tests.training.house import TRAINER
from tests.training.lessons import form_group

pytestmark = pytest.mark.both_databases
_MODULE = ("--title", "Uno", "--objectives", "x", "--method", "case", "--minutes", "90")
_STRATEGY = ("--need", "quality", "--form", "on_site", "--method", "case", "--minutes", "600", "--smallest", "4")


def test_the_commands_do_what_the_pages_do(database: Database) -> None:
    with database.transaction() as opened:
        form_group(opened)
    place = SimpleNamespace(service=lambda _name: SimpleNamespace(database=database))

    def run(*words: str) -> str:
        return CliRunner().invoke(cli, words, obj=place).output.strip()

    kind = ("--topic", "costing", "--type", "fishing", "--unit", "HN17")
    version = run("curricula", "begin", "--title", "Costos", *kind).split()[0]
    assert run("curricula", "module", version, *_MODULE) == "1  90 min"
    content = run("curricula", "propose", version)
    assert run("curricula", "accept", version, "expert", "--hash", content) == "proposed"
    assert run("curricula", "group", "1", version).startswith("Costos  1  teacher, entrepreneur")
    assert "entrepreneur" in run("curricula", "show", version)
    assert "Costos (fishing, es)" in run("curricula", "list", "--state", "proposed")
    assert run("curricula", "revise", version, "--change", "Más práctica").endswith("  2")
    assert run("curricula", "withdraw", version, "--reason", "x") == "withdrawn"
    decided = (*_STRATEGY, "--largest", "9", "--decided-by", "Reunión", "--source", "x", "--since", "2026-03-01")
    run("strategies", "decide", "--unit", "HN17", "--type", "fishing", *decided)
    assert "Reunión" in run("strategies", "in-force", "HN17")
    noted = run("asked-subjects", "note", "Computación", "--group", "1", "--women", "3", "--source", "session", "--on",
                "2026-03-01")  # fmt: skip
    assert noted.endswith("Computación  3")
    assert "HN1709: 3" in run("asked-subjects", "list")
    assert run("asked-subjects", "answer", "computacion", "declined", "--answer", "No hay equipos") == "1  3"


def test_two_teachers_who_accept_at_the_same_moment_make_one_acceptance(database: Database) -> None:
    with database.transaction() as opened:
        version_id = house.proposed(opened).id
    with database.reading() as session:
        content = show_version(session, TRAINER, version_id)["content_hash"]
    done: list[str] = []

    def accept(number: int) -> None:
        teacher = person("trainer", scope="HN17", subject=f"teacher-{number}", name=f"Docente {number}")

        def act(session: object) -> None:
            house.accept_version(session, teacher, version_id=version_id, voice="teacher", content_hash=content)  # type: ignore[arg-type]

        try:
            database.insist(act)
            done.append("accepted")
        except Refused as refused:
            done.append(refused.code)

    threads = [threading.Thread(target=accept, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["accepted", "curriculum.voice_accepted_already"]
