"""Tokens for scripts, and the public keys with which everybody verifies tokens."""

from typing import Any

from flask import Blueprint, Response, current_app, request

from services.portal.credentials import prove_for_token
from shared.database import Database
from shared.kernel import Refused
from shared.tokens import Keyring
from shared.web import Call, Input, Output, Resource, Unfit, fields
from shared.web.schemas import to_json

TOKEN_SECONDS = 900

resource = Resource("tokens", prefix="/tokens", description="Short-lived signed tokens for scripts.")
keys = Blueprint("keys", __name__)


class CredentialsIn(Input):
    username = fields.String(maximum=60, required=True)
    password = fields.String(maximum=200, required=True)


class TokenOut(Output):
    access_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer()


@resource.post("", body=CredentialsIn, returns=TokenOut, status=201, public=True, writes=False)
def issue_token_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """A token that speaks for the person with this user name and password during a quarter of an hour."""
    del call
    database: Database = current_app.extensions["database"]
    keyring: Keyring = current_app.extensions["keyring"]
    try:
        account = prove_for_token(
            database,
            username=body["username"],
            password=body["password"],
            address=request.remote_addr or "",
        )
    except Refused as refused:
        if refused.code == "sign_in.throttled":
            minutes = int(str(refused.facts["minutes"]))
            raise Unfit(429, refused.code, minutes=minutes, retry_after=minutes * 60) from refused
        raise
    token = keyring.sign(account.caller, seconds=TOKEN_SECONDS)
    return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}


@keys.get("/.well-known/jwks.json")
def jwks() -> Response:
    """Every public key of the house, as a JSON Web Key Set."""
    keyring: Keyring = current_app.extensions["keyring"]
    response = Response(to_json(keyring.jwks()), content_type="application/jwk-set+json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
