"""The community through the API: written by members of the whole network, moderated, followed, kept from floods."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared import files, history
from shared.identity import ROLES
from shared.kernel import clock
from shared.testing import person
from shared.tokens import Keyring
from tests.shared.test_photographs import SECRET
from tests.training.csr_house import refusal
from tests.training.house import COORDINATOR, TODAY
from tests.training.stories_house import NOTED, PDF, House, StoryDesk, stories_house

TOPIC = {"space": "credit", "title": "Cómo se acompaña una cuota en mora", "text": "¿Qué les ha funcionado?"}
CASHIER = person("cashier", scope="GT01", subject="cashier", name="Cuca Cajera")


@pytest.fixture
def house(tmp_path: Path, keys: dict[str, Keyring]) -> Iterator[House]:
    with stories_house(tmp_path, keys) as found:
        yield found


@pytest.fixture
def member(house: House) -> StoryDesk:
    return house.team


@pytest.fixture
def other(house: House) -> StoryDesk:
    return house.desk(CASHIER)


@pytest.fixture
def moderator(house: House) -> StoryDesk:
    return house.desk(COORDINATOR)


@pytest.fixture
def topic(member: StoryDesk) -> dict[str, Any]:
    return member.made("/community/topics", TOPIC)


def posts(desk: StoryDesk, topic: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.get(f"/community/topics/{topic['id']}/posts").json["items"]
    return found


def replied(desk: StoryDesk, topic: dict[str, Any], text: str = "Llamar antes del día") -> dict[str, Any]:
    return desk.made(f"/community/topics/{topic['id']}/posts", {"text": text})


def hide(desk: StoryDesk, post: dict[str, Any], reason: str = "Nombra a una clienta") -> Any:
    return desk.send("POST", f"/community/posts/{post['id']}/hiding", {"reason": reason}, post["version"])


def test_members_of_other_countries_and_roles_write_to_each_other(
    house: House, topic: dict[str, Any], other: StoryDesk
) -> None:
    replied(other, topic)
    told = posts(house.team, topic)
    assert [(one["number"], one["recorded_by_name"], one["mine"]) for one in told] == [
        (1, "Trini Capacitadora", True),
        (2, "Cuca Cajera", False),
    ]
    spaces = {one["code"]: one["topics"] for one in other.get("/community/spaces").json["items"]}
    assert spaces["credit"] == 1
    for role in set(ROLES) - {"service"}:
        seen = house.desk(person(role, scope="SV", subject=role, name="x")).get("/community/topics")
        assert len(seen.json["items"]) == 1, role


def test_who_follows_hears_once_however_much_was_written(member: StoryDesk, topic: Any, other: StoryDesk) -> None:
    assert member.get("/community/waiting").json == {"topics": 0, "reports": 0, "contributions": 0}
    for _ in range(3):
        replied(other, topic)
    assert member.get("/community/waiting").json["topics"] == 1, "one topic, not three notices"
    assert member.get("/community/topics", unread="true").json["items"][0]["unread"] == 3
    path = f"/community/topics/{topic['id']}"
    member.send("POST", f"{path}/reading", {"number": 4})
    member.send("POST", f"{path}/reading", {"number": 2})
    assert member.get("/community/waiting").json["topics"] == 0, "what was read stays read"
    member.send("POST", f"{path}/following", {"follows": False})
    replied(other, topic)
    assert member.get("/community/waiting").json["topics"] == 0
    assert member.get("/community/topics", followed="true").json["items"] == []
    assert refusal(member.send("POST", f"{path}/reading", {"number": 9})) == (422, "community.no_such_post")


def test_a_hidden_reply_is_read_by_moderators_alone(
    member: StoryDesk, topic: Any, other: StoryDesk, moderator: StoryDesk
) -> None:
    post = replied(other, topic, "La clienta Secretísima no pagó")
    kept = other.upload(f"/community/posts/{post['id']}/files", PDF, version=post["version"]).json
    assert hide(moderator, kept).status_code == 200
    hidden = posts(member, topic)[1]
    assert (hidden["state"], hidden["text"], hidden["files"], hidden["hidden_reason"]) == ("hidden", None, [], None)
    own = posts(other, topic)[1]
    assert (own["text"], own["hidden_reason"]) == (None, "Nombra a una clienta")
    assert posts(moderator, topic)[1]["text"] == "La clienta Secretísima no pagó"
    address = f"/community/posts/{post['id']}/files/{kept['files'][0]['id']}"
    for desk in (member, other):
        assert desk.get(address).status_code == 404
        assert desk.get("/community/topics", text="secretisima").json["items"] == [], "nor does a search tell"
    assert moderator.get(address).status_code == 200
    assert len(moderator.get("/community/topics", text="secretisima").json["items"]) == 1
    version = posts(moderator, topic)[1]["version"]
    assert moderator.send("POST", f"/community/posts/{post['id']}/restoration", None, version).status_code == 200
    assert posts(member, topic)[1]["text"] == "La clienta Secretísima no pagó"


def test_a_topic_whose_opening_is_hidden_is_found_by_moderators_alone(
    member: StoryDesk, topic: Any, other: StoryDesk, moderator: StoryDesk
) -> None:
    replied(other, topic)
    hide(moderator, posts(moderator, topic)[0])
    path = f"/community/topics/{topic['id']}"
    for ask in (path, f"{path}/posts"):
        assert other.get(ask).status_code == 404
        assert moderator.get(ask).status_code == 200
    assert other.get("/community/topics").json["items"] == []
    assert other.send("POST", f"{path}/posts", {"text": "¿Sigue?"}).status_code == 404
    assert other.get("/community/waiting").json["topics"] == 0


def test_only_moderators_moderate(member: StoryDesk, topic: Any, other: StoryDesk) -> None:
    post = posts(member, topic)[0]
    assert hide(other, post).status_code == 403
    told = {"locked": True, "pinned": True}
    assert member.send("POST", f"/community/topics/{topic['id']}/state", told, 1).status_code == 403
    assert member.get("/community/reports").status_code == 403


def test_a_report_is_settled_once_and_hides_what_it_is_about(
    member: StoryDesk, topic: Any, other: StoryDesk, moderator: StoryDesk
) -> None:
    post = replied(other, topic)
    path = f"/community/posts/{post['id']}/reports"
    assert member.send("POST", path, {"reason": "Dice dónde vive"}).status_code == 201
    assert refusal(member.send("POST", path, {"reason": "Otra vez"})) == (409, "community.reported_already")
    assert moderator.get("/community/waiting").json["reports"] == 1
    report = moderator.get("/community/reports", open="true").json["items"][0]
    settle = f"/community/reports/{report['id']}/settlement"
    refused = moderator.send("POST", settle, {"outcome": "hidden"})
    assert refusal(refused) == (422, "community.reason_missing")
    done = moderator.send("POST", settle, {"outcome": "hidden", "reason": "Dice dónde vive alguien"}).json
    assert (done["outcome"], done["post"]["state"]) == ("hidden", "hidden")
    again = moderator.send("POST", settle, {"outcome": "kept"})
    assert refusal(again) == (409, "community.settled_already")
    assert moderator.get("/community/reports", open="true").json["items"] == []


def test_an_author_changes_her_words_for_a_while_and_what_they_were_stays(
    member: StoryDesk, topic: Any, other: StoryDesk, moderator: StoryDesk
) -> None:
    post = posts(member, topic)[0]
    path = f"/community/posts/{post['id']}"
    assert refusal(other.send("PUT", path, {"text": "No"}, post["version"])) == (403, "community.not_yours")
    changed = member.send("PUT", path, {"text": "¿Qué funcionó?"}, post["version"]).json
    assert changed["edited_at"]
    assert member.send("PUT", path, {"text": "Otra"}, post["version"]).status_code == 412
    assert posts(other, topic)[0]["edits"] == []
    assert posts(moderator, topic)[0]["edits"][0]["text"] == TOPIC["text"]
    with clock.frozen(TODAY + timedelta(minutes=61)):
        late = member.send("PUT", path, {"text": "Tarde"}, changed["version"])
    assert refusal(late) == (409, "community.too_late_to_edit")


def test_what_an_author_takes_back_is_gone_with_its_files(
    house: House, member: StoryDesk, topic: Any, other: StoryDesk, moderator: StoryDesk
) -> None:
    post = replied(other, topic, "Me equivoqué de Zutana")
    kept = other.upload(f"/community/posts/{post['id']}/files", NOTED, filename="x.jpg", version=post["version"]).json
    sent = member.get(f"/community/posts/{post['id']}/files/{kept['files'][0]['id']}")
    assert SECRET not in sent.data
    assert sent.headers["Content-Disposition"].startswith("attachment")
    path = f"/community/posts/{post['id']}/deletion"
    assert member.send("POST", path, None, kept["version"]).status_code == 403
    assert other.send("POST", path, None, kept["version"]).json["state"] == "deleted"
    assert posts(moderator, topic)[1]["text"] is None, "not even moderators read it"
    assert moderator.get("/community/topics", text="zutana").json["items"] == []
    with house.service.database.reading() as session:
        assert session.execute(files.file_table.select().where(files.file_table.c.erased_at.is_(None))).all() == []


def test_a_topic_that_nobody_answered_goes_with_its_opening(member: StoryDesk, topic: Any, other: StoryDesk) -> None:
    answered = member.made("/community/topics", TOPIC | {"title": "Con respuesta"})
    replied(other, answered)
    for one in (topic, answered):
        post = posts(member, one)[0]
        member.send("POST", f"/community/posts/{post['id']}/deletion", None, post["version"])
    assert [row["title"] for row in other.get("/community/topics").json["items"]] == [""]
    assert posts(other, answered)[0]["state"] == "deleted"


def test_a_closed_topic_is_read_and_not_written(member: StoryDesk, topic: Any, moderator: StoryDesk) -> None:
    told = {"locked": True, "pinned": True}
    done = moderator.send("POST", f"/community/topics/{topic['id']}/state", told, topic["version"]).json
    assert (done["locked"], done["pinned"]) == (True, True)
    refused = member.send("POST", f"/community/topics/{topic['id']}/posts", {"text": "x"})
    assert refusal(refused) == (409, "community.topic_closed")
    post = posts(member, topic)[0]
    refused = member.send("PUT", f"/community/posts/{post['id']}", {"text": "x"}, post["version"])
    assert refusal(refused) == (409, "community.topic_closed")
    assert moderator.send("POST", f"/community/topics/{topic['id']}/state", told, topic["version"]).status_code == 412


def test_topics_on_top_come_first_and_pages_follow_each_other(member: StoryDesk, moderator: StoryDesk) -> None:
    made = []
    for minute, title in enumerate(("Uno", "Dos", "Tres")):
        with clock.frozen(TODAY + timedelta(minutes=minute)):
            made.append(member.made("/community/topics", TOPIC | {"title": title}))
    told = {"locked": False, "pinned": True}
    moderator.send("POST", f"/community/topics/{made[0]['id']}/state", told, made[0]["version"])
    first = member.get("/community/topics", limit=2)
    assert [row["title"] for row in first.json["items"]] == ["Uno", "Tres"]
    after = first.headers["Link"].split("after=")[1].split("&")[0].split(">")[0]
    assert [row["title"] for row in member.get("/community/topics", limit=2, after=after).json["items"]] == ["Dos"]


def test_a_flood_is_stopped_and_ebbs(member: StoryDesk, topic: Any) -> None:
    for _ in range(29):
        replied(member, topic)
    path = f"/community/topics/{topic['id']}/posts"
    assert refusal(member.send("POST", path, {"text": "una más"})) == (409, "community.too_much")
    with clock.frozen(TODAY + timedelta(hours=1, minutes=1)):
        assert member.send("POST", path, {"text": "una más"}).status_code == 201


def test_replies_at_the_same_moment_get_a_number_each(house: House, topic: Any) -> None:
    desks = [house.desk(person("technician", scope="HN", subject=f"t{n}", name="x")) for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda desk: replied(desk, topic), desks))
    assert sorted(one["number"] for one in sent) == [2, 3, 4, 5]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "http://example.org",
        "https://example.org/ javascript:x",
        'https://example.org/"onmouseover="x',
        "data:text/html,x",
        "//example.org",
        "https://",
        " https://example.org",
    ],
)
def test_an_address_that_is_no_plain_https_is_not_shared(member: StoryDesk, address: str) -> None:
    told = {"space": "training", "title": "Guía", "address": address}
    assert member.send("POST", "/community/resources", told).status_code == 422


def test_no_moderator_judges_what_she_wrote(house: House, topic: Any, other: StoryDesk, moderator: StoryDesk) -> None:
    post = replied(moderator, topic, "Se llama Nombrada Inventada")
    other.send("POST", f"/community/posts/{post['id']}/reports", {"reason": "Nombra a una clienta"})
    report = moderator.get("/community/reports", open="true").json["items"][0]
    settle = f"/community/reports/{report['id']}/settlement"
    assert refusal(moderator.send("POST", settle, {"outcome": "kept"})) == (409, "community.own_judged")
    done = house.reviewer.send("POST", settle, {"outcome": "hidden", "reason": "Nombra a Nombrada"}).json
    restore, version = f"/community/posts/{post['id']}/restoration", done["post"]["version"]
    assert refusal(moderator.send("POST", restore, None, version)) == (409, "community.own_judged")
    assert house.reviewer.send("POST", restore, None, version).status_code == 200
    with house.service.database.reading() as session:
        told = history.of(session, UUID(post["id"]))
    assert [one["action"] for one in told] == ["hide", "restore"]
    assert "Nombrada" not in str(told)


def test_a_closed_topic_takes_no_more_files(topic: Any, other: StoryDesk, moderator: StoryDesk) -> None:
    post = replied(other, topic)
    version = moderator.get(f"/community/topics/{topic['id']}").json["version"]
    state = f"/community/topics/{topic['id']}/state"
    assert moderator.send("POST", state, {"locked": True, "pinned": False}, version).status_code == 200
    refused = other.upload(f"/community/posts/{post['id']}/files", PDF, version=post["version"])
    assert refusal(refused) == (409, "community.topic_closed")


def test_resources_are_shared_found_and_hidden(member: StoryDesk, other: StoryDesk, moderator: StoryDesk) -> None:
    link = member.made(
        "/community/resources",
        {
            "space": "training",
            "title": "Guía de costos",
            "about": "Con ejemplos",
            "address": "https://example.org/guia?a=1",
        },
    )
    sent = other.upload("/community/resource-files", PDF, space="training", title="Hoja de asistencia")
    assert sent.status_code == 201, sent.text
    assert refusal(other.upload("/community/resource-files", b"<svg onload=x>", space="training", title="x")) == (
        422,
        "community.file_kind",
    )
    assert [row["title"] for row in other.get("/community/resources", text="COSTOS").json["items"]] == [
        "Guía de costos"
    ]
    file = f"/community/resources/{sent.json['id']}/file"
    assert member.get(file).data == PDF
    path = f"/community/resources/{sent.json['id']}/hiding"
    assert member.send("POST", path, {"reason": "x"}, 1).status_code == 403
    assert moderator.send("POST", path, {"reason": "Trae nombres"}, sent.json["version"]).status_code == 200
    assert member.get(file).status_code == 404
    assert [row["id"] for row in member.get("/community/resources").json["items"]] == [link["id"]]
    assert len(moderator.get("/community/resources").json["items"]) == 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"space": "gossip"}, "field.not_a_choice"),
        ({"title": "…!"}, "community.title_without_letters"),
        ({"text": "  "}, "field.required"),
        ({"text": "x" * 8_001}, "text.too_long"),
        ({"title": "a\u202eb"}, "text.direction_override"),
    ],
)
def test_wrong_input_is_refused(member: StoryDesk, changed: dict[str, str], code: str) -> None:
    status, found = refusal(member.send("POST", "/community/topics", TOPIC | changed))
    assert status == 422
    assert found == code or found.startswith("text.")


def test_what_there_is_not_is_not_found(member: StoryDesk, moderator: StoryDesk) -> None:
    nothing = uuid4()
    assert member.get(f"/community/topics/{nothing}").status_code == 404
    assert member.send("PUT", f"/community/posts/{nothing}", {"text": "x"}, 1).status_code == 404
    assert moderator.send("POST", f"/community/reports/{nothing}/settlement", {"outcome": "kept"}).status_code == 404
    assert member.get(f"/community/resources/{nothing}/file").status_code == 404
