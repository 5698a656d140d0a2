"""What tests of case stories and of the community say again and again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from services.training.app import build
from shared.identity import Caller
from shared.kernel import clock
from shared.service import Service
from shared.testing import fill, person, settings_of
from shared.tokens import Keyring
from shared.web import Peers
from tests.shared.test_photographs import JPEG, exif
from tests.training.csr_firms import write_sme
from tests.training.csr_house import ROOT, Desk
from tests.training.house import COORDINATOR, TRAINER, number, register

FIRM = number(70_000)
REVIEWER = person("csr_reviewer", scope="HN", subject="reviewer", name="Hortensia Revisora")
PORTAL = Caller.service("portal")
VERSION: dict[str, Any] = {
    "title": "El agua que ya no se pierde",
    "situation": "La tienda pagaba mucho por el agua.",
    "done": "Se puso un tanque y se anotaron los recibos.",
    "result": "Se paga la mitad.",
    "lessons": "Anotar antes de comprar.",
    "figures": [{"what": "Metros cúbicos al mes", "value": "12 en vez de 24", "source": "Recibos de la empresa"}],
}
STORY: dict[str, Any] = {
    "unit": "HN1709",
    "area": "environment",
    "sector": "trade",
    "year": 2025,
    "firm_name": "Tienda Ficticia",
    "person_name": "Rosa Inventada",
    "es": VERSION,
}
NEW = STORY | {"subject_kind": "sme", "subject_id": str(FIRM)}
YES = dict.fromkeys(("text", "web", "name", "person", "pictures"), "yes")
PDF = b"%PDF-1.7\n%%EOF"
NOTED = JPEG[:2] + exif(6) + JPEG[2:]
"""A photograph with where it was taken and which way up."""


class StoryDesk(Desk):
    """Somebody who works with stories through the API."""

    def upload(
        self, path: str, content: bytes, *, filename: str = "papel.pdf", version: int | None = None, **form: str
    ) -> TestResponse:
        more = {} if version is None else {"If-Match": f'"{version}"'}
        told: dict[str, Any] = {**form, "file": (BytesIO(content), filename)}
        return self._web.post(ROOT + path, data=told, headers={**self._headers, **more})

    def step(self, story: dict[str, Any], part: str, body: Any = None) -> dict[str, Any]:
        """What became of the story by a step that must have worked."""
        path = f"/case-stories/{story['id']}"
        answer = self.send("POST", f"{path}/{part}", body, self.get(path).json["version"])
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json
        return done

    def sign(self, story: dict[str, Any], content: bytes = PDF, **changed: str) -> TestResponse:
        """A signed paper of today that says yes to everything but to what is `changed`."""
        form = {"said_on": clock.today().isoformat(), **YES, **changed}
        return self.upload(f"/case-stories/{story['id']}/consents", content, **form)

    def picture(self, story: dict[str, Any], content: bytes = NOTED) -> TestResponse:
        version = self.get(f"/case-stories/{story['id']}").json["version"]
        path = f"/case-stories/{story['id']}/pictures"
        return self.upload(path, content, filename="foto.jpg", version=version, seen_es="Un tanque", seen_en="A tank")


class House:
    """The service with firms in Valle and an enterprise, and everybody who works with its stories."""

    def __init__(self, service: Service, keys: dict[str, Keyring]) -> None:
        self.service, self._keys = service, keys
        self.team, self.reviewer = self.desk(TRAINER), self.desk(REVIEWER)
        self.coordinator, self.portal = self.desk(COORDINATOR), self.desk(PORTAL)

    def desk(self, caller: Caller, language: str = "es") -> StoryDesk:
        return StoryDesk(self.service, self._keys, caller, language)

    def public(self, path: str, **query: Any) -> TestResponse:
        """What anybody gets, without a token."""
        return self.service.web.test_client().get(f"{ROOT}{path}", query_string=query)

    def approved(self, **changed: Any) -> dict[str, Any]:
        """A story that a reviewer approved and that nobody agreed to yet."""
        story = self.team.made("/case-stories", NEW | changed)
        self.team.step(story, "submission")
        self.reviewer.step(story, "review")
        return self.reviewer.step(story, "conclusion", {"outcome": "approved", "recommendations": "Muy claro"})

    def published(self, *, pictures: int = 0, says: dict[str, str] | None = None, **changed: Any) -> dict[str, Any]:
        """A story in the library, whose owner agreed to everything but to what she `says`."""
        story = self.approved(**changed)
        for _ in range(pictures):
            assert self.team.picture(story).status_code == 201
        assert self.team.sign(story, **(says or {})).status_code == 201
        return self.coordinator.step(story, "publication")

    def link(self, story: dict[str, Any]) -> str:
        until = (clock.today() + timedelta(days=30)).isoformat()
        token: str = self.team.made(f"/case-stories/{story['id']}/links", {"expires_on": until})["token"]
        return token


@contextmanager
def stories_house(home: Path, keys: dict[str, Keyring]) -> Iterator[House]:
    settings = settings_of("training", home)
    service = build(settings, keys["training"], Peers(settings, keys["training"], {}))
    fill(service.database, "training")
    with service.database.transaction() as session:
        write_sme(session, 0, name="Comercial Secreta")
        write_sme(session, 9, unit="GT01")
        register(session, 1, partners=2)
    yield House(service, keys)
    service.database.dispose()


__all__ = ["COORDINATOR", "FIRM", "NEW", "PDF", "REVIEWER", "STORY", "VERSION", "House", "stories_house"]
