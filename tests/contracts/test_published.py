"""The published contracts: today's code reads every released event, and the documents say what the code does."""

import dataclasses
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import shared.events
from deploy import contracts
from shared.bus.envelope import Envelope
from shared.events import CATALOGUE, load, personal_paths, schema_of

for publisher in contracts.PUBLISHERS:
    import_module(f"shared.events.{publisher}")
SAMPLES = sorted((Path(shared.events.__file__).parent / "samples").glob("*.json"))


def sample(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def type_of(path: Path) -> str:
    """The type that a sample is of; a later form of it has a name after a plus sign."""
    return path.stem.partition("+")[0]


def as_released(today: Any, then: Any) -> Any:
    """What today's code says, without the fields that came since and say nothing."""
    if not isinstance(today, dict) or not isinstance(then, dict):
        return today
    known = {name: as_released(value, then.get(name)) for name, value in today.items()}
    return {name: value for name, value in known.items() if name in then or value is not None}


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    return contracts.documents()


def test_every_published_type_has_a_sample_and_every_sample_a_type():
    assert {type_of(path) for path in SAMPLES} == set(CATALOGUE)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_todays_code_reads_every_released_event(path: Path):
    envelope = Envelope.from_json(sample(path))
    assert envelope.to_json() == sample(path)
    event = load(envelope.type, envelope.data)
    assert as_released(event.payload(), envelope.data) == envelope.data
    assert schema_of(type(event)).dump(event) == event.payload()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_an_event_of_a_newer_release_is_read_without_what_is_new(path: Path):
    told = sample(path)
    event = load(told["type"], told["data"] | {"a_field_of_tomorrow": {"x": 1}})
    assert as_released(event.payload(), told["data"]) == told["data"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_an_event_whose_personal_fields_were_blanked_is_still_read(path: Path):
    told = sample(path)
    for keys in personal_paths(told["type"]):
        inner = told["data"]
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = None
    assert as_released(load(told["type"], told["data"]).payload(), told["data"]) == told["data"]


def test_only_the_point_and_how_she_lives_are_personal():
    found = {path for event_type in CATALOGUE for path in personal_paths(event_type)}
    assert found == {("facts", name) for name in ("point", "profile", "sales", "markets", "trade", "formalization")}


def test_the_type_of_an_event_tells_its_publisher():
    for event_type, cls in CATALOGUE.items():
        organization, network, publisher, _name, version = event_type.split(".")
        assert (organization, network, version) == ("org", "csem", "v1")
        assert cls.__module__ == f"shared.events.{publisher}"
        assert dataclasses.is_dataclass(cls)
        assert cls.__doc__


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_asyncapi_document_describes_the_sample(documents: dict[str, Any], path: Path):
    document = documents["events.asyncapi.json"]
    key = type_of(path).removeprefix("org.csem.")
    assert document["channels"][key]["address"] == type_of(path)
    told = document["components"]["messages"][key]["payload"]
    root = {"$schema": "https://json-schema.org/draft/2020-12/schema", **told, "components": document["components"]}
    Draft202012Validator(root, format_checker=FormatChecker()).validate(sample(path))
    wrong = sample(path) | {"position": 0}
    assert list(Draft202012Validator(root).iter_errors(wrong))
    assert list(Draft202012Validator(root).iter_errors(sample(path) | {"data": {}}))


def test_the_asyncapi_document_shows_every_released_form_of_every_event(documents: dict[str, Any]):
    messages = documents["events.asyncapi.json"]["components"]["messages"]
    shown = {
        f"org.csem.{key.rpartition('.')[0]}.{example['name']}": example["payload"]
        for key, message in messages.items()
        for example in message["examples"]
    }
    assert shown == {path.stem: sample(path) for path in SAMPLES}
    assert all(message["examples"] for message in messages.values())


def test_every_reference_in_a_document_leads_somewhere(documents: dict[str, Any]):
    for name, document in documents.items():
        for reference in references(document):
            place: Any = document
            for key in reference.removeprefix("#/").split("/"):
                assert key.replace("~1", "/") in place, f"{name}: {reference}"
                place = place[key.replace("~1", "/")]


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for inner in value.values() for found in references(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in references(inner)]
    return []


def test_the_asyncapi_document_is_of_version_3_with_one_operation_to_a_channel(documents: dict[str, Any]):
    document = documents["events.asyncapi.json"]
    assert document["asyncapi"] == "3.0.0"
    assert document["operations"].keys() == {f"publish-{key}" for key in document["channels"]}
    assert {operation["action"] for operation in document["operations"].values()} == {"send"}


@pytest.mark.parametrize("service", contracts.SERVICES)
def test_the_openapi_document_is_valid_and_names_each_operation_once(documents: dict[str, Any], service: str):
    import schemathesis

    document = documents[f"{service}.openapi.json"]
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()
    operations = [
        operation for path in document["paths"].values() for operation in path.values() if "responses" in operation
    ]
    names = [operation["operationId"] for operation in operations]
    assert sorted(names) == sorted(set(names))
    assert all(operation["summary"] for operation in operations)


def test_the_files_say_what_the_code_says():
    assert contracts.differences() == []
