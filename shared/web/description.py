"""The OpenAPI document of a service, made when it is asked for: that takes longer than to build the service."""

import functools
from collections.abc import Sequence
from typing import Any

from flask import Flask
from flask_smorest import Api

from shared.web.fields import MONEY_JSON_SCHEMA, MoneyField
from shared.web.operation import PROBLEM_RESPONSE
from shared.web.resource import Resource

Document = dict[str, Any]


def describe(app: Flask, resources: Sequence[Resource]) -> None:
    """Serve the document of the application's resources as `/api/<name>/v1/openapi.json`."""
    app.config.update(API_TITLE=f"Red CSEM: {app.name}", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    document = functools.cache(lambda: _document(app, resources))
    app.extensions["openapi"] = document

    app.add_url_rule(f"/api/{app.name}/v1/openapi.json", "openapi", document)


def openapi(app: Flask) -> Document:
    """The OpenAPI 3.1 document of a service, as the service itself serves it."""
    document: Document = app.extensions["openapi"]()
    return document


def _document(app: Flask, resources: Sequence[Resource]) -> Document:
    api = _Api(app, spec_kwargs={"security": [{"token": []}]})
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    api.spec.components.response("Problem", PROBLEM_RESPONSE)
    api.ma_plugin.converter.add_attribute_function(_declared)
    for resource in resources:
        blueprint = resource.blueprint
        blueprint.register_views_in_doc(api, app, api.spec, name=blueprint.name, parameters=None)
        api.spec.tag({"name": blueprint.name, "description": blueprint.description})
    document: Document = api.spec.to_dict()
    return document


class _Api(Api):  # type: ignore[misc]
    """flask-smorest for its description alone: the routes are there, and error bodies are `shared.web.problems`."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        return None

    def _register_doc_blueprint(self) -> None:
        return None


def _declared(_converter: object, field: Any, **_: Any) -> dict[str, Any]:
    if isinstance(field, MoneyField):
        return MONEY_JSON_SCHEMA | ({"type": ["object", "null"]} if field.allow_none else {})
    return {}
