"""Firms in the community: what they read behind their links, what they write there and who lets it be shown."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from services.training.queries.firm_community import (
    contributions_waiting,
    list_contributions_of_firm,
    list_posts_of_firm,
    list_topics_of_firm,
    news_of_firm,
)
from services.training.use_cases.contribute_as_firm import (
    contribute,
    decide_contribution,
    hear_no_more,
    take_back_contribution,
)
from services.training.use_cases.take_part import reply
from shared import history
from shared.kernel import clock
from shared.testing import person
from shared.tokens import Keyring
from tests.training.csr_firms import write_sme
from tests.training.csr_house import refusal
from tests.training.house import COORDINATOR, TODAY, number
from tests.training.stories_house import FIRM, House, StoryDesk, stories_house

TOPIC = {"space": "responsibility", "title": "Separar los residuos", "text": "¿Cómo empezaron ustedes?"}
ELSEWHERE = number(70_009)
"""A firm of Guatemala."""


class Firm:
    """A firm behind its link."""

    def __init__(self, house: House, sme: UUID, *, days: int = 30) -> None:
        team = house.desk(person("trainer", scope="*", subject="trainer", name="Trini Capacitadora"))
        told = {"sme_id": str(sme), "expires_on": (clock.today() + timedelta(days=days)).isoformat()}
        self.link = team.made("/sme-links", told)
        self._portal, self.room = house.portal, f"/sme-links/{self.link['token']}/community"

    def get(self, path: str) -> Any:
        return self._portal.get(f"{self.room}{path}")

    def items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(path).json["items"]
        return found

    def send(self, path: str, body: Any = None, version: int | None = None, method: str = "POST") -> Any:
        return self._portal.send(method, f"{self.room}{path}", body, version)

    def wrote(self, text: str = "Pusimos tres barriles", **more: Any) -> dict[str, Any]:
        answer = self.send("/contributions", {"text": text, **more})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def news(self) -> int:
        found: int = self._portal.get(f"/sme-links/{self.link['token']}/own").json["community_news"]
        return found


@pytest.fixture
def house(tmp_path: Path, keys: dict[str, Keyring]) -> Iterator[House]:
    with stories_house(tmp_path, keys) as found:
        yield found


@pytest.fixture
def member(house: House) -> StoryDesk:
    return house.team


@pytest.fixture
def moderator(house: House) -> StoryDesk:
    return house.desk(COORDINATOR)


@pytest.fixture
def firm(house: House) -> Firm:
    return Firm(house, FIRM)


@pytest.fixture
def topic(member: StoryDesk, moderator: StoryDesk) -> dict[str, Any]:
    """A topic that the firms of Honduras read."""
    return opened(moderator, member.made("/community/topics", TOPIC))


def opened(moderator: StoryDesk, topic: dict[str, Any], unit: str | None = "HN17") -> dict[str, Any]:
    answer = moderator.send("POST", f"/community/topics/{topic['id']}/firms", {"unit": unit}, topic["version"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def decided(moderator: StoryDesk, one: dict[str, Any], outcome: str = "shown", reason: str | None = None) -> Any:
    path = f"/community/contributions/{one['id']}/decision"
    return moderator.send("POST", path, {"outcome": outcome, "reason": reason}, one["version"])


def posts(desk: StoryDesk, topic: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.get(f"/community/topics/{topic['id']}/posts").json["items"]
    return found


def test_a_firm_reads_only_topics_that_were_opened_to_its_territory(
    house: House, firm: Firm, topic: dict[str, Any], member: StoryDesk, moderator: StoryDesk
) -> None:
    closed = member.made("/community/topics", TOPIC | {"title": "Solo entre centros"})
    assert [row["title"] for row in firm.items("/topics")] == [TOPIC["title"]]
    abroad = Firm(house, ELSEWHERE)
    assert abroad.items("/topics") == []
    for who, where in ((firm, closed), (abroad, topic)):
        path = f"/topics/{where['id']}"
        assert (who.get(path).status_code, who.get(f"{path}/posts").status_code) == (404, 404)
        assert refusal(who.send(f"{path}/reading", {"number": 1})) == (404, "community.unknown_topic")
        assert refusal(who.send(f"{path}/following", {"follows": True})) == (404, "community.unknown_topic")
        told = {"text": "x", "topic_id": where["id"]}
        assert refusal(who.send("/contributions", told)) == (404, "community.unknown_topic")
    opened(moderator, topic, None)
    assert firm.items("/topics") == []


def test_a_firm_is_told_roles_and_firms_and_never_the_name_of_a_person(
    house: House, firm: Firm, topic: dict[str, Any], moderator: StoryDesk
) -> None:
    decided(moderator, firm.wrote(topic_id=topic["id"]))
    neighbour = Firm(house, FIRM)
    read = neighbour.get(f"/topics/{topic['id']}/posts")
    assert [(one["role"], one["firm_name"], one["mine"]) for one in read.json["items"]] == [
        ("trainer", None, False),
        ("firm", "Comercial Secreta", True),
    ]
    seen = read.text + neighbour.get("/topics").text + neighbour.get("/contributions").text
    for name in ("Trini", "Capacitadora", COORDINATOR.name):
        assert name not in seen


def test_what_a_firm_writes_is_read_by_moderators_alone_until_one_lets_it_be_shown(
    firm: Firm, topic: dict[str, Any], member: StoryDesk, moderator: StoryDesk
) -> None:
    waiting = firm.wrote("Palabras secretísimas", topic_id=topic["id"])
    assert waiting["state"] == "waiting"
    assert len(posts(member, topic)) == 1
    assert member.get("/community/topics", text="secretisimas").json["items"] == []
    assert member.get("/community/contributions").status_code == 403
    assert decided(member, waiting).status_code == 403
    assert moderator.get("/community/waiting").json["contributions"] == 1
    (row,) = moderator.get("/community/contributions", waiting="true").json["items"]
    assert (row["sme_name"], row["title"], row["text"]) == (
        "Comercial Secreta",
        TOPIC["title"],
        "Palabras secretísimas",
    )
    assert decided(moderator, row).json["state"] == "shown"
    assert refusal(decided(moderator, row))[0] == 412
    shown = posts(member, topic)[1]
    assert (shown["text"], shown["recorded_by_name"], shown["role"]) == (
        "Palabras secretísimas",
        "Comercial Secreta",
        "firm",
    )
    assert member.get("/community/waiting").json["topics"] == 1, "who follows the topic hears of it only now"
    assert "decided_by_name" not in firm.items("/contributions")[0]


def test_a_firm_opens_a_topic_that_firms_of_its_country_read(
    house: House, firm: Firm, moderator: StoryDesk, member: StoryDesk
) -> None:
    waiting = firm.wrote(title="¿Quién compra cartón?")
    assert member.get("/community/topics").json["items"] == []
    decided(moderator, waiting)
    (row,) = member.get("/community/topics").json["items"]
    assert (row["title"], row["space"], row["firms_unit"]) == ("¿Quién compra cartón?", "responsibility", "HN")
    assert [one["title"] for one in firm.items("/topics")] == ["¿Quién compra cartón?"]
    assert Firm(house, ELSEWHERE).items("/topics") == []


def test_what_is_declined_is_shown_to_nobody_and_its_firm_reads_why(
    firm: Firm, topic: dict[str, Any], moderator: StoryDesk, house: House
) -> None:
    waiting = firm.wrote("Llamen a Zutana Inventada", topic_id=topic["id"])
    assert refusal(decided(moderator, waiting, "declined")) == (422, "community.reason_missing")
    assert decided(moderator, waiting, "declined", "Nombra a una persona").status_code == 200
    (own,) = firm.items("/contributions")
    assert (own["state"], own["reason"]) == ("declined", "Nombra a una persona")
    assert len(posts(moderator, topic)) == 1
    assert refusal(decided(moderator, own)) == (409, "community.decided_already")
    with house.service.database.reading() as session:
        told = history.of(session, UUID(waiting["id"]))
    assert [one["action"] for one in told] == ["declined"]
    assert "Zutana" not in str(told)


def test_a_firm_takes_back_what_waits_and_what_is_shown(
    house: House, firm: Firm, topic: dict[str, Any], member: StoryDesk, moderator: StoryDesk
) -> None:
    waits, shown = firm.wrote("Espera", topic_id=topic["id"]), firm.wrote("A la vista", topic_id=topic["id"])
    assert decided(moderator, shown).status_code == 200
    stranger = Firm(house, ELSEWHERE)
    for one in firm.items("/contributions"):
        path = f"/contributions/{one['id']}/withdrawal"
        assert refusal(stranger.send(path, None, one["version"])) == (404, "community.unknown_contribution")
        assert firm.send(path, None, one["version"]).json["state"] == "taken_back"
        assert refusal(firm.send(path, None, one["version"] + 1)) == (409, "community.taken_back_already")
    assert [one["state"] for one in posts(member, topic)] == ["shown", "deleted"]
    found = moderator.get("/community/contributions").json["items"]
    assert [one["text"] for one in found] == ["", ""]
    assert refusal(decided(moderator, waits | {"version": waits["version"] + 1})) == (409, "community.decided_already")


def test_a_firm_hears_of_what_is_new_until_it_says_no_more(
    firm: Firm, topic: dict[str, Any], member: StoryDesk, moderator: StoryDesk
) -> None:
    path = f"/topics/{topic['id']}"
    assert firm.news() == 0, "nobody follows by having a link"
    waiting = firm.wrote(topic_id=topic["id"])
    assert firm.get(path).json["follows"] is True
    member.made(f"/community/topics/{topic['id']}/posts", {"text": "Otra respuesta"})
    assert firm.news() == 1
    firm.send(f"{path}/reading", {"number": 2})
    assert firm.news() == 0
    assert refusal(firm.send(f"{path}/reading", {"number": 9})) == (422, "community.no_such_post")
    assert firm.send("/following", method="DELETE").status_code == 204
    decided(moderator, waiting)
    member.made(f"/community/topics/{topic['id']}/posts", {"text": "Y otra"})
    assert (firm.news(), firm.get(path).json["follows"]) == (0, False), "what is shown later does not begin it anew"
    firm.send(f"{path}/following", {"follows": True})
    member.made(f"/community/topics/{topic['id']}/posts", {"text": "Nueva"})
    assert firm.news() == 1


def test_a_flood_of_one_firm_is_stopped_through_however_many_links(house: House, topic: dict[str, Any]) -> None:
    links = [Firm(house, FIRM) for _ in range(3)]
    for turn in range(5):
        links[turn % 3].wrote(topic_id=topic["id"])
    told = {"text": "una más", "topic_id": topic["id"]}
    assert refusal(links[2].send("/contributions", told)) == (409, "community.too_much")
    (one, *_) = links[0].items("/contributions")
    links[0].send(f"/contributions/{one['id']}/withdrawal", None, one["version"])
    assert refusal(links[1].send("/contributions", told)) == (409, "community.too_much"), "taking back makes no room"
    with clock.frozen(TODAY + timedelta(days=1, minutes=1)):
        assert links[1].send("/contributions", told).status_code == 201


def test_a_flood_at_the_same_moment_is_stopped_as_well(house: House, firm: Firm, topic: dict[str, Any]) -> None:
    told = {"text": "una más", "topic_id": topic["id"]}
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: firm.send("/contributions", told).status_code, range(8)))
    assert sorted(sent) == [201] * 5 + [409] * 3


def test_a_link_that_is_over_taken_back_or_forged_opens_no_room(
    house: House, firm: Firm, topic: dict[str, Any], member: StoryDesk
) -> None:
    short = Firm(house, FIRM, days=1)
    member.send("POST", f"/sme-links/{firm.link['id']}/revocation", None, firm.link["version"])
    with clock.frozen(TODAY + timedelta(days=3)):
        shut(short, topic)
    shut(firm, topic)
    firm.room = f"/sme-links/{'A' * 48}/community"
    shut(firm, topic)


def shut(firm: Firm, topic: dict[str, Any]) -> None:
    path, closed = f"/topics/{topic['id']}", (404, "sme_link.not_open")
    for ask in ("/topics", path, f"{path}/posts", "/contributions"):
        assert refusal(firm.get(ask)) == closed
    assert refusal(firm.send("/contributions", {"text": "x", "topic_id": topic["id"]})) == closed
    assert refusal(firm.send(f"{path}/reading", {"number": 1})) == closed
    assert refusal(firm.send(f"{path}/following", {"follows": True})) == closed
    assert refusal(firm.send("/following", method="DELETE")) == closed
    assert refusal(firm.send(f"/contributions/{uuid4()}/withdrawal", None, 1)) == closed


def test_hidden_words_and_closed_topics_are_so_for_firms_too(
    firm: Firm, topic: dict[str, Any], member: StoryDesk, moderator: StoryDesk
) -> None:
    post = member.made(f"/community/topics/{topic['id']}/posts", {"text": "Nombra a alguien"})
    late = firm.wrote(topic_id=topic["id"])
    moderator.send("POST", f"/community/posts/{post['id']}/hiding", {"reason": "Nombra"}, post["version"])
    (_, hidden) = firm.items(f"/topics/{topic['id']}/posts")
    assert (hidden["state"], hidden["text"]) == ("hidden", None)
    version = moderator.get(f"/community/topics/{topic['id']}").json["version"]
    state = {"locked": True, "pinned": False}
    assert moderator.send("POST", f"/community/topics/{topic['id']}/state", state, version).status_code == 200
    refused = firm.send("/contributions", {"text": "x", "topic_id": topic["id"]})
    assert refusal(refused) == (409, "community.topic_closed")
    assert refusal(decided(moderator, late)) == (409, "community.topic_closed")
    opening = posts(moderator, topic)[0]
    moderator.send("POST", f"/community/posts/{opening['id']}/hiding", {"reason": "x"}, opening["version"])
    assert firm.items("/topics") == []
    assert firm.get(f"/topics/{topic['id']}").status_code == 404


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"text": "x"}, "community.topic_or_title"),
        ({"text": "x", "title": "y", "topic_id": str(uuid4())}, "community.topic_or_title"),
        ({"text": "x", "title": "…!"}, "community.title_without_letters"),
        ({"text": "  ", "title": "y"}, "field.required"),
        ({"text": "x" * 8_001, "title": "y"}, "text.too_long"),
        ({"text": "a\u202eb", "title": "y"}, "text.hostile"),
        ({"text": "a\x00b", "title": "y"}, "text.hostile"),
    ],
)
def test_wrong_words_of_a_firm_are_refused(firm: Firm, told: dict[str, str], code: str) -> None:
    assert refusal(firm.send("/contributions", told)) == (422, code)


def test_a_moderator_opens_topics_to_firms_of_her_own_territory(
    house: House, topic: dict[str, Any], member: StoryDesk, moderator: StoryDesk
) -> None:
    path = f"/community/topics/{topic['id']}/firms"
    version = moderator.get(f"/community/topics/{topic['id']}").json["version"]
    assert member.send("POST", path, {"unit": "HN17"}, version).status_code == 403
    for unit in ("GT", "*"):
        assert refusal(moderator.send("POST", path, {"unit": unit}, version)) == (403, "permission.outside_scope")
    assert refusal(moderator.send("POST", path, {"unit": "XX"}, version)) == (422, "municipality.unknown")
    everywhere = house.desk(person("network_coordinator", scope="*", subject="red", name="Reina Coordinadora"))
    assert everywhere.send("POST", path, {"unit": "*"}, version).status_code == 200
    assert [one["title"] for one in Firm(house, ELSEWHERE).items("/topics")] == [TOPIC["title"]]


def test_only_the_portal_speaks_for_a_firm(firm: Firm, member: StoryDesk) -> None:
    assert member.get(f"{firm.room}/topics").status_code == 403
    assert member.send("POST", f"{firm.room}/contributions", {"text": "x", "title": "y"}).status_code == 403


@pytest.mark.both_databases
def test_it_is_the_same_on_both_databases(session: Session) -> None:
    sme = write_sme(session, 0)
    first, second = (
        contribute(session, sme, topic_id=None, title=title, text="¿Quién recoge cartón?") for title in ("Uno", "Dos")
    )
    told: dict[str, Any] = {"version": None, "reason": None}
    decide_contribution(session, COORDINATOR, contribution_id=first.id, outcome="shown", **told)
    (row,) = list_topics_of_firm(session, sme, limit=9, after=None).rows
    assert (row["title"], row["follows"], row["unread"]) == ("Uno", True, 0)
    reply(session, COORDINATOR, topic_id=row["id"], text="Nosotras")
    assert (news_of_firm(session, sme), contributions_waiting(session)) == (1, 1)
    read = list_posts_of_firm(session, sme, row["id"], limit=9, after=None).rows
    assert [one["firm_name"] for one in read] == [sme.name, None]
    hear_no_more(session, sme)
    take_back_contribution(session, sme, contribution_id=first.id, version=None)
    take_back_contribution(session, sme, contribution_id=second.id, version=None)
    assert (news_of_firm(session, sme), contributions_waiting(session)) == (0, 0)
    own = list_contributions_of_firm(session, sme, limit=9, after=None).rows
    assert {one["state"] for one in own} == {"taken_back"}
