"""How minutes are signed, and how anybody checks them with nothing but the file.

Signed minutes are a PDF followed by one line, a PDF comment: `%CSEM-SIGNATURE-1` and an Ed25519 signature in base64. It
signs the hash of what the minutes say together with the hash of the PDF as it stands before that line. What they say is
attached to the PDF as it is hashed: the SHA-256 of the attachment is the hash printed on every page.
"""

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_MARK = b"\n%CSEM-SIGNATURE-1 "
_LARGEST = 20_000_000
_LENGTH = re.compile(rb"/Length (\d{1,9})")


def new_key() -> tuple[str, bytes]:
    """A key: its public half as it is printed, its private half as 32 bytes."""
    key = Ed25519PrivateKey.generate()
    return _written(key.public_key().public_bytes_raw()), key.private_bytes_raw()


def signed(pdf: bytes, digest: str, private: bytes) -> tuple[bytes, str]:
    """The signed file, and the signature as it is kept."""
    signature = _written(signature_of(_message(pdf, digest), private))
    return pdf + _MARK + signature.encode() + b"\n", signature


def signature_of(message: bytes, private: bytes) -> bytes:
    """The 64 bytes with which a key signs a message."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(message)


@dataclass(frozen=True, slots=True)
class Minutes:
    """What a file of minutes says of itself, and what is wrong with it (codes; none where it is genuine)."""

    number: str = ""
    hash: str = ""
    previous: str | None = None
    public_key: str = ""
    problems: tuple[str, ...] = ()


def read(content: bytes) -> Minutes:
    """Check a file of minutes: that it says what its hash says, and that its committee's key signed it whole."""
    pdf, mark, line = content.rpartition(_MARK)
    said = attached(pdf if mark else content)
    if said is None:
        return Minutes(problems=("no_minutes",))
    digest = hashlib.sha256(said).hexdigest()
    try:
        facts = _facts(said)
        public = str(facts["public_key"] or "")
        known = (str(facts["number"]), digest, facts["previous"], public)
    except (ValueError, KeyError, TypeError):
        return Minutes(problems=("no_minutes",))
    if not mark or not public:
        return Minutes(*known, problems=("not_signed",))
    return Minutes(*known, problems=() if _verified(pdf, digest, public, line) else ("bad_signature",))


def check_chain(minutes: Sequence[Minutes], key: str | None = None) -> list[tuple[Minutes, tuple[str, ...]]]:
    """The minutes of one committee in the order of their chain, each with what is wrong with it or its place.

    The first may follow minutes that are not among them. `key` is the committee's public key, where it is known from
    elsewhere; without it all must at least have been signed with one.
    """
    by_previous = {one.previous: one for one in minutes}
    hashes = {one.hash for one in minutes}
    begins = [one for one in minutes if one.previous not in hashes]
    ordered: list[Minutes] = []
    for one in sorted(begins, key=lambda m: (m.previous is not None, m.number)):
        at: Minutes | None = one
        while at is not None and at not in ordered:
            ordered.append(at)
            at = by_previous.get(at.hash)
    ordered += [one for one in minutes if one not in ordered]
    expected = key or next((one.public_key for one in ordered if one.public_key), "")
    found = []
    for one in ordered:
        problems = list(one.problems)
        if one.public_key and one.public_key != expected:
            problems.append("other_key")
        if len(begins) > 1 and one in begins and one is not ordered[0]:
            problems.append("broken_chain")
        found.append((one, tuple(problems)))
    return found


def _verified(pdf: bytes, digest: str, public: str, line: bytes) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(line.strip(), validate=True), _message(pdf, digest))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _message(pdf: bytes, digest: str) -> bytes:
    return f"csem acta 1\n{digest}\n{hashlib.sha256(pdf).hexdigest()}".encode()


def _facts(said: bytes) -> Mapping[str, Any]:
    template, _language, facts = said.decode().split("\n", 2)
    if template != "acta.typ":
        raise ValueError(template)
    read: Mapping[str, Any] = json.loads(facts)
    return read


def attached(pdf: bytes) -> bytes | None:
    """The file attached to a PDF, as Typst writes it; None where none is."""
    at = pdf.find(b"/Type/EmbeddedFile")
    begins = pdf.find(b"stream\n", at)
    if at < 0 or begins < 0:
        return None
    head = pdf[pdf.rfind(b" obj\n", 0, at) : begins]
    length = _LENGTH.search(head)
    if length is None:
        return None
    data = pdf[begins + 7 : begins + 7 + int(length[1])]
    if b"/FlateDecode" not in head:
        return data
    try:
        return zlib.decompressobj().decompress(data, _LARGEST)
    except zlib.error:
        return None


def _written(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
