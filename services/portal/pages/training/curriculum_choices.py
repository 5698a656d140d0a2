"""What is chosen from lists beside curricula: groups, their women, the curriculum of a group and its modules."""

from typing import Any
from uuid import UUID

from services.portal.clients import Client
from services.portal.frame import _
from services.portal.pages.registry.codes import listed
from services.portal.pages.training.curriculum_words import VOICES


def group_choices(client: Client) -> list[tuple[str, str]]:
    """The groups whose training goes on."""
    found = client.get("/groups", {"limit": 200, "ended": "false"}).rows
    return [(row["id"], f"{row['number']}. {row['name']}") for row in found]


def woman_choices(group: dict[str, Any]) -> list[tuple[str, str]]:
    """The women of a group, by the names that are shown to her."""
    return [
        (one["entrepreneur_id"], one["name"] or _("Woman %(number)s", number=one["entrepreneur_id"][-6:]))
        for one in group["members"]
    ]


def of_group(client: Client, group_id: UUID) -> dict[str, Any]:
    """What the page of a group shows of its curriculum, and which it may choose."""
    chosen = client.get(f"/groups/{group_id}/curriculum")["curriculum"]
    offered = [row for row in client.get("/curricula", {"limit": 200}).rows if row["offered"]]
    known = chosen["version_id"] if chosen else None
    return {
        "curriculum": chosen,
        "versions": [
            (
                row["offered"]["id"],
                _("%(title)s, version %(number)s", title=row["title"], number=row["offered"]["number"]),
            )
            for row in offered
            if row["offered"]["id"] != known
        ],
        "VOICES": VOICES,
        "say_all": listed,
    }


def modules_to_teach(client: Client, group_id: UUID) -> list[tuple[str, str]]:
    """The modules that a session of the group may teach now."""
    chosen = client.get(f"/groups/{group_id}/curriculum")["curriculum"]
    return (
        [(one["id"], f"{one['position']}. {one['title']}") for one in chosen["modules"]]
        if chosen and chosen["taught"]
        else []
    )
