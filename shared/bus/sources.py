"""How the log of another service is asked: over HTTP, or directly where this process can open its database."""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import httpx

from shared.bus import log
from shared.bus.envelope import Envelope, MalformedError
from shared.bus.log import Head
from shared.database import Database


class FeedAwayError(Exception):
    """The other service could not be asked now, or did not answer as a feed does."""


@dataclass(frozen=True, slots=True)
class Page:
    """Events that follow one another without a gap, and where the log ends."""

    head: Head
    events: list[Envelope]


class Feed(Protocol):
    """The log of another service, as far as it lets us read; raises `FeedAwayError`."""

    def head(self) -> Head: ...

    def read(self, after: int, limit: int) -> Page: ...


class LocalFeed:
    """The log of a service whose database this process can open (the embedded runner, commands, tests)."""

    def __init__(self, database: Database, source: str) -> None:
        self._database = database
        self._source = source

    def head(self) -> Head:
        with self._database.reading() as session:
            return log.head(session)

    def read(self, after: int, limit: int) -> Page:
        with self._database.reading() as session:
            events = log.read(session, self._source, after=after, limit=limit)
            return Page(log.head(session), events)


class HttpFeed:
    """The log of another service, over a client of its internal pages (`peers.internal("credit")`)."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def head(self) -> Head:
        return _head(self._get("/events/head", {}))

    def read(self, after: int, limit: int) -> Page:
        answer = self._get("/events", {"after": after, "limit": limit})
        try:
            events = [Envelope.from_json(document) for document in answer["events"]]
        except (MalformedError, KeyError, TypeError) as error:
            raise FeedAwayError(f"not a page of events: {error}") from error
        if [event.position for event in events] != list(range(after + 1, after + 1 + len(events))):
            raise FeedAwayError("positions are not contiguous")
        return Page(_head(answer), events)

    def _get(self, path: str, query: dict[str, int]) -> Any:
        try:
            response = self._client.get(path, params=query)
            response.raise_for_status()
            return response.json()
        except (httpx.HTTPError, ValueError, OSError) as error:
            raise FeedAwayError(repr(error)) from error


def _head(answer: Any) -> Head:
    try:
        return Head(UUID(answer["log_id"]), int(answer["head"]))
    except (KeyError, TypeError, ValueError) as error:
        raise FeedAwayError(f"not a feed's head: {error}") from error
