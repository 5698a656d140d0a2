"""The pages below an address, crawled by a person of the demonstration as a stranger would: by the links she sees."""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from tests.portal.conftest import token_in

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "path", "source"}
_PRESSED = {"a", "button"}


@dataclass
class Pressed:
    """A link or a button of the content: what a screen reader says of it, and what it leads to."""

    kind: str
    leads_to: str
    words: str = ""


class Read(HTMLParser):
    """What stands in the content of a page: its texts one by one, its links and its buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.pressed: list[Pressed] = []
        self._open: list[tuple[str, bool]] = []
        self._form, self._now = "", None  # type: str, Pressed | None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append((tag, given.get("aria-hidden") == "true"))
        if not self._inside("main"):
            return
        if tag == "form":
            self._form = given.get("action", "")
        elif tag == "input" and given.get("type") == "hidden" and given.get("name") not in {"csrf_token", "key"}:
            self._form += f"&{given.get('name')}={given.get('value')}"
        elif tag in _PRESSED:
            pressed = given.get("href", "") if tag == "a" else f"{self._form}&{given.get('name')}={given.get('value')}"
            self._now = Pressed(tag, pressed, given.get("aria-label", ""))
            self.pressed.append(self._now)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in _PRESSED:
            self._now = None
        elif tag == "form":
            self._form = ""

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text or not self._inside("main") or any(tag in {"script", "style"} for tag, _ in self._open):
            return
        self.texts.append(text)
        if self._now is not None and not any(hidden for _, hidden in self._open):
            self._now.words = f"{self._now.words} {text}".strip()

    def _inside(self, tag: str) -> bool:
        return any(one == tag for one, _ in self._open)

    def links(self) -> Iterator[str]:
        return (one.leads_to for one in self.pressed if one.kind == "a")

    def alike(self) -> list[str]:
        """What is said of two links, or of two buttons, that do not lead to the same."""
        led: dict[tuple[str, str], set[str]] = {}
        for one in self.pressed:
            led.setdefault((one.kind, one.words), set()).add(one.leads_to.partition("#")[0])
        return [f"{kind} {words!r}" for (kind, words), ways in led.items() if len(ways) > 1]


@dataclass
class Visit:
    """A page as somebody saw it."""

    pattern: str
    path: str
    username: str
    answer: httpx.Response
    read: Read | None = None


@dataclass
class Crawler:
    """Follows links below `start`, breadth first: of each pattern of address the first few."""

    routes: MapAdapter
    start: str
    visits: list[Visit] = field(default_factory=list)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    """By user name, what her browser would hold."""

    def crawl(self, client: httpx.Client, username: str, each: int) -> None:
        """Everything `username`, signed in, gets to from the start, `each` of a pattern; a file that somebody fetched is
        not fetched again.
        """
        self.cookies[username] = dict(client.cookies)
        waiting, met, counted = deque([self.start]), {self.start}, dict[str, int]()
        while waiting:
            path = waiting.popleft()
            pattern = self.pattern_of(path)
            counted[pattern] = counted.get(pattern, 0) + 1
            if counted[pattern] > each or self._is_file(pattern):
                continue
            visit = Visit(pattern, path, username, client.get(path))
            self.visits.append(visit)
            if visit.answer.headers["content-type"].startswith("text/html"):
                visit.read = Read(visit.answer.text)
                for link in visit.read.links():
                    target = urlsplit(urljoin(path, link))
                    there = target.path + (f"?{target.query}" if target.query else "")
                    if target.path.startswith(self.start) and there not in met:
                        met.add(there)
                        waiting.append(there)

    def pattern_of(self, path: str) -> str:
        """The route that answers an address, with the names of what is asked."""
        address, _, query = path.partition("?")
        try:
            rule, _values = self.routes.match(address, method="GET", return_rule=True)
        except HTTPException:
            return f"no route: {address}"
        names = sorted({pair.partition("=")[0] for pair in query.split("&") if pair})
        return f"{rule}?{'&'.join(names)}" if names else str(rule)

    def _is_file(self, pattern: str) -> bool:
        return any(
            visit.pattern == pattern and visit.read is None and visit.answer.status_code == 200 for visit in self.visits
        )

    def by_pattern(self) -> Mapping[str, Visit]:
        """One visit of each route that is a page."""
        found: dict[str, Visit] = {}
        for visit in self.visits:
            if visit.read is not None and visit.answer.status_code == 200:
                found.setdefault(visit.pattern.partition("?")[0], visit)
        return found


@contextmanager
def signed_in(address: str, username: str, password: str) -> Iterator[httpx.Client]:
    """A client that keeps the cookies of her session and reads Spanish."""
    with httpx.Client(base_url=address, timeout=30, headers={"Accept-Language": "es"}) as client:
        given = {"csrf_token": token_in(client.get("/sign-in").text), "username": username, "password": password}
        assert client.post("/sign-in", data=given).status_code == 303
        yield client
