"""Log lines as JSON, each with the correlation id that crosses HTTP calls and events."""

import logging
import re
import secrets
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

import orjson
import structlog

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_LONGEST_CHAIN = 10
_trace: ContextVar[str] = ContextVar("trace", default="")


def trace_id() -> str:
    """The correlation id of what this thread is doing, 32 hexadecimal digits; a new one where there is none."""
    current = _trace.get()
    if not current:
        current = secrets.token_hex(16)
        _trace.set(current)
    return current


def traceparent() -> str:
    """The W3C trace context to send along."""
    return f"00-{trace_id()}-{secrets.token_hex(8)}-01"


@contextmanager
def tracing(parent: str | None) -> Iterator[str]:
    """Continue the trace that came along in `parent`, or begin one."""
    match = _TRACEPARENT.fullmatch(parent or "")
    token = _trace.set(match.group(1) if match else secrets.token_hex(16))
    try:
        yield _trace.get()
    finally:
        _trace.reset(token)


def _add_trace(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if current := _trace.get():
        line["trace"] = current
    return line


def whereabouts(error: BaseException) -> str:
    """Which kinds of errors led to which, and through which lines of code; never what they say, for an error of the
    database or of a library repeats what it was given.
    """
    chain: list[str] = []
    current: BaseException | None = error
    while current is not None and len(chain) < _LONGEST_CHAIN:
        places = "".join(
            f"\n  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(current.__traceback__)
        )
        state = getattr(current, "sqlstate", None)
        chain.append(f"{type(current).__module__}.{type(current).__name__}{f' {state}' if state else ''}{places}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\nbecause of ".join(chain)


def _add_whereabouts(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = line.pop("exc_info", None)
    if isinstance(error, BaseException):
        line["exception"] = whereabouts(error)
    return line


def _json(line: object, **_: object) -> str:
    return orjson.dumps(line, default=repr).decode()


def configure(form: str = "json", stream: TextIO | None = None) -> None:
    """Write log lines to `stream` (standard error), as JSON or, for a person at a terminal, as text."""
    last: Any = (
        structlog.processors.JSONRenderer(_json)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=(stream or sys.stderr).isatty())
    )
    structlog.configure(
        processors=[
            _add_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_whereabouts,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=stream or sys.stderr)


def logger(**facts: object) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines carry `facts`. Never give it a name, a document number or a point of a person."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger(**facts)
    return bound
