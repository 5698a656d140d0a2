"""The training of trainers, and the licences to teach that come of it."""

from typing import Any
from uuid import UUID

from services.training.api.trainer_schemas import (
    CandidateIn,
    CandidateOut,
    EditionIn,
    EditionOut,
    EditionRow,
    EditionsQuery,
    HoursIn,
    LicenceChoices,
    LicencePaperQuery,
    LicenceReasonIn,
    LicencesQuery,
    LicenceVerification,
    ObservationIn,
    StrikeIn,
    TestResultIn,
    TrainerLicenceOut,
    TrainerLicenceRow,
)
from services.training.composition import Composition
from services.training.documents.licence import printed
from services.training.queries import licences as queries
from services.training.reference.licences import policy
from services.training.rules.library_access import KEEPERS, SHARERS
from services.training.use_cases import license_trainers as licensing
from services.training.use_cases import train_trainers as training
from shared.kernel import Invalid
from shared.web import Call, Download, Page, Resource

editions = Resource("trainer_editions", prefix="/trainer-editions", description="The programme for trainers.")
candidates = Resource("trainer_candidates", prefix="/trainer-candidates", description="Who is in an edition.")
resource = Resource("trainer_licences", prefix="/trainer-licences", description="Licences to teach.")
READERS = KEEPERS | {"auditor"}
_EDITION, _CANDIDATE, _LICENCE = "/<uuid:edition_id>", "/<uuid:candidate_id>", "/<uuid:licence_id>"
_CHANGES: dict[str, Any] = {"returns": TrainerLicenceOut, "if_match": True, "status": 200, "allow": SHARERS}


