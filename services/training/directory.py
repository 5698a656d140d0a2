"""The names of women and enterprises, asked from the registry in the name of who looks, and kept nowhere; and where
somebody of the team works today, asked of the portal.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from shared.identity import Scope
from shared.web import Peers

_AT_ONCE = 100


class Directory:
    """The registry, which decides who may see a name, and the portal, as this service needs them."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    def with_names(self, rows: Sequence[dict[str, Any]], token: Callable[[], str]) -> list[dict[str, Any]]:
        """The rows, each with the woman's `name` and her enterprise's; None where the registry does not show them to
        this caller, or does not answer.
        """
        known = self._enterprises({row["enterprise_id"] for row in rows}, token)
        return [{**row, **_names(known.get(str(row["enterprise_id"]), {}), row["entrepreneur_id"])} for row in rows]

    def circumstances(
        self, women: Mapping[UUID, Sequence[int]], day: date, age_from: Sequence[int]
    ) -> list[dict[str, Any]] | None:
        """The sums of some amounts by age, people, language, disability and head of household, asked as the service;
        None where the registry does not answer, and of fewer women than it sums.
        """
        told = [{"id": str(woman), "amounts": list(amounts)} for woman, amounts in sorted(women.items())]
        asked = {"day": day.isoformat(), "age_from": list(age_from), "women": told}
        with self._peers.client("registry") as client:
            try:
                answer = client.post("/circumstances/sums", json=asked)
            except httpx.HTTPError:
                return None
        if answer.status_code != httpx.codes.OK:
            return None
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def fair_sums(self, fair_id: UUID, enterprise_ids: Iterable[UUID]) -> list[dict[str, Any]] | None:
        """What these enterprises sold at a fair and what the others did, as sums, asked as the service; None where the
        registry does not answer.
        """
        with self._peers.client("registry") as client:
            try:
                asked = {"enterprise_ids": sorted(map(str, enterprise_ids))}
                answer = client.post(f"/fairs/{fair_id}/sums", json=asked)
            except httpx.HTTPError:
                return None
        if answer.status_code != httpx.codes.OK:
            return None
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def scope_of(self, subject: str, roles: Collection[str]) -> Scope | None:
        """The territory of an account today, asked of the portal as the service: none where it is not active, has none
        of the roles, or is no account; None where the portal does not answer.
        """
        with self._peers.client("portal") as client:
            try:
                answer = client.get(f"/people/{subject}")
            except httpx.HTTPError:
                return None
        if answer.status_code == httpx.codes.NOT_FOUND:
            return Scope()
        if answer.status_code != httpx.codes.OK:
            return None
        person = answer.json()
        works = person["active"] and not frozenset(roles).isdisjoint(person["roles"])
        return Scope.of(*person["units"]) if works else Scope()

    def language_names(self, language: str) -> dict[str, str]:
        """The names of the languages women speak, by their codes; none where the registry does not answer."""
        with self._peers.client("registry") as client:
            try:
                answer = client.get("/lists/languages", headers={"Accept-Language": language})
            except httpx.HTTPError:
                return {}
        rows = answer.json()["items"] if answer.status_code == httpx.codes.OK else []
        return {row["code"]: row["name"] for row in rows}

    def _enterprises(self, ids: Iterable[UUID], token: Callable[[], str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        with self._peers.client("registry", token=token) as client:
            ordered = sorted(ids)
            for start in range(0, len(ordered), _AT_ONCE):
                batch = ordered[start : start + _AT_ONCE]
                asked: dict[str, str | int] = {"ids": ",".join(map(str, batch)), "limit": _AT_ONCE}
                try:
                    answer = client.get("/enterprises", params=asked)
                except httpx.HTTPError:
                    return found
                if answer.status_code == httpx.codes.OK:
                    found |= {row["id"]: row for row in answer.json()["items"]}
        return found


def _names(enterprise: dict[str, Any], woman: UUID) -> dict[str, str | None]:
    owners = {owner["id"]: owner for owner in enterprise.get("owners") or []}
    owner = owners.get(str(woman), {})
    name = " ".join(filter(None, (owner.get("given_names"), owner.get("surnames"))))
    return {"name": name or None, "enterprise_name": enterprise.get("name")}
