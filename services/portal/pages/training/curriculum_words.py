"""The words of curricula, strategies and asked subjects, and how materials are typed and read back."""

from collections.abc import Sequence
from typing import Any

from flask import g

from services.portal.clients import api
from services.portal.frame import _
from services.portal.pages.registry.codes import CHAINS, listed, said
from services.portal.pages.training.round_words import FAMILIES

VERSION_STATES = {
    "draft": ("Draft", ""),
    "proposed": ("Proposed, to be accepted", "accent"),
    "accepted": ("Accepted by the three", "good"),
    "in_use": ("In use", "good"),
    "replaced": ("Replaced by a later one", ""),
    "withdrawn": ("Withdrawn", "bad"),
}
VOICES = {"expert": "Expert", "teacher": "Teacher", "entrepreneur": "Entrepreneur"}
CONTRIBUTION_STATES = {
    "open": ("Waits for an answer", "warn"),
    "taken_up": ("Taken up", "good"),
    "declined": ("Not taken up", ""),
}
CURRICULUM_LINKS = {
    "valid": ("It works", "good"),
    "expired": ("Its time is over", ""),
    "revoked": ("Link taken back", "bad"),
}
ASKED_SOURCES = {
    "session": "In a session",
    "survey": "In a survey",
    "visit": "On a visit",
    "link": "Through her link",
    "other": "Otherwise",
}
ASKED_STATES = {
    "asked": ("Waits for an answer", "warn"),
    "taken_up": ("Taken up", "good"),
    "declined": ("Not taken up", ""),
}
_ANY = "Any enterprise"


def kind_name(kind: str) -> str:
    """What a curriculum or strategy is for: a chain, a family of chains, or any enterprise, in words."""
    if kind == "any":
        return _(_ANY)
    if kind.startswith("family:"):
        return said(FAMILIES, kind.removeprefix("family:"))
    return said(CHAINS, kind)


def kind_choices() -> list[tuple[str, Any]]:
    """Kinds of enterprises to choose from, the wide ones first."""
    families = [(f"family:{code}", said(FAMILIES, code)) for code in FAMILIES]
    chains = [(code, said(CHAINS, code)) for code in CHAINS]
    return [("any", _(_ANY)), (_("Families of chains"), families), (_("Value chains"), chains)]


def strategy_place(unit: str = "") -> str:
    """Where strategies are looked up: that place where it is of her territory, or the first place of her own in it; ""
    where she has none.
    """
    scope = g.me.scope
    if unit and scope.covers(unit):
        return unit
    mine = sorted(own for own in scope.units if own.startswith(unit))
    return "HN" if mine == ["*"] else next(iter(mine), "")


def curriculum_words(*, as_portal: bool = False) -> dict[str, Any]:
    """What the templates of curricula say codes with; topics, languages, methods and forms by the API's names."""
    found = api("training", as_portal=as_portal).get("/curricula/choices")
    named = {kind: {one["code"]: one["name"] for one in found[kind]} for kind in found}
    return {
        **{f"{kind}_named": names for kind, names in named.items()},
        **{f"{kind}_choices": list(names.items()) for kind, names in named.items()},
        "need_of": {one["code"]: one["need"] for one in found["topics"]},
        "VERSION_STATES": VERSION_STATES,
        "VOICES": VOICES,
        "CONTRIBUTION_STATES": CONTRIBUTION_STATES,
        "CURRICULUM_LINKS": CURRICULUM_LINKS,
        "kind_name": kind_name,
        "kind_choices": kind_choices,
        "say_all": listed,
        "SOURCES": ASKED_SOURCES,
        "ASKED_STATES": ASKED_STATES,
        "names_of": lambda kind, codes: ", ".join(named[kind].get(code, code) for code in codes),
    }


def on_shelf(material: dict[str, Any]) -> str:
    """Where somebody of the team reads a material of the library."""
    return f"/training/library/{material['id']}"


def on_open_shelf(material: dict[str, Any]) -> str:
    """Where anybody reads it; "" where it is not for everybody."""
    if not material["public"]:
        return ""
    return f"/library/{material['id']}/file" if material["file_number"] else material["link"] or ""


def where_read(material: dict[str, Any]) -> str:
    """Where somebody who may read it does: in the open library, or in that of the team."""
    return on_open_shelf(material) or on_shelf(material)


def shelf_choices(named: Sequence[dict[str, Any]] = ()) -> list[tuple[str, str]]:
    """Materials of the library to choose from, those that are `named` already first."""
    known = {one["id"]: one["title"] for one in named}
    known |= {one["id"]: one["title"] for one in api("training").get("/library", {"limit": 100}).rows}
    return list(known.items())


def materials_of(text: str) -> list[dict[str, str]]:
    """A material of each line that has something: its name, then its address; without an address, what stands there."""
    found = []
    for line in text.splitlines():
        title, _space, link = line.strip().rpartition(" ")
        if title or link:
            found.append({"title": title.strip(" -:·") or link[:200], "link": link})
    return found


def materials_text(links: Sequence[dict[str, str]]) -> str:
    """The same, to be changed."""
    return "\n".join(f"{one['title']} {one['link']}" for one in links)
