"""Every operation of the five OpenAPI documents, tried with generated requests by somebody who may do everything."""

import warnings
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from deploy import contracts
from shared.settings import SERVICES
from tests.contracts.conftest import Everything

EXAMPLES = 6
"""Per operation: there are some hundred of them, and the whole must stay a matter of a minute or two."""

WANTED = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_answers_as_its_document_says(everything: Everything, service: str):
    web = everything.house.service(service).web
    schema = schemathesis.openapi.from_dict(contracts.openapi(web))
    schema.app = web
    failures: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        try:
            tried(operation, everything.headers())
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - all are tried before any is told
            failures.append(f"{operation.label}: {told(error)}")
    assert not failures, "\n".join(failures)


def told(error: BaseException) -> str:
    """What went wrong, on one line, of every failure in a group."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(told(inner) for inner in error.exceptions)
    return f"{type(error).__name__}: {' '.join(str(error).split())[:600]}"


def tried(operation: Any, headers: dict[str, str]) -> None:
    """Sends some generated requests to the operation; raises when an answer is not as declared."""

    @given(case=operation.as_strategy())
    @bounded
    def send(case: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            response = case.call(headers=headers | {"Idempotency-Key": f"key-{uuid4()}", "If-Match": '"1"'})
            case.validate_response(response, checks=WANTED)

    send()
