"""The person at the other end: her session cookie, who she is, and where she may be sent."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlsplit
from uuid import UUID

from flask import Response, abort, current_app, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from services.portal.frame import csrf
from services.portal.models import Account
from services.portal.use_cases.sign_in import find_session, renew_session
from shared.database import Database
from shared.identity import Caller, Scope

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Person:
    """Who is signed in, as of this request."""

    id: UUID
    username: str
    name: str
    roles: tuple[str, ...]
    scope: Scope
    centre: str
    seat: str | None
    language: str
    must_change_password: bool
    version: int
    caller: Caller

    @classmethod
    def of(cls, account: Account) -> "Person":
        return cls(
            id=account.id,
            username=account.username,
            name=account.name,
            roles=tuple(account.roles),
            scope=Scope(frozenset(account.units)),
            centre=account.centre,
            seat=account.seat,
            language=account.language,
            must_change_password=account.must_change_password,
            version=account.version,
            caller=account.caller,
        )

    def has(self, *roles: str) -> bool:
        """Whether she carries at least one of `roles`."""
        return self.caller.has(*roles)

    @property
    def initials(self) -> str:
        words = [word for word in self.name.split() if word[0].isupper()] or self.name.split() or ["?"]
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def given_name(self) -> str:
        """How she is greeted: the first of her names."""
        return self.name.split()[0] if self.name.split() else self.username

    @property
    def country(self) -> str | None:
        """The country she works in, when it is one."""
        countries = {unit[:2] for unit in self.scope.units}
        return countries.pop() if len(countries) == 1 and "*" not in countries else None


def cookie_name() -> str:
    return "__Host-csem" if current_app.config["SESSION_COOKIE_SECURE"] else "csem"


def recognise() -> None:
    """Find out, before each request, who sends it; a visitor without a cookie gets one, for her forms."""
    g.me, g.cookie, g.cookie_is_new = None, request.cookies.get(cookie_name(), ""), False
    if len(g.cookie) != 43:
        g.cookie, g.cookie_is_new = secrets.token_urlsafe(32), True
        return
    database: Database = current_app.extensions["database"]
    with database.reading() as session:
        found = find_session(session, g.cookie)
        if found is None:
            return
        account, renew = found
        g.me = Person.of(account)
    if renew:
        with database.transaction() as session:
            renew_session(session, token=g.cookie)


def take_cookie(token: str) -> None:
    """From now on the browser is known by `token`: a new one at every sign-in and sign-out."""
    g.cookie, g.cookie_is_new = token, True


def give_cookie(response: Response) -> Response:
    if g.get("cookie_is_new"):
        response.set_cookie(
            cookie_name(),
            g.cookie,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            path="/",
        )
    return response


def me() -> Person:
    """Who is signed in; only for pages that are `for_roles` or `signed_in`."""
    person: Person = g.me
    return person


def for_roles(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R | AnyResponse]]:
    """The page is for people with one of `roles` (none named: for everybody signed in); others get a 403 page, and
    who is not signed in is asked to.
    """

    def guard(view: Callable[P, R]) -> Callable[P, R | AnyResponse]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | AnyResponse:
            if g.me is None and request.method != "GET":
                raise csrf.Expired  # the page for it keeps what she typed
            if g.me is None:
                return to_sign_in()
            if roles and not g.me.has(*roles):
                abort(403)
            return view(*args, **kwargs)

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return guard


signed_in: Callable[[Callable[..., Any]], Callable[..., Any]] = for_roles()


def to_sign_in() -> AnyResponse:
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect("/sign-in" if here == "/" else f"/sign-in?next={quote(here, safe='/')}", 303)


def safe_next(wanted: str | None, otherwise: str = "/") -> str:
    """`wanted` when it is a path of this site, `otherwise` for anything else: nobody is sent to a stranger."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted:
        return otherwise
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or not wanted.isprintable():
        return otherwise
    return wanted