@editions.get(query=EditionsQuery, returns=EditionRow, paged=True, allow=READERS)
def list_editions(call: Call) -> Page:
    """The editions of the programme, the newest first."""
    return queries.list_editions(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@editions.post(body=EditionIn, returns=EditionOut, allow=SHARERS)
def open_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Open an edition; what its level asks for is what holds on its first day."""
    made = training.open_edition(call.session, call.caller, **body)
    return queries.show_edition(call.session, call.caller, made.id)


@editions.get(_EDITION, returns=EditionOut, allow=READERS)
def show_edition(call: Call, edition_id: UUID) -> dict[str, Any]:
    """One edition with how far each candidate is."""
    return queries.show_edition(call.session, call.caller, edition_id)


@editions.post(f"{_EDITION}/candidates", body=CandidateIn, returns=CandidateOut, allow=KEEPERS)
def enter(call: Call, body: dict[str, Any], edition_id: UUID) -> dict[str, Any]:
    """A trainer enters the edition."""
    return _candidate(call, training.enter_candidate(call.session, call.caller, edition_id, **body).id)


@candidates.get(_CANDIDATE, returns=CandidateOut, allow=READERS)
def show_candidate(call: Call, candidate_id: UUID) -> dict[str, Any]:
    """One candidate with all that was noted of her."""
    return _candidate(call, candidate_id)


@candidates.post(f"{_CANDIDATE}/hours", body=HoursIn, returns=CandidateOut, allow=KEEPERS)
def note_hours(call: Call, body: dict[str, Any], candidate_id: UUID) -> dict[str, Any]:
    """Minutes that she attended on a day."""
    return _candidate(call, training.note_hours(call.session, call.caller, candidate_id, **body).id)


@candidates.post(f"{_CANDIDATE}/tests", body=TestResultIn, returns=CandidateOut, allow=KEEPERS)
def note_test(call: Call, body: dict[str, Any], candidate_id: UUID) -> dict[str, Any]:
    """The result of a test; the best of them counts."""
    return _candidate(call, training.note_test(call.session, call.caller, candidate_id, **body).id)


@candidates.post(f"{_CANDIDATE}/observations", body=ObservationIn, returns=CandidateOut, allow=KEEPERS)
def note_observation(call: Call, body: dict[str, Any], candidate_id: UUID) -> dict[str, Any]:
    """A session of hers that somebody observed, with points for every criterion."""
    given = body.pop("marks")
    marks = {one["criterion"]: one["points"] for one in given}
    if len(marks) < len(given):
        raise Invalid("licence.mark_twice", pointer="/marks")
    made = training.note_observation(call.session, call.caller, candidate_id, marks=marks, **body)
    return _candidate(call, made.id)


@candidates.post(
    f"{_CANDIDATE}/proofs/<int:number>/striking",
    body=StrikeIn,
    returns=CandidateOut,
    if_match=True,
    status=200,
    allow=KEEPERS,
)
def strike(call: Call, body: dict[str, Any], candidate_id: UUID, number: int) -> dict[str, Any]:
    """What was noted by mistake counts no more."""
    training.strike_proof(call.session, call.caller, candidate_id, number, version=call.if_match, **body)
    return _candidate(call, candidate_id)


@candidates.post(f"{_CANDIDATE}/licence", returns=TrainerLicenceOut, if_match=True, allow=SHARERS)
def issue(call: Call, candidate_id: UUID) -> dict[str, Any]:
    """Issue the licence that she earned; nobody issues her own."""
    made = licensing.issue_licence(call.session, call.caller, candidate_id, version=call.if_match)
    return _licence(call, made.id)


@resource.get(query=LicencesQuery, returns=TrainerLicenceRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The licences of the caller's territory and of what it lies in, the newest first."""
    return queries.list_licences(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/choices", returns=LicenceChoices, allow=READERS, scoped=False)
def choices(call: Call) -> dict[str, Any]:
    """What each level asks for, how a session is observed, which topics need a licence."""
    edition, spoken = policy(), call.language
    names = ("code", "hours", "test_percent", "observations", "observed_percent", "years")
    return {
        "levels": [
            {name: getattr(level, name) for name in names} | {"name": level.names[spoken]}
            for level in edition.levels.values()
        ],
        "criteria": [{"code": code, "name": said[spoken]} for code, said in edition.criteria.items()],
        "most_marks": edition.most_marks,
        "topics_with_licence": sorted(edition.topics_with_licence),
        "valid_from": edition.valid_from,
        "source": edition.source,
    }


@resource.get("/verification/<string(maxlength=20):number>", returns=LicenceVerification, public=True, scoped=False)
def verify(call: Call, number: str) -> dict[str, Any]:
    """Whether the licence with this number counts today; nothing of who holds it."""
    return queries.verified(call.session, number)


@resource.get(_LICENCE, returns=TrainerLicenceOut, allow=READERS)
def show(call: Call, licence_id: UUID) -> dict[str, Any]:
    """One licence with what was done with it."""
    return _licence(call, licence_id)


@resource.get(f"{_LICENCE}/document", query=LicencePaperQuery, download=True, allow=READERS)
def document(call: Call, licence_id: UUID) -> Download:
    """The licence on paper as PDF/UA-1, with a QR to the page that says whether its number counts; refused of one that
    does not count any more, or not now.
    """
    context: Composition = call.context
    found = _licence(call, licence_id)
    language = call.query.get("language", call.language)
    content = printed(found, public_url=context.public_url, language=language)
    return Download(content, f"{found['number']}.pdf", "application/pdf")


@resource.post(f"{_LICENCE}/renewal", **_CHANGES | {"status": 201})
def renew(call: Call, licence_id: UUID) -> dict[str, Any]:
    """The licence that follows this one."""
    return _licence(call, licensing.renew_licence(call.session, call.caller, licence_id, version=call.if_match).id)


@resource.post(f"{_LICENCE}/suspension", body=LicenceReasonIn, **_CHANGES)
def suspend(call: Call, body: dict[str, Any], licence_id: UUID) -> dict[str, Any]:
    """It does not count until it is given back."""
    licensing.suspend_licence(call.session, call.caller, licence_id, version=call.if_match, **body)
    return _licence(call, licence_id)


@resource.post(f"{_LICENCE}/giving-back", **_CHANGES)
def give_back(call: Call, licence_id: UUID) -> dict[str, Any]:
    """It counts again until its last day."""
    licensing.give_licence_back(call.session, call.caller, licence_id, version=call.if_match)
    return _licence(call, licence_id)


@resource.post(f"{_LICENCE}/revocation", body=LicenceReasonIn, **_CHANGES)
def revoke(call: Call, body: dict[str, Any], licence_id: UUID) -> dict[str, Any]:
    """It counts no more, for good; so does one that renews it."""
    licensing.revoke_licence(call.session, call.caller, licence_id, version=call.if_match, **body)
    return _licence(call, licence_id)


def _candidate(call: Call, candidate_id: UUID) -> dict[str, Any]:
    return queries.show_candidate(call.session, call.caller, candidate_id)


def _licence(call: Call, licence_id: UUID) -> dict[str, Any]:
    return queries.show_licence(call.session, call.caller, licence_id)
