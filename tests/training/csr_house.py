"""What tests of workshops, dialogues and partners say again and again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.training.app import build
from shared.identity import Caller
from shared.kernel import clock
from shared.service import Service
from shared.testing import fill, headers, settings_of
from shared.tokens import Keyring
from shared.web import Peers

ROOT = "/api/training/v1"
FIRM = {
    "unit": "HN1709",
    "city": "San Lorenzo",
    "name": "Panadería Ficticia",
    "sector": "manufacturing",
    "size": "micro",
}
WORKSHOP = {"unit": "HN1709", "city": "San Lorenzo", "title": "De la conciencia a la acción", "starts_on": "2026-03-03"}
DIALOGUE = {
    "unit": "HN17",
    "kind": "parliamentarians",
    "city": "Nacaome",
    "title": "Una mirada desde el congreso",
    "starts_on": "2026-03-04",
}
OUTCOME = {
    "present": [{"side": "parliament", "institutions": 2, "women": 8, "men": 12}],
    "conclusions": "Un espacio permanente de diálogo",
}
PERSON = {"name": "Dora Inventada", "sex": "woman", "email": "dora@example.org", "phone": "+504 9999 0000"}


class Desk:
    """Somebody who works with the API; every answer is JSON."""

    def __init__(self, service: Service, keys: dict[str, Keyring], caller: Caller, language: str = "es") -> None:
        self._web = service.web.test_client()
        self._headers = headers(keys, caller) | {"Accept-Language": language}

    def get(self, path: str, **query: Any) -> TestResponse:
        return self._web.get(ROOT + path, headers=self._headers, query_string=query)

    def send(self, method: str, path: str, body: Any = None, version: int | None = None) -> TestResponse:
        more = {} if version is None else {"If-Match": f'"{version}"'}
        told = {"json": body} if body is not None else {}
        return self._web.open(ROOT + path, method=method, headers={**self._headers, **more}, **told)

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """What was made, which must have worked."""
        answer = self.send("POST", path, body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def changed(self, method: str, path: str, body: Any = None, *, of: str) -> dict[str, Any]:
        """What became of the record at `of`, by a change that must have worked."""
        answer = self.send(method, path, body, self.get(of).json["version"])
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json
        return done


def refusal(answer: TestResponse) -> tuple[int, str]:
    """Its status and the code of what was wrong."""
    errors = answer.json.get("errors") or [answer.json]
    return answer.status_code, errors[0]["code"]


def written_on(day: str) -> Any:
    """The clock on another day, at noon."""
    return clock.frozen(datetime.fromisoformat(f"{day}T18:00:00").replace(tzinfo=UTC))


@pytest.fixture
def service(tmp_path: Path, keys: dict[str, Keyring]) -> Iterator[Service]:
    settings = settings_of("training", tmp_path)
    built = build(settings, keys["training"], Peers(settings, keys["training"], {}))
    fill(built.database, "training")
    yield built
    built.database.dispose()
