"""Sends hostile requests to a service in this process and tells which were not refused as they should be."""

import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from flask import Flask
from sqlalchemy import MetaData, select
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from shared.database import Database
from shared.web import Operation
from tests.web.corpus import Hostile

PROBLEM = "application/problem+json"


def send(app: Flask, method: str, path: str, case: Hostile, headers: Mapping[str, str]) -> Response:
    """The answer to one raw request; the query string and the body go as the bytes they are."""
    told = {"Idempotency-Key": f"key-{uuid4()}", "If-Match": '"1"', **headers, **case.headers}
    builder = EnvironBuilder(path="/", method=method, data=case.body or b"", content_type=case.media_type or None)
    environ = builder.get_environ()
    environ["PATH_INFO"] = path.encode("utf-8", "surrogateescape").decode("latin-1")
    environ["QUERY_STRING"] = case.query.decode("latin-1")
    for name, value in told.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value.encode().decode("latin-1")
    environ |= case.environ
    body, status, answered = run_wsgi_app(app, environ)
    return Response(body, status, answered)


def path_of(operation: Operation) -> str:
    """The path of the operation with an identifier of nothing in each place."""
    return re.sub(r"<(?:([a-z]+)(?:\(([^)]*)\))?:)?[a-z_]+>", _nothing, operation.path)


def _nothing(place: re.Match[str]) -> str:
    match place[1]:
        case "uuid":
            return str(uuid4())
        case "int":
            return "1"
        case "any":
            return place[2].partition(",")[0]
    size = (place[2] or "").removeprefix("length=")
    return "HN1709"[: int(size)] if size.isdigit() else "HN1709"


def wrong_with(response: Response, case: Hostile) -> str | None:
    """What is wrong with this answer to a hostile request, or None."""
    if response.status_code not in case.statuses:
        return f"{response.status_code} instead of {case.statuses}: {response.get_data()[:300]!r}"
    if response.status_code == 200:
        return None
    if response.mimetype != PROBLEM:
        return f"not a problem document but {response.mimetype}"
    problem = response.get_json(force=True)
    if problem["detail"] == problem["code"] or not problem["title"]:
        return f"no sentence for {problem['code']}"
    pointers = [error["pointer"] for error in problem.get("errors", [])]
    if case.pointer and not any(f"{pointer}/".startswith(f"{case.pointer}/") for pointer in pointers):
        return f"the answer names {pointers}, not {case.pointer}"
    if len(response.get_data()) > 100_000:
        return f"an answer of {len(response.get_data())} bytes"
    return None


@dataclass
class Attack:
    """One service under attack, its operations under `root`, with `headers` of somebody who may do everything."""

    app: Flask
    database: Database
    root: str
    headers: Mapping[str, str]
    fallen: list[str] = field(default_factory=list)
    _tables: MetaData = field(default_factory=MetaData)

    def try_all(self, operation: Operation, cases: Iterable[Hostile]) -> None:
        """Sends every case to the operation; afterwards nothing in the database may differ."""
        before = self._dump()
        with no_connections() as attempts:
            for case in cases:
                path = self.root + (case.path or path_of(operation))
                wrong = wrong_with(send(self.app, operation.method, path, case, self.headers), case)
                if wrong:
                    self.fallen.append(f"{operation.name}: {case.name}: {wrong}")
        self.fallen += [f"{operation.name}: connected to {address}" for address in attempts]
        after = self._dump()
        self.fallen += [f"{operation.name}: changed {name}" for name in before if before[name] != after[name]]

    def _dump(self) -> dict[str, list[str]]:
        """Every row of every table."""
        if not self._tables.tables:
            self._tables.reflect(self.database.engine)
        with self.database.reading() as session:
            return {
                name: sorted(str(tuple(row)) for row in session.execute(select(table)))
                for name, table in self._tables.tables.items()
            }


@contextmanager
def no_connections() -> Iterator[list[Any]]:
    """Notes every connection to an address that is not the test's own database server."""
    attempts: list[Any] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        if not (isinstance(address, tuple) and address[1] == 5432):
            attempts.append(address)
            raise OSError("no connections here")
        connect(self, address)

    with patch.object(socket.socket, "connect", watched):
        yield attempts
