"""Links through which an enterprise answers and plans for itself; what is done through one is done by the portal."""

from typing import Any
from uuid import UUID

from flask import current_app

from services.training.api import diagnosis_schemas as schemas
from services.training.models import ActionPlan, Diagnosis
from services.training.queries import action_plans as plan_queries
from services.training.queries import diagnoses as queries
from services.training.queries import sme_links
from services.training.queries.evidence import evidence_file
from services.training.queries.firm_community import news_of_firm
from services.training.queries.radars import radar_of
from services.training.rules.csr_follow_up_access import TEAM
from services.training.use_cases import diagnose, plan_actions, show_evidence
from services.training.use_cases.link_sme import link_sme, revoke_sme_link
from shared.identity import Caller, Scope
from shared.kernel import NotFound
from shared.papers import LARGEST_FILE
from shared.tokens import Keyring
from shared.web import Call, Download, Page, Resource

resource = Resource("sme_links", prefix="/sme-links", description="Links of firms to their own diagnosis and plan.")
_DOOR = "/<string(maxlength=64):token>"
_OWN: dict[str, Any] = {"returns": schemas.SmeOwnOut, "allow": {"service"}, "scoped": False}
PURPOSE = "training sme links 1"


@resource.get(query=schemas.SmeLinkQuery, returns=schemas.SmeLinkOut, paged=True, allow=TEAM)
def list_(call: Call) -> Page:
    """The links to firms of the caller's territory, latest first."""
    return sme_links.list_links(call.session, call.caller, call.query, _key(), limit=call.limit, after=call.after)


