"""Names for the documents we print, asked from the registry at that moment and kept nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from shared.kernel import Refused
from shared.web import Peers


@dataclass(frozen=True)
class Owner:
    """A woman's name and her identity document, its kind before its number."""

    name: str
    document: str


@dataclass(frozen=True)
class Borrower:
    """An enterprise and its owners as a document names them; empty when the registry knows them no more."""

    enterprise: str
    owners: tuple[Owner, ...]

    @property
    def name(self) -> str:
        """The owners, or the enterprise where no owner is named."""
        return ", ".join(owner.name for owner in self.owners) or self.enterprise


Names = Callable[[UUID], Borrower]
NOBODY = Borrower("", ())


class Directory:
    """The registry as this service needs it."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    def borrower(self, enterprise_id: UUID) -> Borrower:
        """Who stands behind an enterprise; nobody where she withdrew. Refuses while the registry does not answer."""
        try:
            with self._peers.client("registry") as client:
                answer = client.get(f"/enterprises/{enterprise_id}")
        except httpx.HTTPError as error:
            raise Refused("registry.away") from error
        if answer.status_code in {404, 410}:
            return NOBODY
        if answer.status_code != httpx.codes.OK:
            raise Refused("registry.away")
        return _borrower(answer.json())


def _borrower(row: dict[str, Any]) -> Borrower:
    return Borrower(
        enterprise=str(row.get("name") or ""),
        owners=tuple(owner for owner in map(_owner, row.get("owners") or []) if owner.name),
    )


def _owner(row: dict[str, Any]) -> Owner:
    name = " ".join(filter(None, (row.get("given_names"), row.get("surnames"))))
    return Owner(name, " ".join(filter(None, ((row.get("id_kind") or "").upper(), row.get("id_number")))))
