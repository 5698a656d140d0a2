"""The form in which an event travels: CloudEvents 1.0 in JSON, with its place in its source's log."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

import orjson

MEDIA_TYPE = "application/cloudevents+json"


class MalformedError(ValueError):
    """These bytes are not one of our events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One event as it stands in the log of `source` with identity `log_id`, at `position` (1, 2, 3 … without gaps)."""

    source: str
    log_id: UUID
    position: int
    id: UUID
    type: str
    subject: UUID
    time: datetime
    data: dict[str, Any]
    traceparent: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Attribute names carry no underscore: CloudEvents allows lower-case letters and digits only."""
        document: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(self.id),
            "source": f"/csem/{self.source}",
            "type": self.type,
            "subject": str(self.subject),
            "time": self.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "dataschema": f"urn:csem:schema:{self.type}",
            "logid": str(self.log_id),
            "position": self.position,
            "data": self.data,
        }
        if self.traceparent:
            document["traceparent"] = self.traceparent
        return document

    def to_bytes(self) -> bytes:
        return orjson.dumps(self.to_json())

    @classmethod
    def from_json(cls, document: Any) -> Self:
        """Refuses, as `MalformedError`, whatever lacks an attribute or has one of the wrong shape."""
        try:
            source = document["source"]
            position = document["position"]
            if not source.startswith("/csem/") or type(position) is not int or position < 1:
                raise MalformedError("source or position is not ours")
            if not isinstance(document["data"], dict) or not isinstance(document["type"], str):
                raise MalformedError("data or type is not ours")
            return cls(
                source=source.removeprefix("/csem/"),
                log_id=UUID(document["logid"]),
                position=position,
                id=UUID(document["id"]),
                type=document["type"],
                subject=UUID(document["subject"]),
                time=datetime.fromisoformat(document["time"]),
                data=document["data"],
                traceparent=document.get("traceparent"),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise MalformedError(str(error)) from error

    @classmethod
    def from_bytes(cls, body: bytes | str) -> Self:
        try:
            return cls.from_json(orjson.loads(body))
        except orjson.JSONDecodeError as error:
            raise MalformedError(f"not JSON: {error}") from error
