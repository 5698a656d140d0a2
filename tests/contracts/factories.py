"""A house with the demonstration in it: a record of every kind, made by the people whose work it is."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any

import deploy.demonstration as demonstration
from deploy.house import House
from shared.kernel import clock
from shared.settings import SERVICES
from shared.web import Operation
from tests.contracts.conftest import Everything

OWN_TABLE = {"measure": "enterprises", "rows": "place", "units": ["HN1709"]}
"""A table of published figures of the demonstration's territory."""


@contextmanager
def furnished(house: House) -> Iterator["Records"]:
    """The house with its demonstration; its workers have told each other everything."""
    demonstration.load_once(house, lambda _: None)
    records = Records(Everything(house))
    with demonstration._working(house):
        records.wait_for("registry", "/accompaniments")
    records.keep("registry", "export_id", "/exports", {"format": "csv"}, "coordinator")
    records.keep("territory", "table_id", "/own-tables", {"title": "x", "definition": OWN_TABLE}, "planner")
    records.send_layer()
    score = {"unit": "HN17", "chain": "fishing", "criterion": "water", "score": 2, "evidence": "x"}
    records.keep("territory", "score_id", "/chain-scores", score, "coordinator")
    until = (clock.today() + timedelta(days=9)).isoformat()
    link = {"unit": "HN17", "map": {}, "purpose": "x", "language": "es", "expires_on": until}
    records.keep("territory", "link_id", "/map-links", link, "coordinator")
    yield records


class Records:
    """One identifier of every kind that a path can ask for, found as somebody who may see everything."""

    def __init__(self, everything: Everything) -> None:
        self.everything = everything
        self._known: dict[str, dict[str, str]] = {}

    def get(self, service: str, path: str, *roles: str, scope: str | tuple[str, ...] = "*") -> Any:
        web = self.everything.house.service(service).web.test_client()
        return web.get(f"/api/{service}/v1{path}", headers=self.everything.headers(*roles, scope=scope))

    def wait_for(self, service: str, path: str) -> None:
        """Until the list has a row: another service's event has arrived."""
        deadline = time.monotonic() + 120
        while not self.get(service, path).json["items"]:
            assert time.monotonic() < deadline, f"{service}{path} stays empty"
            time.sleep(0.2)

    def keep(self, service: str, name: str, path: str, body: dict[str, Any], role: str) -> None:
        """Have somebody make a record that belongs to her alone, and know its identifier."""
        web = self.everything.house.service(service).web.test_client()
        headers = self.everything.headers(role, scope=("HN", "SV"))
        made = web.post(f"/api/{service}/v1{path}", json=body, headers=headers)
        self.ids(service)[name] = made.json["id"]

    def send_layer(self) -> None:
        """Somebody of the LEDA sends a layer of her territory, and it is known."""
        web = self.everything.house.service("territory").web.test_client()
        layer = b'{"type":"FeatureCollection","features":[]}'
        told = {"kind": "markets", "title": "x", "source": "x", "units": "HN17", "file": (BytesIO(layer), "x.geojson")}
        headers = self.everything.headers("leda_viewer", scope=("HN", "SV"))
        made = web.post("/api/territory/v1/layers", data=told, headers=headers)
        self.ids("territory")["layer_id"] = made.json["id"]

    def ids(self, service: str) -> dict[str, str]:
        """The identifiers of a service, by the name they have in its paths."""
        if service not in self._known:
            self._known[service] = FINDERS[service](lambda path: self.get(service, path).json)
        return self._known[service]

    def path(self, service: str, operation: Operation) -> str | None:
        """The path of the operation with real records in it, or None where the demonstration has none."""
        known = self.ids(service)
        places = re.findall(r"<(?:[^:>]*:)?([a-z_]+)>", operation.path)
        if any(place not in known for place in places):
            return None
        return re.sub(r"<(?:[^:>]*:)?([a-z_]+)>", lambda place: known[place[1]], operation.path)


Look = Callable[[str], Any]


_KNOWLEDGE = {"study": "studies", "opportunity": "opportunities"}


