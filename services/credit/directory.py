"""What is asked from the registry at the moment it is needed: names for the documents we print, kept nowhere else, and
whose a business plan is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
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


@dataclass(frozen=True)
class BusinessPlan:
    """A version of a business plan that is ready: whose, and what the registry calls it."""

    enterprise_id: UUID
    label: str


@dataclass(frozen=True)
class Guarantors:
    """Who signs beside the borrower: those put into the file and the members of her group, by guarantee and by
    enterprise.
    """

    people: Mapping[UUID, Owner]
    members: Mapping[UUID, tuple[Owner, ...]]


Names = Callable[[UUID], Borrower]
People = Callable[[UUID], Owner | None]
BusinessPlans = Callable[[UUID], BusinessPlan | None]
NOBODY = Borrower("", ())


def asked(names: Names, enterprise_ids: Iterable[UUID]) -> Names:
    """Names that know these enterprises already, and ask for any other."""
    known = cache(names)
    for enterprise_id in enterprise_ids:
        known(enterprise_id)
    return known


class Directory:
    """The registry as this service needs it."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    def borrower(self, enterprise_id: UUID) -> Borrower:
        """Who stands behind an enterprise; nobody where she withdrew. Refuses while the registry does not answer."""
        row = self._asked(f"/enterprises/{enterprise_id}")
        return NOBODY if row is None else _borrower(row)

    def business_plan(self, plan_id: UUID) -> BusinessPlan | None:
        """A business plan that lenders may see: ready, of who shares her record for credit; None of any other. Refuses
        while the registry does not answer.
        """
        row = self._asked(f"/business-plans/{plan_id}")
        if row is None or row["state"] != "ready":
            return None
        return BusinessPlan(UUID(row["enterprise_id"]), str(row["label"])[:200])

    def person(self, entrepreneur_id: UUID) -> Owner | None:
        """A woman of the registry; None where it knows her no more. Refuses while the registry does not answer."""
        row = self._asked(f"/entrepreneurs/{entrepreneur_id}")
        known = None if row is None else _owner(row)
        return known if known and known.name else None

    def _asked(self, path: str) -> dict[str, Any] | None:
        """What stands under a path of the registry; None where nothing does, or nothing more."""
        try:
            with self._peers.client("registry") as client:
                answer = client.get(path)
        except httpx.HTTPError as error:
            raise Refused("registry.away") from error
        if answer.status_code in {404, 410}:
            return None
        if answer.status_code != httpx.codes.OK:
            raise Refused("registry.away")
        row: dict[str, Any] = answer.json()
        return row


def _borrower(row: dict[str, Any]) -> Borrower:
    return Borrower(
        enterprise=str(row.get("name") or ""),
        owners=tuple(owner for owner in map(_owner, row.get("owners") or []) if owner.name),
    )


def _owner(row: dict[str, Any]) -> Owner:
    name = " ".join(filter(None, (row.get("given_names"), row.get("surnames"))))
    return Owner(name, " ".join(filter(None, ((row.get("id_kind") or "").upper(), row.get("id_number")))))
