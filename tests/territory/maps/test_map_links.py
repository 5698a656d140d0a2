"""Maps shared through links: made by coordinators, seen by whoever has the address, over when they say, taken back."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from services.territory.app import JOBS
from services.territory.models import Publication
from services.territory.queries.map_kinds import KINDS
from services.territory.use_cases import publish_figures
from services.territory.use_cases.publish_figures import ensure_published, publish_everywhere
from shared.identity import ROLES, Caller
from shared.kernel import clock, uuid7
from shared.links import read, signed
from shared.testing import person
from tests.territory.conftest import register

COORDINATOR = person("coordinator", scope="HN17")
PORTAL = Caller.service("portal")


def asked(**changed: Any) -> dict[str, Any]:
    return {
        "unit": "HN17",
        "map": {"kind": "choropleth", "measure": "women"},
        "purpose": "Página de la mancomunidad",
        "expires_on": (clock.today() + timedelta(days=90)).isoformat(),
    } | changed


def share(gulf: SimpleNamespace, who: Caller = COORDINATOR, **changed: Any) -> Any:
    return gulf.call(who, "POST", "/map-links", json=asked(**changed))


def test_a_coordinator_shares_a_map_and_whoever_has_the_link_sees_published_figures(gulf: SimpleNamespace) -> None:
    made = share(gulf)
    assert made.status_code == 201, made.json
    assert made.json["state"] == "valid"

    shown = gulf.get(PORTAL, f"/map-links/{made.json['token']}/map").json

    assert shown["title"] == "Mujeres ocupadas: Valle"
    assert shown["published"]
    assert shown["total"] is None
    values = [cell["value"] for row in shown["units"] for cell in row["cells"]]
    assert all(value is None or value == 0 or value >= 5 for value in values)
    assert not re.search(r"<title>[^<]*: [1-4]<", shown["drawing"])


def test_a_stranger_publishes_nothing_and_sees_last_month_s_figures_until_the_night_has_published(
    gulf: SimpleNamespace,
) -> None:
    token = share(gulf).json["token"]
    month = gulf.get(PORTAL, f"/map-links/{token}/map").json["published"]
    with gulf.database.transaction() as session:
        register(session, 30, "HN1701")

    with clock.frozen(clock.now() + timedelta(days=32)):
        for _ in range(2):
            assert gulf.get(PORTAL, f"/map-links/{token}/map").json["published"] == month
        assert publications(gulf) == 1
        job = SimpleNamespace(reading=gulf.database.reading, transaction=gulf.database.transaction)
        assert publish_everywhere(job) == {"published": 1}
        assert gulf.get(PORTAL, f"/map-links/{token}/map").json["published"] > month
        assert publish_everywhere(job) == {"published": 0}
    assert publications(gulf) == 2


def publications(gulf: SimpleNamespace) -> int:
    with gulf.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Publication)) or 0


def test_many_who_ask_first_in_a_month_have_it_worked_out_once(
    gulf: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def counted(session: Any, caller: Caller, department: str) -> Publication:
        made.append(department)
        return figures_of_today(session, caller, department)

    figures_of_today = publish_figures.figures_of_today
    monkeypatch.setattr(publish_figures, "figures_of_today", counted)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: ensure_published(gulf.database, COORDINATOR, ["HN17"]), range(4)))

    assert made == ["HN17"]
    assert publications(gulf) == 1


def test_the_night_publishes(gulf: SimpleNamespace) -> None:
    assert publish_figures.PUBLISH_JOB in JOBS
    assert [one.kind for one in publish_figures.SCHEDULES] == [publish_figures.PUBLISH_JOB]
    assert gulf.built.worker


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"hexagons", "change", "clusters", "flows"}])
def test_every_kind_of_published_figures_can_be_shared(gulf: SimpleNamespace, kind: str) -> None:
    token = share(gulf, map={"kind": kind, "since": "2026-01-01"}).json["token"]

    shown = gulf.get(PORTAL, f"/map-links/{token}/map")

    assert (shown.status_code, shown.json["kind"]) == (200, kind)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"map": {"kind": "hexagons"}}, 403, "map.no_points"),
        ({"map": {"tier": "strategic"}}, 409, "map.filter_not_published"),
        ({"map": {"recorded_from": "2026-01-01"}}, 409, "map.filter_not_published"),
        ({"map": {"kind": "change"}}, 404, "map.not_published_then"),
        ({"map": {"points": True}}, 422, "field.unknown /map/points"),
        ({"map": {"figures": "live"}}, 422, "field.unknown /map/figures"),
        ({"unit": "HN06"}, 403, "permission.outside_scope"),
        ({"unit": "HN99"}, 422, "unit.unknown /unit"),
        ({"purpose": " "}, 422, "field.required /purpose"),
        ({"expires_on": "2020-01-01"}, 422, "map_link.last_day /expires_on"),
        ({"expires_on": "2199-01-01"}, 422, "map_link.last_day /expires_on"),
    ],
)
def test_what_cannot_be_shared_is_refused_at_once(
    gulf: SimpleNamespace, changed: dict[str, Any], status: int, code: str
) -> None:
    answer = share(gulf, **changed)

    assert answer.status_code == status, answer.json
    told = [f"{one['code']} {one['pointer']}" for one in answer.json.get("errors", [])] or [answer.json["code"]]
    assert told == [code]
    assert gulf.get(COORDINATOR, "/map-links").json["items"] == []


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"coordinator", "network_coordinator", "service"}))
def test_only_coordinators_share_list_and_take_back(gulf: SimpleNamespace, role: str) -> None:
    link = share(gulf).json
    who = person(role, scope="HN17")

    assert share(gulf, who).status_code == 403
    assert gulf.get(who, "/map-links").status_code == 403
    assert gulf.get(who, f"/map-links/{link['token']}/map").status_code == 403
    taken = gulf.call(who, "POST", f"/map-links/{link['id']}/revocation", headers={"If-Match": '"1"'})
    assert taken.status_code == 403


def test_a_link_that_is_taken_back_shows_nothing_and_only_once(gulf: SimpleNamespace) -> None:
    link = share(gulf).json
    path, version = f"/map-links/{link['id']}/revocation", {"If-Match": f'"{link["version"]}"'}

    assert gulf.call(COORDINATOR, "POST", path).status_code == 428
    assert gulf.call(COORDINATOR, "POST", path, headers={"If-Match": '"7"'}).status_code == 412
    outside = gulf.call(person("coordinator", scope="HN06"), "POST", path, headers=version)
    assert outside.status_code == 403
    taken = gulf.call(COORDINATOR, "POST", path, headers=version)
    assert (taken.status_code, taken.json["state"]) == (200, "revoked")

    again = gulf.call(COORDINATOR, "POST", path, headers={"If-Match": f'"{taken.json["version"]}"'})
    assert (again.status_code, again.json["code"]) == (409, "map_link.revoked_already")
    shown = gulf.get(PORTAL, f"/map-links/{link['token']}/map")
    assert (shown.status_code, shown.json["code"]) == (404, "map_link.not_shown")


def test_a_link_is_over_after_its_last_day(gulf: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    link = share(gulf, expires_on=clock.today().isoformat()).json
    assert gulf.get(PORTAL, f"/map-links/{link['token']}/map").status_code == 200

    tomorrow = clock.today() + timedelta(days=1)
    monkeypatch.setattr(type(clock), "today", lambda _: tomorrow)

    assert gulf.get(PORTAL, f"/map-links/{link['token']}/map").status_code == 404
    assert gulf.get(COORDINATOR, "/map-links").json["items"][0]["state"] == "expired"


def test_links_are_listed_to_their_territory_latest_first(gulf: SimpleNamespace) -> None:
    first, second = share(gulf).json["id"], share(gulf, map={}).json["id"]

    assert [row["id"] for row in gulf.get(COORDINATOR, "/map-links").json["items"]] == [second, first]
    page = gulf.get(COORDINATOR, "/map-links?limit=1")
    assert [row["id"] for row in page.json["items"]] == [second]
    assert "Link" in page.headers
    assert gulf.get(person("coordinator", scope="HN06"), "/map-links").json["items"] == []


@pytest.mark.parametrize("place", [0, 10, 17, 19, 25, 35])
def test_a_changed_address_shows_nothing(gulf: SimpleNamespace, place: int) -> None:
    whole = bytearray(base64.urlsafe_b64decode(share(gulf).json["token"]))
    whole[place] ^= 1
    token = base64.urlsafe_b64encode(whole).decode()

    assert gulf.get(PORTAL, f"/map-links/{token}/map").status_code == 404


@pytest.mark.parametrize("token", ["x", "A" * 48, "A" * 64, "ñandú", "====", "a b", "A" * 47 + "!"])
def test_what_is_no_address_shows_nothing(gulf: SimpleNamespace, token: str) -> None:
    assert gulf.get(PORTAL, f"/map-links/{token}/map").status_code == 404


def test_an_address_is_read_with_its_own_key_only() -> None:
    link_id, day = uuid7(), clock.today()
    token = signed(link_id, day, b"one")

    assert read(token, b"one") == (link_id, day)
    assert read(token, b"another") is None
    assert len(token) == 48
