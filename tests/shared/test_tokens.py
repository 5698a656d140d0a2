"""Tokens: the portal speaks for people, a service for itself, and nobody else for anybody."""

import json
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from shared.identity import Caller, Scope
from shared.testing import ROOT, keyrings, person
from shared.tokens import Keyring, Unauthenticated, create_keys, rotate_key

ROSA = person("coordinator", "trainer", scope=("HN17", "SV0521"), subject="rosa", name="Rosa Ñ.")


@pytest.fixture
def forge(tmp_path: Path, keys: dict[str, Keyring]) -> Callable[..., str]:
    """A token with other claims, signed with the real key of a service."""

    def make(signer: str = "portal", *, drop: tuple[str, ...] = (), kid: str | None = None, **changes: object) -> str:
        key = OKPKey.import_key(json.loads((tmp_path / "keys" / f"{signer}.private.json").read_text()))
        now = int(time.time())
        claims = {
            "iss": signer,
            "aud": "csem",
            "sub": "rosa",
            "name": "Rosa",
            "roles": ["coordinator"],
            "scope": ["HN"],
        }
        claims |= {"iat": now, "exp": now + 60} | changes
        for name in drop:
            del claims[name]
        return jwt.encode({"alg": "Ed25519", "kid": kid or key.kid}, claims, key, algorithms=["Ed25519"])

    return make


def refused(keyring: Keyring, token: str) -> str:
    with pytest.raises(Unauthenticated) as told:
        keyring.verify(token)
    return told.value.code


def test_every_service_knows_whom_the_portal_speaks_for(keys: dict[str, Keyring]):
    token = keys["portal"].sign(ROSA, seconds=60)
    for keyring in keys.values():
        assert keyring.verify(token) == ROSA
        assert keyring.verify(token) == ROSA  # from memory


def test_a_service_speaks_for_itself(keys: dict[str, Keyring]):
    caller = keys["registry"].verify(keys["credit"].service_token())
    assert caller == Caller.service("credit")
    assert caller.is_service


@pytest.mark.parametrize("roles", [["admin"], ["service", "admin"], []])
def test_a_service_cannot_speak_for_people(keys: dict[str, Keyring], forge: Callable[..., str], roles: list[str]):
    assert refused(keys["registry"], forge("credit", roles=roles)) == "token.invalid"
    assert refused(keys["registry"], forge("credit", roles=["service"], iss="portal")) == "token.invalid"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "registry"},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["other"]},
        {"roles": ["root"]},
        {"roles": "admin"},
        {"roles": None},
        {"roles": [{}]},
        {"scope": None},
        {"scope": 5},
        {"exp": "tomorrow"},
        {"sub": None},
        {"iat": int(time.time()) + 10_000},
        {"drop": ("exp",)},
        {"drop": ("sub",)},
        {"drop": ("roles",)},
        {"drop": ("scope",)},
        {"drop": ("aud",)},
        {"kid": "unknown"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_token_with_anything_else_in_it_is_refused(
    keys: dict[str, Keyring], forge: Callable[..., str], changes: dict
):
    assert keys["registry"].verify(forge()).subject == "rosa"
    assert refused(keys["registry"], forge(**changes)) == "token.invalid"


def test_a_token_ends(keys: dict[str, Keyring], monkeypatch: pytest.MonkeyPatch):
    assert refused(keys["credit"], keys["portal"].sign(ROSA, seconds=60, now=time.time() - 70)) == "token.expired"
    token = keys["portal"].sign(ROSA, seconds=60)
    assert keys["credit"].verify(token) == ROSA
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert refused(keys["credit"], token) == "token.expired"


def test_other_algorithms_are_refused_even_with_a_public_key_as_secret(keys: dict[str, Keyring], tmp_path: Path):
    public = (tmp_path / "keys" / "public" / "portal.json").read_bytes()
    kid = json.loads(public)["kid"]
    claims = {"iss": "portal", "aud": "csem", "sub": "x", "roles": ["admin"], "scope": ["*"], "exp": 9_999_999_999}
    hmac = jwt.encode({"alg": "HS256", "kid": kid}, claims, OctKey.import_key(public), algorithms=["HS256"])
    parts = [
        urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "none", "kid": kid}, claims)
    ]
    unsigned = ".".join([*parts, ""])
    assert refused(keys["credit"], hmac) == "token.invalid"
    assert refused(keys["credit"], unsigned) == "token.invalid"


def test_a_changed_token_is_refused(keys: dict[str, Keyring]):
    head, claims, signature = keys["portal"].sign(ROSA, seconds=60).split(".")
    other = keys["portal"].sign(person("admin"), seconds=60).split(".")[1]
    assert refused(keys["credit"], f"{head}.{other}.{signature}") == "token.invalid"
    assert refused(keys["credit"], f"{head}.{claims}.{signature[:-4]}AAAA") == "token.invalid"


def test_after_a_rotation_old_tokens_live_on_until_the_old_key_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    keys = keyrings(tmp_path)
    before = keys["portal"].sign(ROSA, seconds=600)
    assert keys["credit"].verify(before) == ROSA
    old = rotate_key(tmp_path, "portal")
    after = Keyring(tmp_path, "portal").sign(ROSA, seconds=600)
    moment = time.monotonic() + 2
    monkeypatch.setattr(time, "monotonic", lambda: moment)
    assert keys["credit"].verify(after) == ROSA
    assert keys["credit"].verify(before) == ROSA
    assert len(keys["credit"].jwks()["keys"]) == 6
    old.unlink()
    moment += 40
    assert refused(keys["credit"], before) == "token.invalid"
    assert keys["credit"].verify(after) == ROSA


def test_public_keys_hold_nothing_private_and_private_files_are_for_the_owner_only(tmp_path: Path):
    keys = keyrings(tmp_path)
    assert all("d" not in key for key in keys["portal"].jwks()["keys"])
    for path in [*tmp_path.glob("*.private.json"), *tmp_path.glob("*.secret")]:
        assert path.stat().st_mode & 0o777 == 0o600


def test_keys_made_by_two_processes_at_once_belong_together(tmp_path: Path):
    make = f"from pathlib import Path; from shared.tokens import create_keys; create_keys(Path({str(tmp_path)!r}), 'credit')"
    processes = [subprocess.Popen([sys.executable, "-c", make], cwd=ROOT) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    keyring = Keyring(tmp_path, "credit")
    assert keyring.verify(keyring.service_token()).subject == "credit"
    assert not list(tmp_path.rglob("*.part"))


def test_keys_that_exist_are_kept_and_a_lost_public_key_is_written_again(tmp_path: Path):
    create_keys(tmp_path, "credit")
    token = Keyring(tmp_path, "credit").service_token()
    (tmp_path / "public" / "credit.json").unlink()
    create_keys(tmp_path, "credit")
    assert Keyring(tmp_path, "credit").verify(token).subject == "credit"


def test_a_secret_differs_by_purpose_and_stays(keys: dict[str, Keyring], tmp_path: Path):
    one, other = keys["registry"].secret("sealing"), keys["registry"].secret("links")
    assert one != other
    assert len(one) == len(other) == 32
    assert Keyring(tmp_path / "keys", "registry").secret("sealing") == one
    assert keys["credit"].secret("sealing") != one


def test_a_scope_covers_what_lies_inside_it():
    scope = Scope.of("HN17", "SV0521")
    assert [scope.covers(code) for code in ("HN1709", "HN17", "HN1801", "HN", "SV0521", "SV0522")] == [
        True, True, False, False, True, False,
    ]  # fmt: skip
    assert Scope.of("*").covers("GT0101")
    assert not Scope.of().covers("GT0101")
