"""The published contracts, written from the code that runs: OpenAPI of the five services, AsyncAPI of the events.

`python -m deploy.contracts` writes `docs/api/*.json`; `--check` writes nothing and fails with the difference.
"""

import difflib
import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

import shared.events
from deploy.house import House
from shared.events import CATALOGUE, MoneyValue, schema_of
from shared.settings import SERVICES
from shared.web.app import VERSION
from shared.web.description import Document, openapi
from shared.web.fields import MONEY_JSON_SCHEMA

FOLDER = Path(__file__).parent.parent / "docs" / "api"
SAMPLES = Path(shared.events.__file__).parent / "samples"
PUBLISHERS = tuple(name for name in SERVICES if name != "portal")


def documents() -> dict[str, Document]:
    """Every contract by its file name."""
    with tempfile.TemporaryDirectory() as home:
        house = House({"CSEM_HOME": home, "CSEM_LOG_FORMAT": "console"})
        house.create_keys()
        found = {f"{name}.openapi.json": openapi(house.service(name).web) for name in SERVICES}
        for name in SERVICES:
            house.service(name).database.dispose()
    return found | {"events.asyncapi.json": asyncapi()}


def asyncapi() -> Document:
    """The AsyncAPI 3.0 document: one channel per event type on the exchange `csem.events`."""
    for name in PUBLISHERS:
        import_module(f"shared.events.{name}")
    types = sorted(CATALOGUE)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Red CSEM: events",
            "version": VERSION,
            "description": "What the services say to each other: facts, in the past tense, kept in the log of the "
            "service that publishes them. CloudEvents 1.0 in JSON, with the position in that log.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {_key(name): _channel(name) for name in types},
        "operations": {f"publish-{_key(name)}": _operation(name) for name in types},
        "components": {
            "messages": {_key(name): _message(name) for name in types},
            "schemas": _schemas(types),
        },
    }


def _key(event_type: str) -> str:
    """`org.csem.credit.loan-disbursed.v1` as `credit.loan-disbursed.v1`."""
    return event_type.removeprefix("org.csem.")


def _channel(event_type: str) -> Document:
    key = _key(event_type)
    exchange = {"name": "csem.events", "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": event_type,
        "messages": {"event": {"$ref": f"#/components/messages/{key}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _operation(event_type: str) -> Document:
    service = _key(event_type).partition(".")[0]
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{_key(event_type).replace('/', '~1')}"},
        "summary": f"Published by {service}.",
        "tags": [{"name": service}],
    }


def _message(event_type: str) -> Document:
    cls = CATALOGUE[event_type]
    told = {"type": {"const": event_type}, "data": {"$ref": f"#/components/schemas/{cls.__name__}"}}
    return {
        "name": event_type,
        "title": cls.__name__,
        "summary": " ".join((cls.__doc__ or "").split()),
        "contentType": "application/cloudevents+json",
        "payload": {
            "allOf": [{"$ref": "#/components/schemas/Envelope"}, {"type": "object", "properties": told}],
        },
        "examples": [
            {"name": name, "payload": json.loads(path.read_text())} for name, path in samples_of(event_type).items()
        ],
    }


def samples_of(event_type: str) -> dict[str, Path]:
    """The released forms of an event: the first of its version, `v1`, and those after it, `v1+reschedule`."""
    beginning = event_type.rpartition(".")[0]
    paths = [SAMPLES / f"{event_type}.json", *sorted(SAMPLES.glob(f"{event_type}+*.json"))]
    return {path.stem.removeprefix(f"{beginning}."): path for path in paths if path.exists()}


ENVELOPE: Document = {
    "type": "object",
    "description": "CloudEvents 1.0. `position` counts 1, 2, 3 … without gaps in the log `logid` of `source`.",
    "required": ["specversion", "id", "source", "type", "subject", "time", "dataschema", "logid", "position", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "source": {"type": "string", "enum": [f"/csem/{name}" for name in PUBLISHERS]},
        "type": {"type": "string", "pattern": "^org\\.csem\\.[a-z]+\\.[a-z-]+\\.v[0-9]+$"},
        "subject": {"type": "string", "format": "uuid"},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "format": "uri"},
        "traceparent": {"type": "string"},
        "logid": {"type": "string", "format": "uuid"},
        "position": {"type": "integer", "minimum": 1},
        "data": {"type": "object"},
    },
}


def _schemas(types: list[str]) -> Document:
    """The payloads as JSON Schema, made from the schemas that read and write them."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema).removesuffix("Schema"))
    spec = APISpec("events", VERSION, "3.1.0", plugins=[plugin])
    if plugin.converter is None:
        raise RuntimeError("apispec made no converter")
    plugin.converter.add_attribute_function(_money)  # type: ignore[no-untyped-call]
    for event_type in types:
        cls = CATALOGUE[event_type]
        spec.components.schema(cls.__name__, schema=schema_of(cls))
    schemas: Document = spec.to_dict()["components"]["schemas"]
    return schemas | {"Envelope": ENVELOPE}


def _name(schema: Any) -> str:
    return str(schema.__name__ if isinstance(schema, type) else type(schema).__name__)


def _money(_converter: object, field: Any, **_: Any) -> Document:
    return dict(MONEY_JSON_SCHEMA) if isinstance(field, MoneyValue) else {}


def written(document: Document) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def differences() -> list[str]:
    """The lines in which the files differ from the code; empty when they agree."""
    lines: list[str] = []
    made = {name: written(document) for name, document in documents().items()}
    for name in sorted(made.keys() | {path.name for path in FOLDER.glob("*.json")}):
        path = FOLDER / name
        kept = path.read_text().splitlines() if path.exists() else []
        lines += difflib.unified_diff(
            kept, made.get(name, "").splitlines(), f"docs/api/{name}", "the code", lineterm=""
        )
    return lines


def main(arguments: list[str]) -> int:
    """0 when the files agree with the code (or were written), 1 when `--check` found a difference."""
    if arguments == ["--check"]:
        found = differences()
        sys.stdout.write(
            "\n".join([*found[:200], f"{len(found)} lines differ: make contracts"]) + "\n" if found else ""
        )
        return 1 if found else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, document in documents().items():
        (FOLDER / name).write_text(written(document))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