@resource.post(body=schemas.SmeLinkIn, returns=schemas.SmeLinkOut, allow=TEAM)
def make(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Give a firm a link of its own until a day."""
    return sme_links.link_row(link_sme(call.session, call.caller, **body), _key())


@resource.post("/<uuid:sme_link_id>/revocation", returns=schemas.SmeLinkOut, if_match=True, status=200, allow=TEAM)
def revoke(call: Call, sme_link_id: UUID) -> dict[str, Any]:
    """Let nothing be said through this link any more."""
    return sme_links.link_row(revoke_sme_link(call.session, call.caller, sme_link_id, version=call.if_match), _key())


@resource.get(f"{_DOOR}/own", **_OWN)
def own(call: Call, token: str) -> dict[str, Any]:
    """For the portal: what the firm finds behind its link."""
    return _own(call, _door(call, token))


@resource.post(f"{_DOOR}/diagnosis", body=schemas.OwnDiagnosisIn, **_OWN)
def begin(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: the firm begins a diagnosis of its own."""
    door = _door(call, token)
    diagnose.begin_diagnosis(call.session, door.caller, sme_id=door.sme.id, mode="self", **body)
    return _own(call, door)


@resource.put(f"{_DOOR}/diagnosis/areas/<string(maxlength=20):area>", body=schemas.AreaAnswersIn, **_OWN)
def answer(call: Call, body: dict[str, Any], token: str, area: str) -> dict[str, Any]:
    """For the portal: the firm answers an area."""
    door = _door(call, token)
    which: dict[str, Any] = {"diagnosis_id": _diagnosis(call, door).id, "version": call.if_match}
    told = schemas.by_indicator(body["answers"])
    diagnose.answer_area(call.session, door.caller, **which, area=area, answers=told)
    return _own(call, door)


@resource.put(f"{_DOOR}/diagnosis/stakeholders", body=schemas.StakeholdersIn, **_OWN)
def map_stakeholders(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: the firm says who is affected by it."""
    door = _door(call, token)
    which: dict[str, Any] = {"diagnosis_id": _diagnosis(call, door).id, "version": call.if_match}
    diagnose.map_stakeholders(call.session, door.caller, **which, **body)
    return _own(call, door)


@resource.post(f"{_DOOR}/diagnosis/submission", if_match=True, status=200, **_OWN)
def hand_in(call: Call, token: str) -> dict[str, Any]:
    """For the portal: the firm hands its diagnosis in."""
    door = _door(call, token)
    which: dict[str, Any] = {"diagnosis_id": _diagnosis(call, door).id, "version": call.if_match}
    diagnose.hand_in_diagnosis(call.session, door.caller, **which)
    return _own(call, door)


@resource.get(f"{_DOOR}/radar", returns=schemas.RadarOut, allow={"service"}, scoped=False)
def radar(call: Call, token: str) -> dict[str, Any]:
    """For the portal: the firm's areas beside the mean of its country, of before this month."""
    door = _door(call, token)
    around = Caller(door.caller.subject, door.caller.name, frozenset(), Scope.of(door.sme.country))
    return {"drawing": radar_of(call.session, around, _diagnosis(call, door), call.language, live=False)}


@resource.post(f"{_DOOR}/plan", **_OWN)
def begin_plan(call: Call, token: str) -> dict[str, Any]:
    """For the portal: the firm begins a plan."""
    door = _door(call, token)
    plan_actions.begin_plan(call.session, door.caller, sme_id=door.sme.id)
    return _own(call, door)


@resource.put(f"{_DOOR}/plan", body=schemas.CsrPlanContent, **_OWN)
def write_plan(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: the firm writes its plan."""
    door = _door(call, token)
    which: dict[str, Any] = {"plan_id": _plan(call, door).id, "version": call.if_match}
    plan_actions.write_plan(call.session, door.caller, **which, content=body)
    return _own(call, door)


@resource.post(f"{_DOOR}/plan/submission", if_match=True, status=200, **_OWN)
def submit_plan(call: Call, token: str) -> dict[str, Any]:
    """For the portal: the firm hands its plan in."""
    door = _door(call, token)
    plan_actions.submit_plan(call.session, door.caller, plan_id=_plan(call, door).id, version=call.if_match)
    return _own(call, door)


@resource.post(f"{_DOOR}/plan/key-aspects", body=schemas.KeyAspectsIn, if_match=True, status=200, **_OWN)
def select(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: the firm chooses the few actions that are followed."""
    door = _door(call, token)
    which: dict[str, Any] = {"plan_id": _plan(call, door).id, "version": call.if_match}
    plan_actions.select_key_actions(call.session, door.caller, **which, **body)
    return _own(call, door)


@resource.post(f"{_DOOR}/plan/execution", body=schemas.CsrExecutionIn, if_match=True, status=200, **_OWN)
def execute(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: the firm begins to carry its plan out."""
    door = _door(call, token)
    which: dict[str, Any] = {"plan_id": _plan(call, door).id, "version": call.if_match}
    plan_actions.begin_execution(call.session, door.caller, **which, **body)
    return _own(call, door)


@resource.post(f"{_DOOR}/plan/check-ins", body=schemas.CsrCheckInIn, **_OWN)
def check_in(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: the firm reports of a month."""
    door = _door(call, token)
    told = {**body, "progress": schemas.by_action(body["progress"])}
    plan_actions.check_in(call.session, door.caller, plan_id=_plan(call, door).id, **told)
    return _own(call, door)


@resource.post(f"{_DOOR}/diagnosis/evidence/<string(maxlength=20):csr_indicator>", upload=LARGEST_FILE, **_OWN)
def show_indicator(call: Call, token: str, csr_indicator: str) -> dict[str, Any]:
    """For the portal: the firm shows an indicator of its diagnosis."""
    door = _door(call, token)
    assert call.upload is not None
    which: dict[str, Any] = {"diagnosis_id": _diagnosis(call, door).id, "indicator": csr_indicator}
    told: dict[str, Any] = {"name": call.upload.name, "content": call.upload.content}
    show_evidence.show_indicator(call.session, door.caller, **which, **told)
    return _own(call, door)


@resource.post(f"{_DOOR}/plan/evidence/<int(max=24):csr_month>", upload=LARGEST_FILE, **_OWN)
def show_month(call: Call, token: str, csr_month: int) -> dict[str, Any]:
    """For the portal: the firm shows what it reported of a month."""
    door = _door(call, token)
    assert call.upload is not None
    told: dict[str, Any] = {"name": call.upload.name, "content": call.upload.content}
    show_evidence.show_month(call.session, door.caller, plan_id=_plan(call, door).id, month=csr_month, **told)
    return _own(call, door)


@resource.get(f"{_DOOR}/evidence/<uuid:csr_evidence_id>", download=True, allow={"service"}, scoped=False)
def open_evidence(call: Call, token: str, csr_evidence_id: UUID) -> Download:
    """For the portal: a file of the firm itself."""
    door = _door(call, token)
    name, media_type, content = evidence_file(call.session, door.caller, csr_evidence_id, sme_id=door.sme.id)
    return Download(content, name, media_type)


@resource.delete(f"{_DOOR}/evidence/<uuid:csr_evidence_id>", if_match=False, allow={"service"}, scoped=False)
def remove_evidence(call: Call, token: str, csr_evidence_id: UUID) -> None:
    """For the portal: the firm erases a file of its own."""
    door = _door(call, token)
    show_evidence.remove_evidence(call.session, door.caller, csr_evidence_id, sme_id=door.sme.id)


def _door(call: Call, token: str) -> sme_links.Door:
    return sme_links.opened(call.session, token, _key())


def _diagnosis(call: Call, door: sme_links.Door) -> Diagnosis:
    found = queries.latest(call.session, door.sme.id)
    if found is None:
        raise NotFound("diagnosis.unknown")
    return found


def _plan(call: Call, door: sme_links.Door) -> ActionPlan:
    found = plan_queries.latest_plan(call.session, door.sme.id)
    if found is None:
        raise NotFound("plan.unknown")
    return found


def _own(call: Call, door: sme_links.Door) -> dict[str, Any]:
    diagnosis = queries.latest(call.session, door.sme.id)
    plan = plan_queries.latest_plan(call.session, door.sme.id)
    return {
        "sme_name": door.sme.name,
        "size": door.sme.size,
        "expires_on": door.link.expires_on,
        "diagnosis": None if diagnosis is None else queries.told(diagnosis),
        "plan": None if plan is None else plan_queries.told(plan),
        "community_news": news_of_firm(call.session, door.sme),
    }


def _key() -> bytes:
    keyring: Keyring = current_app.extensions["keyring"]
    return keyring.secret(PURPOSE)
