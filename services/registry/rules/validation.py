"""Who may say how far a record is checked."""

BY_COORDINATOR = frozenset({"validated", "rejected"})
"""Valid or not is the coordinator's alone to say, and to take back."""

_LOWERED = {"validated": "verified", "rejected": "captured"}


def may_judge(wanted: str, now: str, *, coordinates: bool) -> bool:
    """Whether a record that stands at `now` may be set to `wanted`."""
    return coordinates or BY_COORDINATOR.isdisjoint({wanted, now})


def as_brought_in(wanted: str, now: str, *, coordinates: bool) -> str:
    """What a field form sets a record to: what it says, or what the one who brings it in may say herself."""
    lowered = wanted if coordinates else _LOWERED.get(wanted, wanted)
    return lowered if may_judge(lowered, now, coordinates=coordinates) else now
