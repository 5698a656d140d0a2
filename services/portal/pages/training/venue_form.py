"""A venue as it is typed: a few rooms, the hours with their places for children, a few who teach."""

from typing import Any

from services.portal.frame import Form

_FREE, _MOST = 3, 40


def rows_of(form: Form, kind: str) -> range:
    """The rows of rooms or facilitators in the form: those that have a name, and a few free ones."""
    named = [row for row in range(_MOST) if form.text(f"{kind}-{row}-name") or form.text(f"{kind}-{row}-trainer_id")]
    return range(min(max(named, default=-1) + 1 + _FREE, _MOST))


def venue_body(form: Form) -> dict[str, Any]:
    """What the API takes of the form; a row without a name is passed over."""
    slots = form.many("slots")
    care = [{"slot": slot, "places": form.integer(f"care-{slot}")} for slot in slots if form.text(f"care-{slot}")]
    return {
        "name": form.text("name"),
        "municipality": form.text("municipality"),
        "lon": _number(form.text("lon")),
        "lat": _number(form.text("lat")),
        "slots": slots,
        "rooms": [
            {"name": form.text(f"rooms-{row}-name"), "seats": form.integer(f"rooms-{row}-seats")}
            for row in range(_MOST)
            if form.text(f"rooms-{row}-name")
        ],
        "child_care": [one for one in care if one["places"] != 0],
        "facilitators": [_facilitator(form, row) for row in range(_MOST) if _is_told(form, row)],
    }


def begun_venue(venue: dict[str, Any]) -> Form:
    """The form of a venue as it is known."""
    values: dict[str, Any] = {name: venue[name] for name in ("name", "municipality", "lon", "lat", "slots", "version")}
    values |= {f"care-{slot}": places for slot, places in venue["child_care"].items()}
    for row, room in enumerate(venue["rooms"]):
        values |= {f"rooms-{row}-{name}": room[name] for name in ("name", "seats")}
    for row, one in enumerate(venue["facilitators"]):
        values |= {f"facilitators-{row}-{name}": one[name] for name in ("name", "topics", "languages")}
        values[f"facilitators-{row}-trainer_id"] = one.get("trainer_id")
        if set(one["slots"]) != set(venue["slots"]):
            values[f"facilitators-{row}-slots"] = one["slots"]
    return Form(values)


def _facilitator(form: Form, row: int) -> dict[str, Any]:
    told = {name: form.many(f"facilitators-{row}-{name}") for name in ("topics", "languages", "slots")}
    trainer_id = form.optional(f"facilitators-{row}-trainer_id")
    spoken = told["languages"] or ([] if trainer_id else ["es"])
    name = form.text(f"facilitators-{row}-name")
    return {"name": name, "trainer_id": trainer_id, **told, "languages": spoken}


def _is_told(form: Form, row: int) -> bool:
    return bool(form.text(f"facilitators-{row}-name") or form.text(f"facilitators-{row}-trainer_id"))


def _number(text: str) -> float | str | None:
    """The number, or the text as it is, so that the API says what is wrong with it."""
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        return text
