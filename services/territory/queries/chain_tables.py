"""The chain map as a table to take away: a row for each link of each chain, exactly what the page shows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from services.territory.queries.choropleths import Speak
from shared.events.vocabulary import SUBJECTS
from shared.kernel import CURRENCIES
from shared.spreadsheets import Sheet

_SHOWN = ("enterprises", "jobs_women", "jobs_men", "women_share")
_OF_SALES = ("low", "middle", "high", "known")
COLUMNS = (
    *("chain", "link", "needed", "state", *_SHOWN),
    *(f"sales_{name}_{currency}" for currency in CURRENCIES for name in _OF_SALES),
    *(f"{subject}_{name}" for subject in SUBJECTS for name in ("mean", "low", "high", "known")),
    *("balance", "bottleneck", "narrow", "inputs_without_seller", "reasons"),
)


def as_sheet(rows: Iterable[dict[str, Any]], title: str, speak: Speak) -> Sheet:
    """A row for each link; the chain and the link stay in sight."""
    heads = [_head(name, speak) for name in COLUMNS]
    return Sheet(speak("chain_map.sheet"), heads, list(_lines(rows, speak)), title=title, kept=2)


def _head(name: str, speak: Speak) -> str:
    if name.startswith("sales_"):
        _, limit, currency = name.split("_")
        return speak("column.sales", limit=speak(f"limit.{limit}"), currency=currency)
    subject, _, limit = name.rpartition("_")
    if subject in SUBJECTS:
        return speak("column.level", subject=speak(f"subject.{subject}"), limit=speak(f"limit.{limit}"))
    return speak(f"column.{name}")


def _lines(rows: Iterable[dict[str, Any]], speak: Speak) -> Iterator[Sequence[Any]]:
    for chain in rows:
        for link in chain["links"]:
            yield _line(chain["name"], link, speak)


def _line(chain: str, link: dict[str, Any], speak: Speak) -> list[Any]:
    sales = {one["low"].currency: one for one in link["sales"]}
    answer = {True: speak("answer.yes"), False: ""}
    amounts = [sales.get(currency, {}).get(name) for currency in CURRENCIES for name in _OF_SALES]
    lacking = [one["name"] for one in link["inputs"] if not one["sellers"]]
    return [
        chain,
        speak(f"link.{link['link']}"),
        answer[link["needed"]],
        speak(f"state.{link['state']}"),
        *(link[name] for name in _SHOWN),
        *(amount.minor / 100 if hasattr(amount, "minor") else amount for amount in amounts),
        *(level[name] for level in link["levels"] for name in ("mean", "low", "high", "known")),
        link["balance"],
        answer[link["bottleneck"]],
        answer[link["narrow"]],
        ", ".join(lacking),
        " ".join(link["reasons"]),
    ]
