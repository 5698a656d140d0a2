"""What is signed of a diploma, short enough for a QR, and how anybody checks it with nothing but public keys.

A payload is `CSEM1:` and, in the base32 of RFC 4648 without padding, an Ed25519 signature (64 bytes) and what it signs:
a JSON array in UTF-8. Base32 is what a QR packs best that also survives being typed and wrapped. Only one text stands
for one diploma: whatever differs from it by a single character is refused.

A signed file is a PDF followed by one line, a PDF comment: `%CSEM-DIPLOMA-1`, the key, and a signature of the PDF as it
stands before that line together with the payload printed on it, in base64.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import date

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PREFIX = "CSEM1:"
_SAID = b"csem diploma 1\n"
_FILE = b"csem diploma file 1\n"
_SIGNATURE = 64
_LONGEST = 3_000
_MARK = b"\n%CSEM-DIPLOMA-1 "
_LINE = re.compile(rb"([a-z0-9-]{1,40}) ([A-Za-z0-9+/]{86}==) (CSEM1:[A-Z2-7]{1,3000})\n")
_WRAPPED = re.compile(r"\s+")

Keys = Mapping[str, bytes]
"""Public Ed25519 keys, 32 bytes each, by the id that diplomas name them with."""

NOT_OURS, UNKNOWN_KEY, BAD_SIGNATURE = "not_ours", "unknown_key", "bad_signature"
PROBLEMS = (NOT_OURS, UNKNOWN_KEY, BAD_SIGNATURE)


class NotGenuine(Exception):  # noqa: N818 - a finding, named as one
    """What was shown is no diploma of ours; `problem` is one of `PROBLEMS`."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Said:
    """What a diploma says, in the order in which it is signed; `hours` of the training, and `attended` of them."""

    key: str
    number: str
    kind: str
    name: str
    title: str
    hours: str
    attended: str
    ended_on: str
    issued_on: str

    def message(self) -> bytes:
        """What is signed."""
        return _SAID + self._body()

    def sealed(self, signature: bytes) -> str:
        """The payload, with its signature."""
        return PREFIX + base64.b32encode(signature + self._body()).decode().rstrip("=")

    def _body(self) -> bytes:
        return json.dumps(astuple(self), ensure_ascii=False, separators=(",", ":")).encode()


def read(payload: str, keys: Keys) -> Said:
    """What the payload says, if one of `keys` signed it; raises `NotGenuine`. Where the text was wrapped does not
    matter; every other character does.
    """
    text = _WRAPPED.sub("", payload)
    signature, said = _opened(text)
    if said.sealed(signature) != text:
        raise NotGenuine(NOT_OURS)
    check(said.key, signature, said.message(), keys)
    return said


def _opened(text: str) -> tuple[bytes, Said]:
    packed = text.removeprefix(PREFIX)
    if len(text) > _LONGEST or packed == text:
        raise NotGenuine(NOT_OURS)
    try:
        whole = base64.b32decode(packed + "=" * (-len(packed) % 8))
        told = json.loads(whole[_SIGNATURE:])
        if not isinstance(told, list) or not all(isinstance(part, str) for part in told):
            raise NotGenuine(NOT_OURS)
        said = Said(*told)
        for day in (said.ended_on, said.issued_on):
            date.fromisoformat(day)
        said.message()
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise NotGenuine(NOT_OURS) from error
    return whole[:_SIGNATURE], said


def file_message(pdf: bytes, payload: str) -> bytes:
    """What is signed of a file."""
    return _FILE + hashlib.sha256(pdf).digest() + payload.encode()


def signed_file(pdf: bytes, payload: str, key: str, signature: bytes) -> bytes:
    """The PDF with the line that lets anybody check it."""
    return pdf + _MARK + f"{key} {base64.b64encode(signature).decode()} {payload}\n".encode()


def read_file(content: bytes, keys: Keys) -> Said:
    """What a signed file says, if it is whole and `keys` signed both it and its payload; raises `NotGenuine`."""
    pdf, mark, line = content.rpartition(_MARK)
    found = _LINE.fullmatch(line) if mark else None
    if found is None:
        raise NotGenuine(NOT_OURS)
    key, written, payload = found[1].decode(), found[2], found[3].decode()
    signature = base64.b64decode(written)
    if base64.b64encode(signature) != written:
        raise NotGenuine(NOT_OURS)
    check(key, signature, file_message(pdf, payload), keys)
    return read(payload, keys)


def check(key: str, signature: bytes, message: bytes, keys: Keys) -> None:
    """Raises `NotGenuine` unless the key of this id signed the message."""
    public = keys.get(key)
    if public is None:
        raise NotGenuine(UNKNOWN_KEY)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        raise NotGenuine(BAD_SIGNATURE) from None
