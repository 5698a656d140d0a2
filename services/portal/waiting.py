"""What waits for each role: which question to ask which API, and where the answer leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.portal.clients import Answer, Away, Problem, api
from services.portal.frame.person import Person
from shared import logs
from shared.identity import ROLES

PATIENCE = 4.0
SMALLEST_GROUP = 10
AREAS = ("credit", "registry", "training", "territory", "portal")


def rows(answer: Answer) -> int:
    return len(answer.rows)


def figure(name: str) -> Callable[[Answer], int]:
    """Reads one figure of an answer that counts."""
    return lambda answer: int(answer[name])


def needs_with_enough_women(answer: Answer) -> int:
    return sum(int(row["waiting"]) >= SMALLEST_GROUP for row in answer.rows)


@dataclass(frozen=True)
class Question:
    """One question to an API, for some roles. `title` is a catalogue text for one and for many."""

    area: str
    roles: frozenset[str]
    path: str
    title: tuple[str, str]
    href: str
    params: Mapping[str, Any] = field(default_factory=dict)
    count: Callable[[Answer], int] = rows
    service: str = ""

    @property
    def asked(self) -> str:
        """The service that knows."""
        return self.service or self.area


@dataclass
class Task:
    """Something that waits: how many (`more` when there are more than one page tells), and where it is done."""

    title: tuple[str, str]
    count: int
    more: bool
    href: str


@dataclass
class Area:
    """One area of her home: its tasks, or that it cannot say now."""

    name: str
    tasks: list[Task] = field(default_factory=list)
    away: bool = False


def _for(*roles: str) -> frozenset[str]:
    return frozenset(roles)


_PARKED = ("%(num)s event could not be taken over", "%(num)s events could not be taken over")

_TEACHING = ("trainer", "technician", "coordinator")
_DUE = (
    (
        "check_in",
        _TEACHING,
        ("%(num)s action plan waits for its report", "%(num)s action plans wait for their reports"),
    ),
    ("roll", _TEACHING, ("%(num)s session is over without a roll", "%(num)s sessions are over without a roll")),
    (
        "later_survey",
        _TEACHING,
        ("%(num)s questionnaire is to be asked again", "%(num)s questionnaires are to be asked again"),
    ),
    (
        "agreement",
        ("trainer", "coordinator", "network_coordinator"),
        ("%(num)s agreement ends soon", "%(num)s agreements end soon"),
    ),
    (
        "licence",
        ("coordinator", "network_coordinator"),
        ("%(num)s licence to teach ends soon", "%(num)s licences to teach end soon"),
    ),
    (
        "acceptance",
        _TEACHING,
        ("%(num)s curriculum waits for your acceptance", "%(num)s curricula wait for your acceptance"),
    ),
    (
        "contribution",
        _TEACHING,
        ("%(num)s contribution to a curriculum to answer", "%(num)s contributions to curricula to answer"),
    ),
)

QUESTIONS: tuple[Question, ...] = (
    Question(
        "credit",
        _for("credit_officer", "coordinator"),
        "/applications",
        ("%(num)s application to appraise", "%(num)s applications to appraise"),
        "/credit?state=submitted",
        {"state": "submitted", "limit": 200},
    ),
    Question(
        "credit",
        _for("credit_officer", "coordinator"),
        "/applications",
        ("%(num)s appraised application for the next session", "%(num)s appraised applications for the next session"),
        "/credit?state=appraised",
        {"state": "appraised", "limit": 200},
    ),
    Question(
        "credit",
        _for("committee_member", "coordinator"),
        "/sessions",
        ("%(num)s session of the committee is open", "%(num)s sessions of the committee are open"),
        "/credit/sessions?state=open",
        {"state": "open"},
    ),
    Question(
        "credit",
        _for("committee_member"),
        "/sessions/invitations",
        (
            "%(num)s invitation to a session: say whether you come",
            "%(num)s invitations to sessions: say whether you come",
        ),
        "/credit/sessions?state=convened",
    ),
    Question(
        "credit",
        _for("committee_member", "coordinator", "trust_fund_member"),
        "/sessions",
        ("%(num)s session of the committee is convened", "%(num)s sessions of the committee are convened"),
        "/credit/sessions?state=convened",
        {"state": "convened"},
    ),
    Question(
        "credit",
        _for("technician", "coordinator", "credit_officer", "trust_fund_member"),
        "/applications",
        ("%(num)s approved credit with a condition to verify", "%(num)s approved credits with a condition to verify"),
        "/credit?conditions=open",
        {"conditions": "open", "limit": 200},
    ),
    Question(
        "credit",
        _for("trust_fund_member"),
        "/applications",
        ("%(num)s approved credit waits for an assent", "%(num)s approved credits wait for an assent"),
        "/credit?conditions=assent",
        {"conditions": "assent", "limit": 200},
    ),
    Question(
        "credit",
        _for("trust_fund_member"),
        "/compliance-reports",
        ("%(num)s monthly report of compliance to read", "%(num)s monthly reports of compliance to read"),
        "/credit/reports",
        {"unread": True},
    ),
    Question(
        "credit",
        _for("cashier"),
        "/applications",
        ("%(num)s approved loan to disburse", "%(num)s approved loans to disburse"),
        "/credit?state=approved",
        {"state": "approved", "kind": ["loan", "refinance"], "limit": 200},
    ),
    Question(
        "credit",
        _for("credit_officer", "coordinator"),
        "/applications",
        ("%(num)s approved change of a loan to carry out", "%(num)s approved changes of loans to carry out"),
        "/credit?state=approved",
        {"state": "approved", "kind": ["reschedule", "write_off"], "limit": 200},
    ),
    Question(
        "credit",
        _for("credit_officer", "cashier", "trust_fund_member"),
        "/loans",
        ("%(num)s loan with an instalment overdue", "%(num)s loans with an instalment overdue"),
        "/credit/loans?overdue=true",
        {"overdue": True, "limit": 200},
    ),
    Question(
        "credit",
        _for("technician", "coordinator", "credit_officer"),
        "/collection/agenda",
        ("%(num)s promise to pay was broken", "%(num)s promises to pay were broken"),
        "/credit/collection?todo=broken_promise",
        {"todo": "broken_promise"},
        count=figure("count"),
    ),
    Question(
        "registry",
        _for("technician"),
        "/accompaniments",
        ("%(num)s visit of yours is due within a week", "%(num)s visits of yours are due within a week"),
        "/registry/accompaniments/agenda",
        {"technician": "me", "due": "soon", "state": "open", "limit": 200},
    ),
    Question(
        "registry",
        _for("technician", "coordinator"),
        "/drafts",
        ("%(num)s submission to review", "%(num)s submissions to review"),
        "/registry/drafts",
        {"state": "waiting", "limit": 200},
    ),
    Question(
        "registry",
        _for("coordinator"),
        "/accompaniments",
        ("%(num)s accompaniment without a technician", "%(num)s accompaniments without a technician"),
        "/registry/accompaniments?technician=nobody",
        {"technician": "nobody", "state": "open", "limit": 200},
    ),
    Question(
        "registry",
        _for("coordinator"),
        "/accompaniments",
        (
            "%(num)s project with an instalment overdue and its visit still to be made",
            "%(num)s projects with an instalment overdue and their visits still to be made",
        ),
        "/registry/accompaniments?arrears=true&state=open",
        {"arrears": True, "state": "open", "limit": 200},
    ),
    Question(
        "registry",
        _for("coordinator"),
        "/accompaniments",
        ("%(num)s accompaniment with a visit overdue", "%(num)s accompaniments with a visit overdue"),
        "/registry/accompaniments?due=late&state=open",
        {"due": "late", "state": "open", "limit": 200},
    ),
    Question(
        "registry",
        _for("coordinator"),
        "/enterprises/count",
        (
            "%(num)s enterprise whose owner said no to the inventory: confirm that she is erased",
            "%(num)s enterprises whose owners said no to the inventory: confirm that they are erased",
        ),
        "/registry?taken_back=true",
        count=figure("taken_back"),
    ),
    Question(
        "registry",
        _for("technician", "coordinator"),
        "/enterprises/count",
        (
            "%(num)s enterprise whose point contradicts its municipality",
            "%(num)s enterprises whose point contradicts their municipality",
        ),
        "/registry?place_state=contradicted",
        count=figure("contradicted"),
    ),
    Question(
        "registry",
        _for("technician", "coordinator"),
        "/enterprises/count",
        ("%(num)s enterprise without a point on the map", "%(num)s enterprises without a point on the map"),
        "/registry?place_state=missing",
        count=figure("missing"),
    ),
    Question(
        "registry",
        _for("technician", "coordinator"),
        "/validations/count",
        ("%(num)s captured enterprise to verify", "%(num)s captured enterprises to verify"),
        "/registry/review?waits=verify",
        count=figure("captured"),
    ),
    Question(
        "registry",
        _for("technician", "coordinator"),
        "/validations/count",
        ("%(num)s record whose check is too old: renew it", "%(num)s records whose check is too old: renew them"),
        "/registry/review?waits=renew",
        count=figure("stale"),
    ),
    Question(
        "registry",
        _for("coordinator"),
        "/validations/count",
        ("%(num)s verified record to validate", "%(num)s verified records to validate"),
        "/registry/review?waits=validate",
        count=figure("verified"),
    ),
    Question(
        "registry",
        _for("technician", "coordinator"),
        "/fairs",
        ("%(num)s fair is over and has to be closed", "%(num)s fairs are over and have to be closed"),
        "/registry/fairs?state=to_close",
        {"state": "to_close"},
    ),
    Question(
        "registry",
        _for("technician", "coordinator"),
        "/opportunities/count",
        (
            "%(num)s opportunity closes within two weeks and fits a woman nobody has told",
            "%(num)s opportunities close within two weeks and fit women nobody has told",
        ),
        "/registry/knowledge?state=closing",
        count=figure("to_tell"),
    ),
    Question(
        "registry",
        _for("coordinator", "network_coordinator"),
        "/duplicates/count",
        ("%(num)s pair that may be one woman", "%(num)s pairs that may be one woman"),
        "/registry/duplicates",
        count=figure("open"),
    ),
    Question(
        "training",
        _for("csr_reviewer"),
        "/due/count",
        ("%(num)s action plan to review", "%(num)s action plans to review"),
        "/training/due?kind=review",
        count=figure("review"),
    ),
    Question(
        "training",
        _for("csr_reviewer"),
        "/case-stories",
        ("%(num)s case story to review", "%(num)s case stories to review"),
        "/training/stories?state=submitted",
        {"state": "submitted", "limit": 200},
    ),
    Question(
        "training",
        _for("trainer", "technician", "coordinator"),
        "/case-stories",
        ("%(num)s case story was returned with recommendations", "%(num)s case stories were returned"),
        "/training/stories?state=returned",
        {"state": "returned", "limit": 200},
    ),
    *(
        Question("training", _for(*roles), "/due/count", title, f"/training/due?kind={kind}", count=figure(kind))
        for kind, roles, title in _DUE
    ),
    Question(
        "training",
        _for("trainer", "technician", "coordinator"),
        "/needs",
        ("%(num)s need with enough women for a group", "%(num)s needs with enough women for a group"),
        "/training",
        count=needs_with_enough_women,
    ),
    Question(
        "training",
        frozenset(ROLES),
        "/community/waiting",
        ("%(num)s topic that you follow has something new", "%(num)s topics that you follow have something new"),
        "/training/community?unread=yes",
        count=figure("topics"),
    ),
    Question(
        "training",
        _for("coordinator", "csr_reviewer", "network_coordinator"),
        "/community/waiting",
        ("%(num)s report of a post to judge", "%(num)s reports of posts to judge"),
        "/training/community/reports",
        count=figure("reports"),
    ),
    Question(
        "training",
        _for("coordinator", "csr_reviewer", "network_coordinator"),
        "/community/waiting",
        ("%(num)s text of a firm to read before it is shown", "%(num)s texts of firms to read before they are shown"),
        "/training/community/firms",
        count=figure("contributions"),
    ),
    *(
        Question("portal", _for("admin", "auditor"), "/parked-events", _PARKED, "/parked-events", service=name)
        for name in ("registry", "territory", "training", "credit")
    ),
)


def board_of(person: Person) -> list[Area]:
    """The areas that concern her, each with what waits there. The same question is asked once; a service that is
    away is not asked again.
    """
    areas: dict[str, Area] = {}
    asked: dict[tuple[str, str, str], Answer | None] = {}
    away: set[str] = set()
    for question in QUESTIONS:
        if not person.has(*question.roles):
            continue
        area = areas.setdefault(question.area, Area(question.area))
        key = (question.asked, question.path, str(question.params))
        if key not in asked:
            asked[key] = None if question.asked in away else _ask(question)
        answer = asked[key]
        if answer is None:
            away.add(question.asked)
            area.away = True
        else:
            _put(area, question, answer)
    return [areas[name] for name in AREAS if name in areas]


def _ask(question: Question) -> Answer | None:
    try:
        return api(question.asked).get(question.path, question.params, patience=PATIENCE)
    except Away:
        return None
    except Problem as problem:
        logs.logger(service="portal").warning(
            "home_question_refused", asked=question.asked, path=question.path, code=problem.code
        )
        return None


def _put(area: Area, question: Question, answer: Answer) -> None:
    count = question.count(answer)
    if not count:
        return
    same = next((task for task in area.tasks if task.title == question.title), None)
    if same:
        same.count += count
    else:
        area.tasks.append(Task(question.title, count, answer.next is not None, question.href))
