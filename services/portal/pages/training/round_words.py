"""The words of rounds and placements: hours, reasons why a woman is left out, what would place more, conditions."""

from collections.abc import Mapping, Sequence
from typing import Any

from babel.dates import get_day_names
from flask import g

from services.portal.clients import Answer, api
from services.portal.frame import _
from services.portal.pages.registry.codes import CHAINS, said

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HALVES = {"am": "morning", "pm": "afternoon"}
FAMILIES = {"farming": "Farming and fishing", "making": "Making things", "serving": "Trade and services"}
ORIGINS = {
    "profile": "She said it",
    "loan": "The appraisal of her loan",
    "level": "Her profile shows it",
    "gap": "A gap of the territory",
}
REASONS = {
    "no_place": "Where she lives is not known",
    "no_need": "She needs nothing that the round teaches",
    "too_far": "No venue in her reach",
    "no_slot": "No venue is open when she can come",
    "no_facilitator": "Nobody teaches what she needs there and then",
    "no_language": "Nobody teaches it in a language of hers",
    "no_child_care": "No room for her children",
    "together": "Those who come with her do not fit",
    "displaced": "She would take the place of others",
    "capacity": "The groups she could be in are full",
    "no_cohort": "Too few women like her",
    "by_hand": "Taken out by hand",
}
_WHY = {
    "no_place": "Her point is missing, and too few points are known in her municipality.",
    "no_need": "None of her needs is among the topics of the round.",
    "too_far": "The nearest venue, %(venue)s, is %(km)s km away.",
    "no_slot": "None of the venues in her reach is open at an hour of hers.",
    "no_facilitator": "Nobody teaches it where and when she can come: %(topics)s.",
    "no_language": "It is taught there and then, but in no language of hers: %(languages)s.",
    "no_child_care": "Children who need care: %(children)s. Places where she could learn: %(places)s at most.",
    "together": "Who comes with her can be in no group with her.",
    "displaced": "%(venue)s, %(slot)s, %(topic)s could take her only if somebody else left it.",
    "capacity": "Full, with no room or facilitator for a further group: %(holders)s.",
    "no_cohort": "Missing for a group at %(venue)s, %(slot)s, %(topic)s: %(more)s.",
    "by_hand": "%(by)s took her out.",
}
_CHANGES = {
    "slot": "Open %(venue)s on %(slot)s",
    "facilitator": "One more facilitator at %(venue)s for %(topic)s (%(language)s)",
    "child_care": "%(places)s more places for children at %(venue)s on %(slot)s",
    "room": "One more room at %(venue)s with %(seats)s seats",
    "reach": "Let women travel %(km)s km farther",
    "minimum": "Groups from %(women)s women on",
}


def slot_name(slot: str) -> str:
    """`sat-am` as people say it: Saturday morning."""
    day, _sep, half = slot.partition("-")
    if day not in _DAYS or half not in _HALVES:
        return slot
    name = get_day_names("wide", locale=g.language)[_DAYS.index(day)]
    return f"{name} ({_('morning') if half == 'am' else _('afternoon')})"


def slot_choices(slots: Sequence[str]) -> list[tuple[str, str]]:
    return [(slot, slot_name(slot)) for slot in slots]


def choices_of_rounds() -> Answer:
    """Topics and languages with their names in the reader's language, hours, and the policy in force."""
    found = api("training").get("/rounds/choices")
    for kind in ("topics", "languages"):
        found[f"{kind}_named"] = {one["code"]: one["name"] for one in found[kind]}
    return found


def type_name(type_: str) -> str:
    """A chain, or a family of chains, in words."""
    if type_.startswith("family:"):
        return said(FAMILIES, type_.removeprefix("family:"))
    return said(CHAINS, type_)


def why(row: Mapping[str, Any], shown: Mapping[str, Any], choices: Mapping[str, Any]) -> str:
    """The one reason why a woman is left out, with the facts that prove it."""
    facts = row["facts"]
    if row["reason"] == "too_far" and not facts.get("venue"):
        return _("There is no venue.")
    return _(_WHY[row["reason"]], **_told(facts, shown, choices))


def change(row: Mapping[str, Any], shown: Mapping[str, Any], choices: Mapping[str, Any]) -> str:
    """What could be changed, in words."""
    return _(_CHANGES[row["change"]], **_told(row["facts"], shown, choices))


def _told(facts: Mapping[str, Any], shown: Mapping[str, Any], choices: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as they are read: names of venues, hours and topics in place of codes; kilometres of metres."""
    told = dict(facts)
    names = {venue["id"]: venue["name"] for venue in shown["asked"]["venues"]}
    topics, languages = choices["topics_named"], choices["languages_named"]
    if "venue" in told:
        told["venue"] = names.get(str(told["venue"]).partition("@")[0], told["venue"])
    if "slot" in told:
        told["slot"] = slot_name(told["slot"])
    if "topic" in told:
        told["topic"] = topics.get(told["topic"], told["topic"])
    if "language" in told:
        told["language"] = languages.get(told["language"], told["language"])
    if "metres" in told:
        told["km"] = round(told["metres"] / 1000, 1)
    for name, words in (("topics", topics), ("languages", languages)):
        if name in told:
            told[name] = ", ".join(words.get(code, code) for code in told[name])
    if "holders" in told:
        told["holders"] = ", ".join(dict.fromkeys(_holder(one, names) for one in told["holders"]))
    return told


def _holder(told: str, names: Mapping[str, str]) -> str:
    venue, _sep, rest = told.partition("/")
    slot, _sep, room = rest.partition("/")
    return f"{names.get(venue.partition('@')[0], venue)}, {slot_name(slot)}, {room}"
