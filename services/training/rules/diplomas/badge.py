"""A diploma as an Open Badge 3.0: a verifiable credential with a Data Integrity proof (`eddsa-rdfc-2022`).

The issuer is the key that signed (`did:key`): whoever has the badge checks it without us, and the house publishes which
keys are its own. What is signed is the RDF dataset that the JSON stands for (RDFC-1.0, W3C; pyld keeps its older name
URDNA2015), so a reader also insists on the very bytes that the house writes: compact JSON, keys in order.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from pyld import FrozenDocumentLoader, jsonld

from services.training.rules.diplomas.payload import (
    BAD_SIGNATURE,
    NOT_OURS,
    UNKNOWN_KEY,
    Keys,
    NotGenuine,
    Said,
)
from services.training.rules.diplomas.payload import check as check_signature

Contexts = Mapping[str, Any]
MEDIA_TYPE = "application/vc+ld+json"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = b"\xed\x01"
"""The multicodec of an Ed25519 public key (`did:key` method, W3C CCG)."""
_LARGEST = 8_000


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says besides the signed diploma: where its parts are found, what was taught and what was asked."""

    id: UUID
    subject_id: UUID
    issuer: str
    issuer_url: str
    name: str
    description: str
    criteria: str
    issued_at: datetime
    verify_url: str
    status: Mapping[str, str]
    """Where it is asked whether it was taken back (`rules.diplomas.status`)."""


def did_of(public: bytes) -> str:
    """The `did:key` of a public Ed25519 key of 32 bytes."""
    return f"did:key:z{_base58(_ED25519 + public)}"


def signed_badge(badge: Badge, said: Said, public: bytes, sign: Callable[[bytes], bytes], contexts: Contexts) -> bytes:
    """The credential as JSON, signed with the key whose public half is given."""
    document = _credential(badge, said, did_of(public), list(contexts))
    return _signed(document, badge.issued_at, public, sign, contexts)


def signed_status_list(
    address: str,
    subject: Mapping[str, Any],
    valid: tuple[datetime, datetime],
    public: bytes,
    sign: Callable[[bytes], bytes],
    contexts: Contexts,
) -> bytes:
    """The list of the badges that were taken back, as a credential signed likewise; `valid`: from when until when."""
    first, last = valid
    document = {
        "@context": list(contexts)[:1],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did_of(public),
        "validFrom": _moment(first),
        "validUntil": _moment(last),
        "credentialSubject": dict(subject),
    }
    return _signed(document, first, public, sign, contexts)


def _signed(
    document: dict[str, Any], moment: datetime, public: bytes, sign: Callable[[bytes], bytes], contexts: Contexts
) -> bytes:
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": _moment(moment),
        "verificationMethod": _method(did_of(public)),
        "proofPurpose": "assertionMethod",
    }
    signature = sign(_hashed(document, proof, contexts))
    return _written(document | {"proof": proof | {"proofValue": f"z{_base58(signature)}"}})


def read_badge(content: bytes, keys: Keys, contexts: Contexts) -> dict[str, Any]:
    """The credential, if it is written as the house writes it and one of `keys` signed it; raises `NotGenuine`."""
    document = _parsed(content, contexts)
    proof = document.pop("proof")
    by_method = {_method(did_of(public)): key for key, public in keys.items()}
    try:
        signature = _signature(proof.pop("proofValue"))
        said_by = str(document["issuer"]["id"])
        method = str(proof["verificationMethod"])
        suits = proof["type"], proof["cryptosuite"], proof["proofPurpose"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotGenuine(NOT_OURS) from error
    if suits != ("DataIntegrityProof", "eddsa-rdfc-2022", "assertionMethod"):
        raise NotGenuine(NOT_OURS)
    if method not in by_method or method != _method(said_by):
        raise NotGenuine(UNKNOWN_KEY)
    try:
        message = _hashed(document, proof, contexts)
    except jsonld.JsonLdError as error:
        raise NotGenuine(BAD_SIGNATURE) from error
    check_signature(by_method[method], signature, message, keys)
    return document


def _signature(written: str) -> bytes:
    """Of a proof value: multibase, so `z` and base 58."""
    raw = _unbase58(written.removeprefix("z"))
    if written != f"z{_base58(raw)}":
        raise ValueError(written)
    return raw


def _parsed(content: bytes, contexts: Contexts) -> dict[str, Any]:
    try:
        document = json.loads(content)
        whole = len(content) <= _LARGEST and isinstance(document, dict) and _written(document) == content
    except (ValueError, RecursionError) as error:
        raise NotGenuine(NOT_OURS) from error
    if not whole or document.get("@context") != list(contexts) or not isinstance(document.get("proof"), dict):
        raise NotGenuine(NOT_OURS)
    found: dict[str, Any] = document
    return found


def _credential(badge: Badge, said: Said, issuer: str, contexts: list[str]) -> dict[str, Any]:
    return {
        "@context": contexts,
        "id": f"urn:uuid:{badge.id}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": badge.name,
        "description": badge.description,
        "issuer": {"id": issuer, "type": ["Profile"], "name": badge.issuer, "url": badge.issuer_url},
        "validFrom": _moment(badge.issued_at),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": said.name, "identityType": "name"}
            ],
            "achievement": {
                "id": f"urn:uuid:{uuid5(badge.subject_id, said.kind)}",
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": badge.name,
                "description": badge.description,
                "criteria": {"narrative": badge.criteria},
                "humanCode": said.number,
            },
        },
        "credentialStatus": dict(badge.status),
        "evidence": [{"id": badge.verify_url, "type": ["Evidence"], "name": said.number}],
    }


def _hashed(document: Mapping[str, Any], proof: Mapping[str, Any], contexts: Contexts) -> bytes:
    """What `eddsa-rdfc-2022` signs: the hash of the proof's options, then the hash of the credential (W3C, Data
    Integrity EdDSA Cryptosuites v1.0, 3.2.4).
    """
    options = {**proof, "@context": document["@context"]}
    return b"".join(hashlib.sha256(_canonical(one, contexts)).digest() for one in (options, document))


def _canonical(document: Mapping[str, Any], contexts: Contexts) -> bytes:
    told = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": FrozenDocumentLoader(documents=dict(contexts)),
    }
    lines: str = jsonld.normalize(dict(document), told)
    return lines.encode()


def _written(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _moment(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _method(did: str) -> str:
    return f"{did}#{did.removeprefix('did:key:')}"


def _base58(raw: bytes) -> str:
    """Bytes in the base 58 of Bitcoin."""
    number, written = int.from_bytes(raw), ""
    while number:
        number, rest = divmod(number, 58)
        written = _ALPHABET[rest] + written
    return _ALPHABET[0] * (len(raw) - len(raw.lstrip(b"\0"))) + written


def _unbase58(text: str) -> bytes:
    number = 0
    for letter in text[:200]:
        number = number * 58 + _ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip(_ALPHABET[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
