"""What a woman answers through a link, without an account: the portal speaks for her."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.training.api.learning_schemas import AllAnswersIn, AnsweringOut, OpenLinkIn
from services.training.composition import Composition
from services.training.queries.answering import show_sheet
from services.training.use_cases.answer import answer
from shared.kernel import Invalid, Refused
from shared.web import Call, Resource
from shared.web.problems import Unfit

resource = Resource("answer_links", prefix="/answer-links", description="Links through which a woman answers.")
_TOKEN = "/<string(maxlength=64):token>"  # noqa: S105 - a part of an address


@resource.post(
    f"{_TOKEN}/opening",
    body=OpenLinkIn,
    returns=AnsweringOut,
    status=200,
    writes=False,
    allow={"service"},
    scoped=False,
)
def open_(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: what a link leads to, of her who has it or whose code this is."""
    return _shown(call, body, token)


@resource.post(
    f"{_TOKEN}/answers", body=AllAnswersIn, returns=AnsweringOut, status=200, allow={"service"}, scoped=False
)
def save(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: keep all her answers so far, or hand them in."""
    given = {one["number"]: one["value"] for one in body["answers"]}
    if len(given) < len(body["answers"]):
        raise Invalid("answer.twice", pointer="/answers")
    told: dict[str, Any] = {name: body.get(name) for name in ("code", "hand_in", "address")}
    with _told_to_wait():
        answer(call.session, token, _key(call), answers=given, **told)
    return _shown(call, body, token)


def _shown(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    with _told_to_wait():
        return show_sheet(call.session, token, _key(call), body.get("code"), body["address"])


@contextmanager
def _told_to_wait() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        if refused.code == "answer_link.too_many_wrong":
            raise Unfit(429, refused.code, **refused.facts) from refused
        raise


def _key(call: Call) -> bytes:
    context: Composition = call.context
    return context.signing
