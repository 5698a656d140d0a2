"""A form counts only when this site gave it to this browser."""

import base64
import hashlib
import hmac
import secrets

from flask import g, request
from markupsafe import Markup
from werkzeug.exceptions import BadRequest

from shared.web.call import FORM_AROUND, MAX_UPLOAD

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_WITH_PASSWORDS = frozenset({"/sign-in", "/account/password"})


class Expired(BadRequest):
    """The form is older than the session, or is not ours."""


def token() -> str:
    """The token of this browser, masked anew each time, so that a compressed page does not leak it."""
    mask = secrets.token_bytes(32)
    masked = bytes(one ^ other for one, other in zip(mask, _proof(), strict=True))
    return base64.urlsafe_b64encode(mask + masked).decode()


def field() -> Markup:
    """The hidden field that every form with method post carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(token())


def check() -> None:
    """Refuse a changing request that another site made, or whose token is not this browser's."""
    if request.method not in _UNSAFE:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Expired
    if request.mimetype == "multipart/form-data" and g.me is not None:
        request.max_content_length = MAX_UPLOAD + FORM_AROUND
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not _right(given):
        raise Expired


def kept_fields() -> list[tuple[str, str]]:
    """What was typed into a form of this site that cannot be taken now, to be offered once more; nothing where it may
    have come from elsewhere, and never a password.
    """
    site = request.headers.get("Sec-Fetch-Site") or ("same-origin" if _from_here() else "unknown")
    if site != "same-origin" or request.path in _WITH_PASSWORDS:
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def _from_here() -> bool:
    return request.headers.get("Origin") == request.host_url.rstrip("/")


def _right(given: str) -> bool:
    try:
        raw = base64.urlsafe_b64decode(given.encode("ascii"))
    except (ValueError, UnicodeError):
        return False
    if len(raw) != 64:
        return False
    proof = bytes(one ^ other for one, other in zip(raw[:32], raw[32:], strict=True))
    return hmac.compare_digest(proof, _proof())


def _proof() -> bytes:
    return hmac.digest(g.cookie.encode(), b"csrf", hashlib.sha256)
