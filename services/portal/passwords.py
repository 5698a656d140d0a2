"""Passwords as they are kept: argon2id, never readable again."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.portal.rules.passwords import pronounceable, weakness
from shared.kernel import Invalid

# 19 MiB, two passes, one lane: the OWASP recommendation that a small server bears at ten sign-ins a second.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hashed(password: str, *, username: str, pointer: str = "/password") -> str:
    """The hash to keep; refuses a password that is easily guessed."""
    if code := weakness(password, username):
        raise Invalid(code, pointer=pointer)
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether it is the password; takes as long when there is no such account."""
    try:
        return _hasher.verify(password_hash or _nobodys(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def temporary() -> tuple[str, str]:
    """A first password to tell her, and its hash."""
    password = pronounceable(secrets.choice)
    return password, _hasher.hash(password)


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_hex(16))
