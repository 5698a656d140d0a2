"""The steps by which an enterprise becomes formal, and when it is."""

from collections.abc import Mapping

STEPS = ("tax_id", "municipal_licence", "sanitary_registration", "trademark")
STATES = ("none", "under_way", "done", "not_needed")

_DECISIVE = ("tax_id", "municipal_licence")


def formal_by(states: Mapping[str, str]) -> bool | None:
    """Whether an enterprise is formal by what is known of its steps: with its tax number and its municipal licence (or
    without need of them). None where one of the two is not known.
    """
    told = [states[step] for step in _DECISIVE if step in states]
    if len(told) < len(_DECISIVE):
        return None
    return all(state in {"done", "not_needed"} for state in told)
