"""Whether the evidence file of a loan or an award is whole: `python verify.py FILE.zip [PUBLIC-KEY]`.

It needs Python and nothing else: no network, no database, no other program. Every file is listed in `manifest.json`
with its SHA-256; each link covers the one before it; the manifest is signed (Ed25519) with the key of the committee
that decided. Compare that key with the one in the minutes the committee signed, or give it as PUBLIC-KEY.

Está entero el expediente de evidencia de un préstamo: sólo hace falta Python. Compare la clave con la que llevan las
actas firmadas del comité.
"""

import base64
import hashlib
import json
import struct
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

FORMAT = "csem-evidence-1"
MANIFEST, SIGNATURE, HISTORY = "manifest.json", "manifest.sig", "history.json"
SENTENCES = {
    "no_evidence": "no es un expediente de evidencia / this is no evidence file",
    "twice": "está dos veces / is there twice",
    "missing": "falta / is missing",
    "changed": "fue alterado / was changed",
    "exchanged": "lleva el contenido de otro archivo / holds the content of another file",
    "not_listed": "no es parte del expediente / is no part of the file",
    "broken_chain": "no sigue al anterior en la lista / does not follow the one before it in the list",
    "bad_signature": "la firma no corresponde / the signature does not fit",
    "other_key": "firmado con otra clave / signed with another key",
    "broken_history": "el historial fue alterado / the history was changed",
}
Finding = tuple[str, str]
"""The code of what is wrong, and what it is wrong with."""
_PIECE, _LARGEST_MANIFEST = 1 << 20, 50_000_000
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)


def linked(previous: str, path: str, sha256: str) -> str:
    """The link of a file: it covers the link of the file before it ("" at the first)."""
    return hashlib.sha256(f"{previous}\n{path}\n{sha256}".encode()).hexdigest()


def problems(file: BinaryIO, key: str | None = None) -> tuple[Mapping[str, Any], list[Finding]]:
    """The manifest of an evidence file, and everything that is wrong with it (nothing where it is whole).

    `key` is the committee's public key, where it is known from elsewhere; without it, the key is the one that the
    manifest names.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(_begin_of(archive, MANIFEST, _LARGEST_MANIFEST))
            listed = {str(one["path"]): one for one in manifest["files"]}
            if manifest["format"] != FORMAT or len(listed) != len(manifest["files"]):
                return {}, [("no_evidence", MANIFEST)]
            found = [*_signed(archive, manifest, key), *_chained(manifest), *_contents(archive, listed)]
            if not any(name == HISTORY for _, name in found):
                found += _history(archive)
            return manifest, found
    except (*_UNREADABLE, KeyError, TypeError, AttributeError):
        return {}, [("no_evidence", MANIFEST)]


def _begin_of(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    with archive.open(name) as content:
        return content.read(most)


def _signed(archive: zipfile.ZipFile, manifest: Mapping[str, Any], key: str | None) -> Iterator[Finding]:
    named = str(manifest["public_key"])
    if key is not None and key != named:
        yield "other_key", MANIFEST
    try:
        public = base64.b64decode(key or named, validate=True)
        signature = _begin_of(archive, SIGNATURE, 65)
    except (KeyError, *_UNREADABLE):
        yield "bad_signature", MANIFEST
        return
    if not verified(public, _begin_of(archive, MANIFEST, _LARGEST_MANIFEST), signature):
        yield "bad_signature", MANIFEST


def _chained(manifest: Mapping[str, Any]) -> Iterator[Finding]:
    previous = ""
    for one in manifest["files"]:
        if one["chain"] != linked(previous, one["path"], one["sha256"]):
            yield "broken_chain", one["path"]
        previous = one["chain"]


def _contents(archive: zipfile.ZipFile, listed: Mapping[str, Any]) -> Iterator[Finding]:
    """What is in the archive against what the manifest lists."""
    there = Counter(info.filename for info in archive.infolist())
    yield from (("twice", name) for name, count in there.items() if count > 1)
    yield from (("not_listed", name) for name in there if name not in {*listed, MANIFEST, SIGNATURE})
    known = {one["sha256"]: path for path, one in listed.items()}
    for path, one in listed.items():
        if path not in there:
            yield "missing", path
            continue
        digest = _digest(archive, path, one["size"])
        if digest != one["sha256"]:
            yield ("exchanged" if known.get(digest, path) != path else "changed"), path


def _digest(archive: zipfile.ZipFile, path: str, size: int) -> str:
    """The SHA-256 of a file; "" of one that cannot be read or is of another size than told."""
    digest, read = hashlib.sha256(), 0
    try:
        with archive.open(path) as content:
            while piece := content.read(_PIECE):
                digest.update(piece)
                read += len(piece)
                if read > 2 * size + _PIECE:
                    return ""
    except _UNREADABLE:
        return ""
    return digest.hexdigest()


def _history(archive: zipfile.ZipFile) -> Iterator[Finding]:
    """Each entry covers the one before it on the same subject; of an erased one only its place can be told."""
    with archive.open(HISTORY) as content:
        subjects = json.load(content)
    for subject in subjects:
        previous = ""
        for entry in subject["entries"]:
            told = [previous, subject["subject"].replace("-", ""), entry["number"], entry["at"], entry["caller"]]
            told += [entry["kind"], entry["action"], entry["facts_hash"]]
            facts = {"before": entry["before"], "after": entry["after"]}
            salted = (entry["salt"] or "").encode() + _written(facts, sort=True)
            as_told = entry["salt"] is None or entry["facts_hash"] == hashlib.sha256(salted).hexdigest()
            if not as_told or entry["hash"] != hashlib.sha256(_written(told)).hexdigest():
                yield "broken_history", f"{HISTORY}: {subject['kind']} {entry['number']}"
            previous = entry["hash"]


def _written(value: Any, *, sort: bool = False) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort).encode()


# Ed25519 (RFC 8032): points in extended coordinates on -x² + y² = 1 + d x² y².
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def verified(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the key with this public half signed the message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, at, scalar = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or at is None or scalar >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    right = _plus(at, _times(int.from_bytes(digest, "little") % _ORDER, key))
    left = _times(scalar, _BASE)
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


def _point(written: bytes) -> _Point | None:
    y = int.from_bytes(written, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _plus(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c, d = 2 * one[3] * other[3] * _D % _P, 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _plus(total, point)
        point, scalar = _plus(point, point), scalar >> 1
    return total


_BASE = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little")) or (0, 1, 1, 0)


def main(arguments: list[str]) -> int:
    """What is said of a file at the terminal; 0 where it is whole."""
    with open(arguments[0], "rb") as file:  # noqa: PTH123 - it runs by itself
        manifest, found = problems(file, arguments[1] if len(arguments) > 1 else None)
    for line in told(manifest, found):
        sys.stdout.write(f"{line}\n")
    return 1 if found else 0


def told(manifest: Mapping[str, Any], found: list[Finding]) -> Iterator[str]:
    """What is wrong, line by line; then whose file it is and the key it is signed with."""
    yield from (f"{name}: {SENTENCES[code]} ({code})" for code, name in found)
    if manifest:
        number = manifest.get("loan") or manifest.get("award")
        yield f"{number} ({manifest.get('as_of')}): {len(manifest['files'])} archivos / files"
        yield f"clave / key {manifest['public_key']}"
        yield from (f"no está / not here: {one['what']} ({one['why']})" for one in manifest.get("absent", ()))
    yield "NO está entero / NOT whole" if found else "entero y firmado / whole and signed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
