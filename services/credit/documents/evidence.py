"""The evidence file of a loan or an award: one archive of everything, listed, chained and signed."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, Self
from uuid import UUID

from services.credit.directory import Borrower
from services.credit.documents.note import ReceiptPrint
from services.credit.documents.printed import Printed
from services.credit.models import Loan, Repayment, TrustFund
from services.credit.rules import evidence

_PIECE = 1 << 18
_BEGINNING = (1980, 1, 1, 0, 0, 0)
_STORED = {".pdf", ".jpeg", ".png"}
_KEY_INFO = bytes.fromhex("302a300506032b6570032100")
_README = Path(__file__).parent / "evidence.txt"
_PLAIN = "SHA256SUMS"


@dataclass
class Archive:
    """A zip that is written file after file; the same files make the same bytes. `absent` says what is not in it.

    It is used in a `with`, which ends it whatever happens.
    """

    out: BinaryIO
    absent: list[dict[str, str]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._zip = zipfile.ZipFile(self.out, "w")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, path: str, content: bytes | BinaryIO) -> None:
        """Write a file, piece by piece where it is large, and note its hash and its link."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(_info(path), "w") as target:
            for piece in _pieces(content):
                target.write(piece)
                digest.update(piece)
                size += len(piece)
        found = digest.hexdigest()
        previous = self.files[-1]["chain"] if self.files else ""
        self.files.append(
            {"path": path, "size": size, "sha256": found, "chain": evidence.linked(previous, path, found)}
        )

    def leave_out(self, what: str, why: str) -> None:
        """Say of something that it is not here: `erased`, `withheld` from this reader, `session_not_closed`, or
        `unnamed`, of which nobody says any more who signs it.
        """
        self.absent.append({"what": what, "why": why})

    def seal(self, facts: Mapping[str, Any], public_key: str, sign: Callable[[bytes], bytes]) -> None:
        """End it: the instructions, the plain list of hashes, the key, and the signed manifest."""
        self.add("README.txt", _README.read_bytes())
        self.add("verify.py", Path(evidence.__file__).read_bytes())
        self.add("public_key.pem", _pem(public_key))
        self.add(_PLAIN, "".join(f"{one['sha256']}  {one['path']}\n" for one in self.files).encode())
        told = {"format": evidence.FORMAT, **facts, "public_key": public_key, "absent": self.absent}
        manifest = json.dumps({**told, "files": self.files}, ensure_ascii=False, indent=1).encode()
        for name, content in ((evidence.MANIFEST, manifest), (evidence.SIGNATURE, sign(manifest))):
            with self._zip.open(_info(name), "w") as target:
                target.write(content)


def _pieces(content: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    while piece := content.read(_PIECE):
        yield piece


def _info(path: str) -> zipfile.ZipInfo:
    """Without a time and without rights of its own."""
    info = zipfile.ZipInfo(path, _BEGINNING)
    info.compress_type = zipfile.ZIP_STORED if Path(path).suffix in _STORED else zipfile.ZIP_DEFLATED
    info.create_system, info.external_attr = 3, 0o644 << 16
    return info


def _pem(public_key: str) -> bytes:
    written = base64.b64encode(_KEY_INFO + base64.b64decode(public_key)).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{written}\n-----END PUBLIC KEY-----\n".encode()


class IndexPrint(Printed):
    """What is in the file and what is not, with the hash of each."""

    @classmethod
    def of(cls, facts: Mapping[str, Any], archive: Archive, as_of: date, language: str) -> "IndexPrint":
        """The index as facts: those of the loan or award, and what is in the archive by now."""
        listed = [{name: one[name] for name in ("path", "size", "sha256")} for one in archive.files]
        data = {"dated": as_of, **facts, "files": listed, "absent": list(archive.absent)}
        return cls("evidence.typ", data, language)


class ReceiptsPrint(Printed):
    """The receipts of many payments, a page for each, set in one run."""

    @classmethod
    def of(
        cls,
        fund: TrustFund,
        loan: Loan,
        repayments: Sequence[Repayment],
        borrower: Borrower,
        language: str,
        numbers: Mapping[UUID, str],
    ) -> "ReceiptsPrint":
        """The receipts as facts, each as it is printed alone; `numbers` are those of payments taken back."""
        receipts = [
            ReceiptPrint.of(
                fund, loan, one, borrower, language, numbers.get(one.reverses_id) if one.reverses_id else None
            )
            for one in repayments
        ]
        return cls(
            "receipts.typ",
            {
                "dated": repayments[-1].paid_on,
                "letterhead": fund.letterhead,
                "number": loan.number,
                "receipts": [{name: one.data[name] for name in one.data if name != "letterhead"} for one in receipts],
            },
            language,
        )
