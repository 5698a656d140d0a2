"""What a woman answers through a link, without an account: the portal speaks for her."""

from typing import Any

from services.training.api.learning_schemas import AllAnswersIn, AnsweringOut, OpenLinkIn
from services.training.composition import Composition
from services.training.queries.answering import show_sheet
from services.training.use_cases.answer import answer
from shared.kernel import Invalid
from shared.web import Call, Resource

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
    return show_sheet(call.session, token, _key(call), body.get("code"))


@resource.post(
    f"{_TOKEN}/answers", body=AllAnswersIn, returns=AnsweringOut, status=200, allow={"service"}, scoped=False
)
def save(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: keep all her answers so far, or hand them in."""
    given = {one["number"]: one["value"] for one in body["answers"]}
    if len(given) < len(body["answers"]):
        raise Invalid("answer.twice", pointer="/answers")
    answer(call.session, token, _key(call), code=body.get("code"), answers=given, hand_in=body["hand_in"])
    return show_sheet(call.session, token, _key(call), body.get("code"))


def _key(call: Call) -> bytes:
    context: Composition = call.context
    return context.signing
