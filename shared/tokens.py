"""Signed tokens: the portal signs for people, each service signs for itself, everybody verifies with public keys."""

import json
import os
import secrets
import threading
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.identity import ROLES, Caller, Scope
from shared.kernel import Refused

AUDIENCE = "csem"
SERVICE_TOKEN_SECONDS = 300
_CACHE_SIZE = 2_000
_LOOK_AGAIN_SECONDS = 30
_LONGEST = 8_000


class Unauthenticated(Refused):
    """No token, or one that is not valid (any more)."""


def create_keys(folder: Path, service: str) -> None:
    """Make the signing key and the secret of `service` under `folder` where they do not exist yet. Of two processes
    that do so at once, both go on with the keys of the first.
    """
    (folder / "public").mkdir(parents=True, exist_ok=True)
    private, public = folder / f"{service}.private.json", folder / "public" / f"{service}.json"
    if not private.exists():
        _write_once(private, json.dumps(_new_key(service).as_dict(private=True)).encode(), 0o600)
    if not public.exists():
        key = OKPKey.import_key(json.loads(private.read_text()))
        _write_once(public, json.dumps(key.as_dict(private=False)).encode(), 0o644)
    secret = folder / f"{service}.secret"
    if not secret.exists():
        _write_once(secret, secrets.token_bytes(32), 0o600)


def rotate_key(folder: Path, service: str) -> Path:
    """Sign with a new key from the next start on. Returns where the old public key is kept (`portal.<kid>.json`):
    tokens that it signed are believed until that file is removed.
    """
    private, public = folder / f"{service}.private.json", folder / "public" / f"{service}.json"
    kept = public.with_name(f"{service}.{json.loads(public.read_text())['kid']}.json")
    public.replace(kept)
    private.unlink()
    create_keys(folder, service)
    return kept


def _new_key(service: str) -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": f"{service}-{secrets.token_hex(4)}"})


def _write_once(path: Path, content: bytes, mode: int) -> None:
    """The whole file or none, and never over one that is there already."""
    partial = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}.part")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(partial)
    except FileExistsError:
        pass  # another process was first; its keys are ours
    finally:
        partial.unlink()


class Keyring:
    """The keys one service holds: its own private key and secret, and everybody's public keys."""

    def __init__(self, folder: Path, service: str) -> None:
        self.service = service
        self._folder = folder
        self._lock = threading.Lock()
        self._public: dict[str, tuple[str, OKPKey]] = {}
        self._verified: dict[str, tuple[Caller, float]] = {}
        self._own: OKPKey | None = None
        self._looked_at = 0.0

    def sign(self, caller: Caller, *, seconds: int, now: float | None = None) -> str:
        """A token that speaks for `caller` during `seconds`."""
        own = self._private()
        issued = int(now if now is not None else time.time())
        claims: dict[str, Any] = {
            "iss": self.service,
            "aud": AUDIENCE,
            "sub": caller.subject,
            "name": caller.name,
            "roles": sorted(caller.roles),
            "scope": sorted(caller.scope.units),
            "iat": issued,
            "exp": issued + seconds,
        }
        return jwt.encode({"alg": "Ed25519", "kid": own.kid}, claims, own, algorithms=["Ed25519"])

    def service_token(self) -> str:
        """A token with which this service speaks for itself."""
        return self.sign(Caller.service(self.service), seconds=SERVICE_TOKEN_SECONDS)

    def verify(self, token: str) -> Caller:
        """Who speaks; raises `Unauthenticated`. A verified token is remembered until it expires."""
        if time.monotonic() - self._looked_at > _LOOK_AGAIN_SECONDS:
            self._load_public()
        known = self._verified.get(token)
        if known:
            if known[1] > time.time():
                return known[0]
            raise Unauthenticated("token.expired")
        caller, expires = self._verify(token)
        with self._lock:
            if len(self._verified) >= _CACHE_SIZE:
                self._verified.clear()
            self._verified[token] = (caller, expires)
        return caller

    def secret(self, purpose: str) -> bytes:
        """32 bytes derived from this service's secret, different for each purpose."""
        material = (self._folder / f"{self.service}.secret").read_bytes()
        return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(material)

    def seal(self, content: bytes) -> bytes:
        """This service's Ed25519 signature (64 bytes) of something that is no token: let `content` begin with what it
        is, so that no signature stands for two things.
        """
        key = self._private().private_key
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("the key of a service is an Ed25519 key")
        return key.sign(content)

    def sealing_key(self) -> tuple[str, bytes]:
        """The id of the key that `seal` signs with, and its public half (32 bytes)."""
        own = self._private()
        public = own.public_key
        if not isinstance(public, Ed25519PublicKey):
            raise TypeError("the key of a service is an Ed25519 key")
        return str(own.kid), public.public_bytes_raw()

    def jwks(self) -> dict[str, Any]:
        """Every public key, as a JSON Web Key Set."""
        self._load_public()
        return {"keys": [key.as_dict(private=False) for _, key in self._public.values()]}

    def _verify(self, token: str) -> tuple[Caller, float]:
        try:
            issuer, key = self._key_of(token)
            claims = jwt.decode(token, key, algorithms=["Ed25519"]).claims
            jwt.JWTClaimsRegistry(
                leeway=5,
                iss={"essential": True, "value": issuer},
                aud={"essential": True, "value": AUDIENCE},
                exp={"essential": True},
                sub={"essential": True},
            ).validate(claims)
            roles = frozenset(claims["roles"])
            units = frozenset(claims["scope"])
        except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            code = "token.expired" if "expired" in type(error).__name__.lower() else "token.invalid"
            raise Unauthenticated(code) from None
        # Only the portal speaks for people; a service's own key never carries more than the role `service`.
        if not roles <= set(ROLES) or (issuer != "portal" and roles != {"service"}):
            raise Unauthenticated("token.invalid")
        return Caller(claims["sub"], str(claims.get("name", "")), roles, Scope(units)), float(claims["exp"])

    def _key_of(self, token: str) -> tuple[str, OKPKey]:
        from joserfc.jws import extract_compact

        if len(token) > _LONGEST:
            raise ValueError("token")
        kid = extract_compact(token.encode()).headers().get("kid")
        if kid not in self._public and time.monotonic() - self._looked_at > 1:
            self._load_public()
        return self._public[str(kid)]

    def _load_public(self) -> None:
        found: dict[str, tuple[str, OKPKey]] = {}
        for path in sorted((self._folder / "public").glob("*.json")):
            key = OKPKey.import_key(json.loads(path.read_text()))
            found[str(key.kid)] = (path.name.partition(".")[0], key)
        with self._lock:
            if found.keys() != self._public.keys():
                self._verified.clear()  # a key that was withdrawn is believed no longer
            self._public, self._looked_at = found, time.monotonic()

    def _private(self) -> OKPKey:
        if self._own is None:
            self._own = OKPKey.import_key(json.loads((self._folder / f"{self.service}.private.json").read_text()))
        return self._own