def _registry(look: Look) -> dict[str, str]:
    enterprise = look("/enterprises?tier=strategic")["items"][0]["id"]
    profile = look(f"/enterprises/{enterprise}/profiles")["items"][0]["id"]
    owner = look(f"/enterprises/{enterprise}")["owners"][0]["id"]
    plan = next(row for row in look("/business-plans")["items"] if row["state"] == "draft")
    case = look(f"/accompaniments/{plan['accompaniment_id']}")
    visit = next(v["id"] for row in look("/accompaniments?phase=consolidation")["items"]
                  for v in look(f"/accompaniments/{row['id']}")["visits"])  # fmt: skip
    found = {"enterprise_id": enterprise, "entrepreneur_id": owner, "accompaniment_id": case["id"]}
    found |= {"profile_id": profile, "subject": "quality"}
    found |= {"plan_id": plan["id"], "visit_id": visit}
    campaign = look("/campaigns")["items"][0]["id"]
    found |= {"campaign_id": campaign, "activity_id": look(f"/campaigns/{campaign}")["activities"][0]["id"]}
    fair = look("/fairs")["items"][0]["id"]
    found |= {"fair_id": fair, "stand_id": look(f"/fairs/{fair}/stands")["items"][0]["id"]}
    found |= {f"{kind}_id": look(f"/{path}")["items"][0]["id"] for kind, path in _KNOWLEDGE.items()}
    found["pair_id"] = look("/duplicates")["items"][0]["id"]
    found |= {"draft_id": look("/drafts")["items"][0]["id"], "token_id": look("/forms/tokens")["items"][0]["id"]}
    found |= {"centre_id": look("/centres")["items"][0]["id"], "view_id": look("/saved-views")["items"][0]["id"]}
    return found | {"merge_id": look("/duplicates/merges")["items"][0]["id"]}


def _territory(look: Look) -> dict[str, str]:
    plan = look(f"/plans/{look('/plans')['items'][0]['id']}")
    line = next(line for line in plan["lines"] if line["projects"])
    found = {"municipality": "HN1709", "department": "HN17", "plan_id": plan["id"], "line_id": line["id"]}
    found["project_id"] = line["projects"][0]["id"]
    proposal = look(f"/proposals/{look('/proposals?state=budgeted')['items'][0]['id']}")
    found |= {"proposal_id": proposal["id"], "step_id": proposal["steps"][-1]["id"]}
    council = look(f"/councils/{look('/councils')['items'][0]['id']}")
    found |= {"council_id": council["id"], "seat_id": council["seats"][0]["id"]}
    found |= {"session_id": council["sessions"][0]["id"], "commitment_id": council["commitments"][0]["id"]}
    return found | {f"{kind}_id": look(f"/{kind}s")["items"][0]["id"] for kind in ("dialogue", "alliance")}


def _credit(look: Look) -> dict[str, str]:
    found = {f"{kind}_id": look(f"/{kind}s")["items"][0]["id"] for kind in ("fund", "committee", "application", "loan")}
    meeting = look("/sessions")["items"][0]["id"]
    found |= {"session_id": meeting, "item_id": look(f"/sessions/{meeting}")["agenda"][0]["id"]}
    found["seat_id"] = look(f"/committees/{found['committee_id']}")["seats"][0]["id"]
    found["enterprise_id"] = look("/applications")["items"][0]["enterprise_id"]
    found["attachment_id"] = next(
        paper["id"]
        for row in look("/applications?limit=200")["items"]
        for paper in look(f"/applications/{row['id']}/attachments")["attachments"]
    )
    award = look(f"/seed-awards/{look('/seed-awards')['items'][0]['id']}")
    found |= {"award_id": award["id"], "milestone_id": award["milestones"][0]["id"]}
    found["group_id"] = look("/groups")["items"][0]["id"]
    for application in look("/applications?limit=200")["items"]:
        for guarantee in look(f"/applications/{application['id']}/guarantees")["guarantees"]:
            found["guarantee_id"] = guarantee["id"]
    fund = f"/funds/{found['fund_id']}"
    found["regulations_id"] = look(f"{fund}/regulations")["items"][0]["id"]
    found["agreement_id"] = look(f"{fund}/agreements")["items"][0]["id"]
    for loan in look("/loans?limit=200")["items"]:
        for repayment in look(f"/loans/{loan['id']}").get("repayments", []):
            found["repayment_id"] = repayment["id"]
    return found


