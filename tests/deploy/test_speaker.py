"""The people of the demonstration wait for a service that is busy."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.demonstration.speaker import Speaker


def speaker(answers: Iterator[httpx.Response], heard: list[httpx.Request]) -> Speaker:
    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return next(answers)

    return Speaker("tecnica", lambda _: httpx.Client(base_url="http://training", transport=httpx.MockTransport(answer)))


def busy() -> httpx.Response:
    return httpx.Response(503, headers={"Retry-After": "0"}, json={"code": "service.busy"})


def test_a_busy_service_is_asked_again_with_the_same_key() -> None:
    heard: list[httpx.Request] = []
    answers = iter([busy(), busy(), httpx.Response(201, json={"id": "a"})])

    assert speaker(answers, heard).post("training", "/groups", {"name": "Ejemplo"}) == {"id": "a"}
    assert len(heard) == 3
    assert len({request.headers["Idempotency-Key"] for request in heard}) == 1
    assert {request.content for request in heard} == {heard[0].content}


def test_a_service_that_stays_busy_is_told() -> None:
    heard: list[httpx.Request] = []

    with pytest.raises(RuntimeError, match=r"service\.busy"):
        speaker(iter(busy, None), heard).get("training", "/groups")
    assert 2 < len(heard) < 20
