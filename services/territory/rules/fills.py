"""The colours and patterns of maps: ordered in lightness, told apart by the colour-blind, and in grey."""

import re
from collections.abc import Iterable, Sequence

INK = "#3b2a30"
WORDS = "currentColor"
"""Of what is written on the ground of a page, dark or light; black where a drawing stands alone."""
NOTHING = "#f6f2ec"
NO_DATA = "#e3e3e8"
SUPPRESSED = "url(#few)"
RAMP = ("#e7dcf3", "#c9aee4", "#a57fcd", "#7d4fae", "#542b82")
"""From few to many."""
INCREASES = ("#d3bfe8", "#9870c4", "#542b82")
DECREASES = ("url(#fall1)", "url(#fall2)", "url(#fall3)")
"""Lines across tell a decrease from an increase of the same lightness."""
PAIRS = (
    ("#eeebe8", "#a9d3d0", "#3f9c98"),
    ("#d9b8d8", "#9a9cc3", "#3f6f98"),
    ("#b35fa5", "#7d4f97", "#2c2f73"),
)
"""Rows: the second figure ascending; columns: the first."""
HIGH, LOW, OUT_HIGH, OUT_LOW, PLAIN = "url(#hh)", "url(#ll)", "url(#hl)", "url(#lh)", "#f6f2ec"
"""Of a local pattern: high among high, low among low, high among low, low among high, none."""
KINDS = ("#542b82", "url(#k1)", "url(#k2)", "url(#k3)", "url(#k4)", "url(#k5)", "url(#k6)", "url(#k7)")
"""Of categories without an order; the first needs no pattern."""
BUBBLE = "#7d4fae"
FLOW = "#0b5563"
"""Of lines: told apart from every class of the ground they cross."""
_MARKS = {
    "across": ("0", "M0 4h8"),
    "upright": ("0", "M4 0v8"),
    "rising": ("45", "M0 0v8"),
    "falling": ("-45", "M0 0v8"),
    "grid": ("0", "M0 4h8M4 0v8"),
    "dots": ("0", "M4 4h.01"),
    "dense": ("45", "M0 2h8M0 6h8"),
}
_PATTERNS = {
    "few": ("#f1ece6", "#a08d83", "rising", 4),
    "fall1": ("#f8d9b0", "#b5651d", "across", 1),
    "fall2": ("#e59a4e", "#6b3503", "across", 1.5),
    "fall3": ("#a1500c", "#ffe3bf", "across", 1.5),
    "hh": ("#542b82", "#ffffff", "dots", 2.5),
    "ll": ("#cfe3e6", "#0b5563", "across", 1.5),
    "hl": ("#c9aee4", "#542b82", "rising", 2),
    "lh": ("#3f9c98", "#ffffff", "falling", 1.5),
    "k1": ("#e59a4e", "#6b3503", "across", 1.5),
    "k2": ("#3f9c98", "#ffffff", "dots", 3),
    "k3": ("#e7dcf3", "#542b82", "rising", 1.5),
    "k4": ("#f3d96b", "#6b5200", "upright", 1.5),
    "k5": ("#2c2f73", "#ffffff", "falling", 1.5),
    "k6": ("#d9b8d8", "#7a2e63", "grid", 1.2),
    "k7": ("#bcd7a5", "#2f5a1c", "dense", 1.2),
}
_USED = re.compile(r"url\(#(\w+)\)")


def spread(ramp: Sequence[str], number: int) -> list[str]:
    """`number` colours of a ramp, as far apart as they can be; between its own where it has too few."""
    if number <= 1:
        return [ramp[len(ramp) // 2]] * number
    return [_between(ramp, place * (len(ramp) - 1) / (number - 1)) for place in range(number)]


def definitions(fills: Iterable[str]) -> str:
    """The `<defs>` of the patterns among `fills`; nothing where there are none."""
    used = sorted({found[1] for fill in fills if (found := _USED.match(fill))})
    return f"<defs>{''.join(map(_pattern, used))}</defs>" if used else ""


def _pattern(name: str) -> str:
    ground, line, mark, width = _PATTERNS[name]
    turn, path = _MARKS[mark]
    turned = f' patternTransform="rotate({turn})"' if turn != "0" else ""
    return (
        f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse"{turned}>'
        f'<rect width="8" height="8" fill="{ground}"/>'
        f'<path d="{path}" stroke="{line}" stroke-width="{width}" stroke-linecap="round"/></pattern>'
    )


def _between(ramp: Sequence[str], place: float) -> str:
    below = min(int(place), len(ramp) - 1)
    part = place - below
    if part < 1e-9:
        return ramp[below]
    one, other = (tuple(bytes.fromhex(ramp[index][1:])) for index in (below, below + 1))
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(one, other, strict=True))
