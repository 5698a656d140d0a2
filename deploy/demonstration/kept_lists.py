"""The demonstration's centre and the list that its coordinator keeps and shares."""

from deploy.demonstration.accounts import CENTRE
from deploy.demonstration.speaker import Speaker

TOWNS = ["HN0601", "HN0607", "HN0609", "HN1701", "HN1702", "HN1703", "HN1706", "HN1707", "HN1709"]


def keep_lists(coordinator: Speaker) -> None:
    """A list of what is to be visited, shared with the centre of the Gulf."""
    known = coordinator.get("registry", "/centres")["items"]
    centre = known[0] if known else _open(coordinator)
    query = "municipality=HN17&validation=captured&sort=municipality"
    coordinator.post(
        "registry", "/saved-views", {"name": "Por verificar en Valle", "query": query, "centre_id": centre["id"]}
    )


def _open(coordinator: Speaker) -> dict[str, str]:
    opened: dict[str, str] = coordinator.post(
        "registry", "/centres", {"name": CENTRE, "country": "HN", "municipalities": TOWNS}
    )
    return opened
