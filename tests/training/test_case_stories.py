"""Case stories through the API: written, reviewed by somebody else, agreed to, published no further than that."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.training.models import CaseStory, StoryConsent
from shared import files, history
from shared.bus import log
from shared.kernel import clock
from shared.testing import person
from shared.tokens import Keyring
from tests.shared.test_photographs import SECRET
from tests.training.csr_house import refusal, written_on
from tests.training.house import STRANGER, TODAY, number, withdraw
from tests.training.stories_house import NEW, STORY, VERSION, House, stories_house

YESTERDAY = (TODAY - timedelta(days=1)).date().isoformat()
ALL = ("text", "web", "name", "person", "pictures")


@pytest.fixture
def house(tmp_path: Path, keys: dict[str, Keyring]) -> Iterator[House]:
    with stories_house(tmp_path, keys) as found:
        yield found


def at(story: dict[str, Any], *parts: str) -> str:
    return "/".join(["/case-stories", story["id"], *parts])


def test_from_a_draft_to_the_open_library(house: House) -> None:
    story = house.published(pictures=1)
    assert (story["state"], story["on_web"]) == ("published", True)
    shown = house.public(f"/story-library/{story['id']}").json
    assert (shown["firm_name"], shown["person_name"], shown["unit"]) == ("Tienda Ficticia", "Rosa Inventada", "HN1709")
    assert shown["versions"][0]["figures"][0]["source"] == "Recibos de la empresa"
    listed = house.public("/story-library").json["items"]
    assert [row["id"] for row in listed] == [story["id"]]
    assert house.public("/story-library/facets").json == {
        "area": {"environment": 1}, "dimension": {}, "sector": {"trade": 1}, "country": {"HN": 1},
    }  # fmt: skip


def test_nothing_is_published_without_consent(house: House) -> None:
    story = house.approved()
    path = at(story, "publication")
    refused = house.coordinator.send("POST", path, None, story["version"])
    assert refusal(refused) == (409, "story.without_consent")
    house.team.sign(story, text="no")
    version = house.team.get(at(story)).json["version"]
    assert refusal(house.coordinator.send("POST", path, None, version)) == (409, "story.without_consent")
    assert house.public(f"/story-library/{story['id']}").status_code == 404


@pytest.mark.parametrize("state", ["draft", "submitted", "in_review", "returned", "withdrawn"])
def test_only_an_approved_story_is_published(house: House, state: str) -> None:
    story = house.team.made("/case-stories", NEW)
    house.team.sign(story)
    if state != "draft":
        house.team.step(story, "submission")
    if state not in {"draft", "submitted"}:
        house.reviewer.step(story, "review")
    if state == "returned":
        house.reviewer.step(story, "conclusion", {"outcome": "returned", "recommendations": "Falta la fuente"})
    if state == "withdrawn":
        house.reviewer.step(story, "conclusion", {"outcome": "approved", "recommendations": "Bien"})
        house.coordinator.step(story, "publication")
        house.team.step(story, "withdrawal", {"reason": "Se escribirá mejor"})
    version = house.team.get(at(story)).json["version"]
    refused = house.coordinator.send("POST", at(story, "publication"), None, version)
    assert refusal(refused) == (409, "story.not_now")
    assert house.public("/story-library").json["items"] == []


def test_what_was_agreed_to_text_is_asked_again_when_the_text_changes(house: House) -> None:
    story = house.team.made("/case-stories", NEW)
    assert house.team.sign(story).json["allowed"]["text"] is True
    changed = STORY | {"es": VERSION | {"result": "Se paga la mitad, según la dueña."}}
    written = house.team.changed("PUT", at(story), changed, of=at(story))
    assert written["allowed"] == {"text": False, "web": False, "name": False, "person": False, "pictures": False}


def test_a_picture_added_after_consent_is_not_shown(house: House) -> None:
    story = house.published(pictures=1)
    house.team.picture(story)
    first, second = house.team.get(at(story)).json["pictures"]
    assert (first["allowed"], second["allowed"]) == (True, False)
    shown = house.public(f"/story-library/{story['id']}").json["pictures"]
    assert [one["id"] for one in shown] == [first["id"]]
    assert house.public(f"/story-library/{story['id']}/pictures/{second['id']}").status_code == 404


@pytest.mark.parametrize("purpose", ["name", "person"])
def test_a_name_that_was_not_agreed_to_is_not_told(house: House, purpose: str) -> None:
    story = house.published(says={purpose: "no"})
    shown = house.public(f"/story-library/{story['id']}").json
    hidden = {"name": "firm_name", "person": "person_name"}[purpose]
    assert shown[hidden] is None
    if purpose == "name":
        assert shown["unit"] == "HN17", "its municipality would tell whose story it is"
        found = house.public("/story-library", unit="HN1709").json["items"]
        assert found == [], "nor is it found by it"
        assert house.public("/story-library", unit="HN17").json["items"]


@pytest.mark.parametrize(
    ("said", "no"),
    [
        ("La TIENDA  ficticia ahorra agua", "name"),
        ("La Comercial Secreta ahorra agua", "name"),
        ("Rosa Inventáda lo cuenta", "person"),
    ],
)
def test_a_name_in_the_text_keeps_the_story_out_unless_it_may_be_told(house: House, said: str, no: str) -> None:
    story = house.approved(es=VERSION | {"situation": said})
    house.team.sign(story, **{no: "no"})
    found = house.team.get(at(story)).json
    assert len(found["names_untold"]) == 1
    refused = house.coordinator.send("POST", at(story, "publication"), None, found["version"])
    assert refusal(refused) == (409, "story.names_somebody")


def test_a_story_that_names_her_leaves_the_library_when_she_takes_her_name_back(house: House) -> None:
    story = house.published(es=VERSION | {"situation": "Rosa Inventada pagaba mucho."})
    body = {"purposes": ["person"], "said_on": clock.today().isoformat()}
    taken = house.team.send("POST", at(story, "consent-withdrawals"), body).json
    assert (taken["state"], taken["taken_off"]) == ("withdrawn", "consent")
    assert house.public(f"/story-library/{story['id']}").status_code == 404


@pytest.mark.parametrize("purpose", ALL)
def test_consent_taken_back_applies_at_once(house: House, purpose: str) -> None:
    story = house.published(pictures=1)
    picture = house.team.get(at(story)).json["pictures"][0]["id"]
    address = f"/story-library/{story['id']}/pictures/{picture}"
    assert house.public(address).status_code == 200
    body = {"purposes": [purpose], "said_on": clock.today().isoformat()}
    assert house.team.send("POST", at(story, "consent-withdrawals"), body).status_code == 200
    shown = house.public(f"/story-library/{story['id']}")
    seen = {} if shown.status_code == 404 else shown.json
    assert bool(seen) is (purpose not in {"text", "web"})
    assert house.public(address).status_code == (200 if purpose in {"name", "person"} else 404)
    network = house.desk(STRANGER).get(f"/network-stories/{story['id']}")
    assert network.status_code == (404 if purpose == "text" else 200), "the network still reads what only left the web"
    if seen:
        assert (seen["firm_name"] is None) is (purpose == "name")
        assert (seen["person_name"] is None) is (purpose == "person")


def test_pictures_that_may_not_be_shown_are_erased(house: House) -> None:
    story = house.published(pictures=2)
    body = {"purposes": ["pictures"], "said_on": clock.today().isoformat()}
    house.team.send("POST", at(story, "consent-withdrawals"), body)
    assert house.team.get(at(story)).json["pictures"] == []
    with house.service.database.reading() as session:
        rows = session.execute(files.file_table.select().where(files.file_table.c.kind == "story-picture")).all()
    assert [row.erased_at is not None for row in rows] == [True, True]


def test_a_picture_keeps_nothing_of_where_it_was_taken(house: House) -> None:
    story = house.published(pictures=1)
    picture = house.public(f"/story-library/{story['id']}").json["pictures"][0]["id"]
    sent = house.public(f"/story-library/{story['id']}/pictures/{picture}")
    assert sent.content_type == "image/jpeg"
    assert SECRET not in sent.data
    assert sent.headers["Cache-Control"] == "no-store"


def test_a_picture_of_another_story_is_not_reached_through_this_one(house: House) -> None:
    first, second = house.published(pictures=1), house.published(pictures=1, says={"web": "no"})
    theirs = house.team.get(at(second)).json["pictures"][0]["id"]
    assert house.public(f"/story-library/{first['id']}/pictures/{theirs}").status_code == 404
    assert house.public(f"/story-library/{second['id']}/pictures/{theirs}").status_code == 404
    assert house.public(f"/story-library/{first['id']}/pictures/{uuid4()}").status_code == 404


def test_what_only_the_network_may_read_is_not_on_the_web(house: House) -> None:
    story = house.published(says={"web": "no"})
    assert house.public("/story-library").json["items"] == []
    assert house.public(f"/story-library/{story['id']}").status_code == 404
    reader = house.desk(person("cashier", scope="GT01", subject="elsewhere", name="Cuca Cajera"))
    assert [row["id"] for row in reader.get("/network-stories").json["items"]] == [story["id"]]


def test_nobody_reviews_her_own(house: House) -> None:
    both = person("trainer", "csr_reviewer", scope="HN17", subject="both", name="Doble Papel")
    story = house.desk(both).made("/case-stories", NEW)
    house.desk(both).step(story, "submission")
    version = house.team.get(at(story)).json["version"]
    assert refusal(house.desk(both).send("POST", at(story, "review"), None, version)) == (409, "story.own")
    handed = house.team.made("/case-stories", NEW)
    house.desk(both).step(handed, "submission")
    version = house.team.get(at(handed)).json["version"]
    assert refusal(house.desk(both).send("POST", at(handed, "review"), None, version)) == (409, "story.own")


def test_a_returned_story_is_written_again_and_a_submitted_one_is_not(house: House) -> None:
    story = house.team.made("/case-stories", NEW)
    house.team.step(story, "submission")
    refused = house.team.send("PUT", at(story), STORY, house.team.get(at(story)).json["version"])
    assert refusal(refused) == (409, "story.not_writable")
    house.reviewer.step(story, "review")
    done = house.reviewer.step(story, "conclusion", {"outcome": "returned", "recommendations": "Falta la fuente"})
    assert done["reviews"][0]["recommendations"] == "Falta la fuente"
    house.team.changed("PUT", at(story), STORY, of=at(story))
    house.team.step(story, "submission")


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"area": None}, "story.area_or_dimension", "/area"),
        ({"year": 2027}, "story.year_to_come", "/year"),
        ({"sector": "space"}, "field.not_a_choice", "/sector"),
        ({"unit": "XX"}, "municipality.unknown", "/unit"),
        ({"es": VERSION | {"title": "x" * 161}}, "text.too_long", "/es/title"),
        ({"es": VERSION | {"figures": [{"what": "x", "value": "1"}]}}, "field.required", "/es/figures/0/source"),
    ],
)
def test_wrong_input_is_refused_where_it_stands(house: House, changed: Any, code: str, pointer: str) -> None:
    refused = house.team.send("POST", "/case-stories", NEW | changed).json
    wrong = (refused.get("errors") or [refused])[0]
    assert (wrong["code"], wrong["pointer"].removeprefix("#")) == (code, pointer)


def test_an_unfinished_story_is_not_handed_in(house: House) -> None:
    story = house.team.made("/case-stories", NEW | {"en": VERSION | {"result": " "}})
    refused = house.team.send("POST", at(story, "submission"), None, story["version"])
    assert refused.json["errors"][0]["pointer"].endswith("/en/result")


def test_others_territory_is_neither_read_nor_written(house: House) -> None:
    story = house.team.made("/case-stories", NEW)
    stranger = house.desk(STRANGER)
    for path in (at(story), at(story, "links")):
        assert stranger.get(path).status_code == 403
    assert stranger.get("/case-stories").json["items"] == []
    assert stranger.sign(story).status_code == 403
    assert stranger.send("PUT", at(story), STORY, 1).status_code == 403
    about = NEW | {"unit": "GT01"}
    assert stranger.send("POST", "/case-stories", about).status_code == 403, "nor is a story told of another's firm"
    unknown = NEW | {"subject_id": str(uuid4())}
    assert refusal(house.team.send("POST", "/case-stories", unknown)) == (404, "story.unknown_subject")
    assert house.team.send("POST", "/case-stories", NEW | {"unit": "GT01"}).status_code == 403


def test_an_old_version_changes_nothing(house: House) -> None:
    story = house.team.made("/case-stories", NEW)
    house.team.step(story, "submission")
    assert house.team.send("PUT", at(story), STORY, story["version"]).status_code == 412
    assert house.team.send("PUT", at(story), STORY).status_code == 428


def test_a_later_no_is_not_undone_by_an_earlier_paper(house: House) -> None:
    with written_on("2026-03-01"):
        story = house.team.made("/case-stories", NEW)
    body = {"purposes": ["text"], "said_on": "2026-03-05"}
    with written_on("2026-03-06"):
        house.team.send("POST", at(story, "consent-withdrawals"), body)
        assert house.team.sign(story, said_on="2026-03-02").json["allowed"]["text"] is False
        assert house.team.sign(story, said_on="2026-03-06").json["allowed"]["text"] is True


def test_a_paper_covers_no_picture_and_no_name_that_came_after_it(house: House) -> None:
    with written_on("2026-03-01"):
        story = house.team.made("/case-stories", NEW)
    with written_on("2026-03-03"):
        house.team.picture(story)
        early = house.team.sign(story, said_on="2026-03-02").json["allowed"]
        assert (early["text"], early["pictures"]) == (True, False), "nobody showed her that picture"
        assert house.team.sign(story, said_on="2026-03-03").json["allowed"]["pictures"] is True
    with written_on("2026-03-05"):
        version = house.team.get(at(story)).json["version"]
        assert house.team.send("PUT", at(story), STORY | {"person_name": "Otra Inventada"}, version).status_code == 200
        refused = house.team.sign(story, said_on="2026-03-04")
        assert refusal(refused) == (422, "story.paper_before_words")


def test_a_paper_is_of_the_text_it_was_signed_for(house: House) -> None:
    story = house.team.made("/case-stories", NEW)
    refused = house.team.sign(story, said_on=YESTERDAY)
    assert refusal(refused) == (422, "story.paper_before_words")
    assert refusal(house.team.sign(story, content=b"<html>")) == (422, "story.paper_kind")
    later = (clock.today() + timedelta(days=1)).isoformat()
    assert refusal(house.team.sign(story, said_on=later)) == (422, "story.said_to_come")
    signed = house.team.sign(story).json["consents"][0]
    assert house.team.get(at(story, "consents", signed["id"], "paper")).data.startswith(b"%PDF")
    assert house.desk(STRANGER).get(at(story, "consents", signed["id"], "paper")).status_code == 403


def test_the_owner_reads_and_answers_through_her_link(house: House) -> None:
    story = house.approved()
    house.team.picture(story)
    token = house.link(story)
    own = house.portal.get(f"/story-links/{token}/story").json
    assert own["asked"] == list(ALL)
    said = {"seen": own["seen"], **dict.fromkeys(ALL, True), "person": False}
    done = house.portal.send("POST", f"/story-links/{token}/answers", said).json
    assert done["answers"] == {"text": True, "web": True, "name": True, "person": False, "pictures": True}
    picture = own["pictures"][0]["id"]
    assert house.portal.get(f"/story-links/{token}/pictures/{picture}").status_code == 200
    house.coordinator.step(story, "publication")
    house.portal.send("POST", f"/story-links/{token}/answers", said | {"text": False})
    assert house.public(f"/story-library/{story['id']}").status_code == 404


def test_a_yes_to_a_story_that_changed_meanwhile_is_asked_again_and_a_no_holds(house: House) -> None:
    story = house.approved()
    token = house.link(story)
    own = house.portal.get(f"/story-links/{token}/story").json
    house.team.picture(story)
    said = {"seen": own["seen"], **dict.fromkeys(ALL, True)}
    refused = house.portal.send("POST", f"/story-links/{token}/answers", said)
    assert refusal(refused) == (422, "story.changed_since")
    nothing = {"seen": own["seen"], **dict.fromkeys(ALL, False)}
    assert house.portal.send("POST", f"/story-links/{token}/answers", nothing).status_code == 200


def test_a_link_that_was_taken_back_forged_or_is_over_leads_nowhere(house: House) -> None:
    story = house.approved()
    token = house.link(story)
    link = house.team.get(at(story, "links")).json["items"][0]
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    assert house.portal.get(f"/story-links/{forged}/story").status_code == 404
    with clock.frozen(TODAY + timedelta(days=31)):
        assert refusal(house.portal.get(f"/story-links/{token}/story")) == (404, "story_link.not_open")
    assert house.desk(STRANGER).send("POST", f"/story-links/{link['id']}/revocation", None, 1).status_code == 403
    house.team.send("POST", f"/story-links/{link['id']}/revocation", None, link["version"])
    assert house.portal.get(f"/story-links/{token}/story").status_code == 404
    assert house.team.get(f"/story-links/{token}/story").status_code == 403, "it is opened through the portal alone"
    far = (clock.today() + timedelta(days=400)).isoformat()
    refused = house.team.send("POST", at(story, "links"), {"expires_on": far})
    assert refusal(refused) == (422, "story_link.last_day")


@pytest.mark.parametrize("alone", [True, False])
def test_a_womans_story_is_erased_with_her_though_a_partner_stays(house: House, *, alone: bool) -> None:
    story = house.published(pictures=1, subject_kind="enterprise", subject_id=str(number(1)))
    with house.service.database.transaction() as session:
        withdraw(session, 1, partner=1, alone=alone)
    found = house.team.get(at(story)).json
    assert (found["state"], found["titles"], found["firm_name"], found["subject_id"]) == ("erased", {}, None, None)
    assert house.public(f"/story-library/{story['id']}").status_code == 404
    with house.service.database.reading() as session:
        assert session.get_one(CaseStory, UUID(found["id"])).words == ""
        assert {one.file_id for one in session.query(StoryConsent)} == {None}
        kept = session.execute(files.file_table.select().where(files.file_table.c.erased_at.is_(None))).all()
        assert kept == []
        told = session.execute(log.event_log.select().order_by(log.event_log.c.seq.desc())).first()
    assert told is not None
    assert told.data["erased"]["case_stories"] == 1
    refused = house.team.sign(story)
    assert refusal(refused) == (409, "story.erased")


def test_the_history_tells_what_happened_and_no_words(house: House) -> None:
    story = house.published()
    with house.service.database.reading() as session:
        told = history.of(session, UUID(story["id"]))
    assert [one["action"] for one in told][:2] == ["write", "submit"]
    assert "Rosa" not in str(told)
    assert "agua" not in str(told)


def test_search_finds_words_however_they_are_written(house: House) -> None:
    story = house.published()
    for text in ("AGUA pierde", "metros cubicos", "recibos"):
        assert [row["id"] for row in house.public("/story-library", text=text).json["items"]] == [story["id"]]
    for query in ({"text": "Rosa"}, {"area": "community"}, {"sector": "energy"}, {"unit": "GT"}, {"year": 2020}):
        assert house.public("/story-library", **query).json["items"] == [], query
    assert house.public("/story-library", text="100%_").json["items"] == []


def test_the_library_is_read_page_by_page(house: House) -> None:
    made = [house.published()["id"] for _ in range(3)]
    first = house.public("/story-library", limit=2)
    assert [row["id"] for row in first.json["items"]] == made[:0:-1]
    assert 'rel="next"' in first.headers["Link"]