def _training(look: Look) -> dict[str, str]:
    known = look(f"/rounds/{look('/rounds')['items'][0]['id']}")
    measured = look("/measurements")["items"][0]["id"]
    session = look("/sessions")["items"][0]
    lists = {
        "sme_link_id": "/sme-links", "agreement_id": "/csr-agreements",
        "commitment_id": "/csr-commitments", "assistance_id": "/assistance", "sme_id": "/smes",
    }  # fmt: skip
    found = {name: look(path)["items"][0]["id"] for name, path in lists.items()}
    found |= {"number": "1", "area": "community", "group_id": session["subject_id"], "session_id": session["id"]}
    found |= {"round_id": known["id"], "venue_id": known["venues"][0]["id"]}
    found["placement_id"] = known["placements"][0]["id"]
    found["entrepreneur_id"] = look(f"/rounds/{known['id']}/women")["items"][0]["entrepreneur_id"]
    found |= {"measurement_id": measured, "sheet_id": look(f"/measurements/{measured}")["sheets"][0]["id"]}
    rooms = (_of_papers, _of_firms, _of_curricula, _of_fairs, _of_teaching, _of_stories, _of_community)
    return found | {name: value for room in rooms for name, value in room(look).items()}


def _of_curricula(look: Look) -> dict[str, str]:
    kept = look("/curricula")["items"]
    version = look(f"/curriculum-versions/{kept[0]['latest']['id']}")
    revised = next(row["latest"]["id"] for row in kept if row["latest"]["number"] > 1)
    return {
        "curriculum_id": version["curriculum_id"],
        "curriculum_version_id": version["id"],
        "curriculum_module_id": version["modules"][0]["id"],
        "contribution_id": version["contributions"][0]["id"],
        "curriculum_link_id": look(f"/curriculum-versions/{revised}/links")["items"][0]["id"],
    }


def _of_stories(look: Look) -> dict[str, str]:
    story = next(row["id"] for row in look("/story-library")["items"] if row["pictures"])
    shown = look(f"/case-stories/{story}")
    linked = next(row["id"] for row in look("/case-stories?state=submitted")["items"])
    return {
        "story_id": story,
        "picture_id": shown["pictures"][0]["id"],
        "consent_id": shown["consents"][0]["id"],
        "story_link_id": look(f"/case-stories/{linked}/links")["items"][0]["id"],
    }


def _of_community(look: Look) -> dict[str, str]:
    reported = look("/community/reports")["items"][0]
    return {
        "topic_id": reported["post"]["topic_id"],
        "post_id": reported["post"]["id"],
        "community_file_id": reported["post"]["files"][0]["id"],
        "report_id": reported["id"],
        "resource_id": look("/community/resources")["items"][0]["id"],
    }


def _of_papers(look: Look) -> dict[str, str]:
    linked = look(f"/diplomas/{look('/diplomas')['items'][0]['id']}")
    found = {"diploma_id": linked["id"], "diploma_link_id": linked["links"][0]["id"]}
    return found | {"loan_id": look("/assistance-waiting")["items"][0]["loan_id"]}


def _of_fairs(look: Look) -> dict[str, str]:
    fair = look("/fairs")["items"][0]["id"]
    group = look(f"/fairs/{fair}")["preparations"][0]["id"]
    listed = look(f"/fair-preparations/{group}")["enterprises"][0]["listed_id"]
    return {"fair_id": fair, "fair_preparation_id": group, "listed_id": listed}


def _of_teaching(look: Look) -> dict[str, str]:
    kept = next(row["id"] for row in look("/library")["items"] if row["reach"] == "team" and row["file"])
    edition = look("/trainer-editions")["items"][0]["id"]
    return {
        "library_material_id": kept,
        "trainer_id": look("/trainers")["items"][0]["id"],
        "edition_id": edition,
        "candidate_id": look(f"/trainer-editions/{edition}")["people"][0]["id"],
        "licence_id": look("/trainer-licences")["items"][0]["id"],
    }


def _of_firms(look: Look) -> dict[str, str]:
    firm = next(row for row in look("/csr-follow-up")["items"] if row["plan_id"])
    workshop = next(row["id"] for row in look("/csr-workshops")["items"] if row["state"] == "held")
    shown = look(f"/csr-workshops/{workshop}")
    return {
        "diagnosis_id": firm["diagnosis_id"],
        "plan_id": firm["plan_id"],
        "activity_id": workshop,
        "material_id": shown["materials"][0]["id"],
        "partner_id": shown["partners"][0]["id"],
        "csr_indicator": "G1",
        "csr_month": "1",
        "csr_evidence_id": look("/csr-evidence")["items"][0]["id"],
        "participant_id": look(f"/csr-workshops/{workshop}/participants")["items"][0]["id"],
    }


def _portal(look: Look) -> dict[str, str]:
    return {"account_id": look("/accounts")["items"][0]["id"]}


FINDERS = dict(zip(SERVICES, (_registry, _territory, _credit, _training, _portal), strict=True))
