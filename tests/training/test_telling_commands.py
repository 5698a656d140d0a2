"""Commands that write stories and look after the community, and the list that badges name."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from services.training import cli
from services.training.models import CommunityPost, Sme
from services.training.queries import firm_community
from services.training.reference.community import space_codes
from services.training.use_cases import contribute_as_firm, take_part
from shared.kernel import NotFound, clock
from shared.photographs import cleaned
from shared.testing import settings_of
from shared.tokens import Keyring
from tests.training.house import TRAINER
from tests.training.stories_house import FIRM, NEW, NOTED, PDF, STORY, House, stories_house

Run = Callable[..., str]


@pytest.fixture
def house(tmp_path: Path, keys: dict[str, Keyring]) -> Iterator[House]:
    with stories_house(tmp_path, keys) as built:
        yield built


@pytest.fixture
def run(house: House, tmp_path: Path) -> Run:
    """Runs a command, which must work, and tells what it printed."""
    place = SimpleNamespace(service=lambda _name: house.service, settings=lambda name: settings_of(name, tmp_path))

    def told(*words: object) -> str:
        done = CliRunner().invoke(cli.group, [str(word) for word in words], obj=place, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output.strip()

    return told


def test_a_story_is_written_given_a_picture_and_handed_in(run: Run, tmp_path: Path) -> None:
    file, photograph = tmp_path / "historia.json", tmp_path / "foto.jpg"
    file.write_text(json.dumps(NEW))
    photograph.write_bytes(NOTED)
    story = run("stories", "write", file)
    file.write_text(json.dumps(STORY | {"year": 2024}))
    run("stories", "change", story, file)
    seen = ("--es", "Un tanque de agua", "--en", "A water tank")
    run("stories", "add-picture", story, photograph, *seen)
    (picture,) = json.loads(run("stories", "show", story))["pictures"]
    folder = tmp_path / "copia"
    folder.mkdir()
    kept = Path(run("stories", "picture", story, picture["id"], "--into", folder)).read_bytes()
    assert kept == cleaned(NOTED)[1] != NOTED
    run("stories", "drop-picture", story, picture["id"])
    run("stories", "submit", story)
    shown = json.loads(run("stories", "show", story))
    assert (shown["year"], shown["state"], shown["pictures"]) == (2024, "submitted", [])


def test_links_of_an_owner_are_listed_and_ended_and_the_library_counted(run: Run, house: House) -> None:
    story = house.published()["id"]
    run("stories", "link", story, "--until", (clock.today() + timedelta(days=9)).isoformat())
    link = run("stories", "links", story).split()[0]
    run("stories", "link-end", link)
    assert "revoked" in run("stories", "links", story)
    assert json.loads(run("stories", "facets"))["sector"] == {"trade": 1}
    run("stories", "withdraw", story, "--because", "Cerró la tienda")
    run("stories", "reopen", story)
    assert json.loads(run("stories", "show", story))["state"] == "draft"


def test_a_topic_is_closed_and_what_a_member_shares_is_read_hidden_and_restored(
    run: Run, house: House, tmp_path: Path
) -> None:
    space = space_codes()[0]
    with house.service.database.transaction() as session:
        topic = take_part.open_topic(session, TRAINER, space=space, title="¿Cómo empezar?", text="Cuéntenme").id
        told = {"space": space, "title": "Guía", "about": "Para empezar", "name": "guia.pdf"}
        shared = take_part.share_file(session, TRAINER, **told, content=PDF).id
    assert {one["code"] for one in json.loads(run("community", "spaces"))} == set(space_codes())
    run("community", "keep", topic, "--closed", "--on-top")
    assert "PL" in run("community", "topics")
    assert [one["title"] for one in json.loads(run("community", "shared"))] == ["Guía"]
    assert Path(run("community", "shared-file", shared, "--into", tmp_path)).read_bytes() == PDF
    run("community", "hide-shared", shared, "--because", "No es suya")
    run("community", "restore-shared", shared)
    assert json.loads(run("community", "shared"))[0]["hidden_at"] is None


def test_what_firms_write_is_read_and_decided_and_topics_are_opened_to_them(run: Run, house: House) -> None:
    with house.service.database.transaction() as session:
        sme = session.get_one(Sme, FIRM)
        told = {"topic_id": None, "text": "¿Quién compra cartón?"}
        made = [contribute_as_firm.contribute(session, sme, title=title, **told).id for title in ("Uno", "Dos")]
    assert len(json.loads(run("community", "written-by-firms"))) == 2
    run("community", "decide", made[0], "declined", "--because", "Ya se preguntó")
    run("community", "decide", made[1], "shown")
    assert json.loads(run("community", "written-by-firms")) == []
    assert {one["state"] for one in json.loads(run("community", "written-by-firms", "--all"))} == {"declined", "shown"}
    topic = run("community", "topics").split()[0]
    run("community", "firms", topic)
    run("community", "firms", topic, "--of", "HN17")
    with house.service.database.reading() as session:
        found = firm_community.list_topics_of_firm(session, session.get_one(Sme, FIRM), limit=9, after=None)
    assert [row["title"] for row in found.rows] == ["Dos"]


def test_a_material_of_the_library_is_shared_with_the_community(run: Run, house: House) -> None:
    told = {"unit": "HN17", "title": "Guía ficticia", "kind": "booklet", "topics": ["costing"], "language": "es"}
    told |= {"author": "Red CSEM", "licence": "cc_by", "summary": "x", "link": "https://example.org/guia"}
    made = house.team.made("/library", told)
    reach = f"/library/{made['id']}/reach"
    assert house.coordinator.send("POST", reach, {"reach": "network"}, made["version"]).status_code == 200
    run("community", "share-material", made["id"], "--space", space_codes()[0], "--about", "Para empezar")
    (row,) = json.loads(run("community", "shared"))
    assert (row["kind"], row["title"], row["material"]["id"]) == ("material", "Guía ficticia", made["id"])


def test_a_file_of_a_post_is_written_into_a_folder(run: Run, house: House, tmp_path: Path) -> None:
    with house.service.database.transaction() as session:
        topic = take_part.open_topic(session, TRAINER, space=space_codes()[0], title="Formato", text="Lo comparto")
        post = session.scalars(select(CommunityPost).where(CommunityPost.topic_id == topic.id)).one()
        told = {"post_id": post.id, "version": None, "name": "formato.pdf", "content": PDF}
        (file,) = take_part.attach_file(session, TRAINER, **told).files
        ids = post.id, file.id
    kept = Path(run("community", "file", *ids, "--into", tmp_path))
    assert (kept.name, kept.read_bytes()) == ("formato.pdf", PDF)
    with pytest.raises(NotFound):
        run("community", "file", ids[0], ids[0], "--into", tmp_path)
