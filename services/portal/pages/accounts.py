"""Administration of accounts: who may do what, and where."""

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request

from services.portal import queries
from services.portal.frame import Form, _, for_roles, me, sentence, words
from services.portal.models import PERSON_ROLES, SEATS
from services.portal.pages.credit.seats import seats_of
from services.portal.use_cases.change_account import change_account, reset_password
from services.portal.use_cases.open_account import open_account
from shared import history, places
from shared.database import Database
from shared.kernel import Invalid, NotFound, Refused

blueprint = Blueprint("pages_accounts", __name__, url_prefix="/accounts")
_PAGE = 50


@blueprint.get("")
@for_roles("admin")
def listed() -> Any:
    """Accounts by user name, with filters."""
    role = request.args.get("role", "")
    active = {"yes": True, "no": False}.get(request.args.get("active", ""))
    filters = {"q": request.args.get("q", "")[:100], "role": role if role in PERSON_ROLES else None, "active": active}
    with _database().reading() as session:
        page = queries.list_accounts(session, filters=filters, limit=_PAGE, after=request.args.get("after"))
    return render_template("accounts/list.html", page=page, filters=Form(request.args), roles=_roles())


@blueprint.get("/new")
@for_roles("admin")
def opening() -> Any:
    """The form for a new account."""
    return _form("accounts/new.html", Form({"language": "es"}))


@blueprint.post("/new")
@for_roles("admin")
def opened() -> Any:
    """Open the account and show its first password, once."""
    typed = Form(request.form)
    _require_texts(typed, "name", "username")
    if not typed.errors:
        try:
            with _database().transaction() as session:
                account, password = open_account(
                    session,
                    me().caller,
                    username=typed.text("username").casefold(),
                    language="en" if typed.text("language") == "en" else "es",
                    **_facts(typed),
                )
        except Refused as refused:
            _tell(typed, refused)
        else:
            return render_template("accounts/first_password.html", account=account, password=password, is_new=True)
    return _form("accounts/new.html", typed), 422


@blueprint.get("/<uuid:account_id>")
@for_roles("admin")
def show(account_id: UUID) -> Any:
    """One account and what was done to it."""
    with _database().reading() as session:
        account = queries.find_account(session, account_id)
        entries = history.of(session, account_id)[::-1]
        names = queries.names_of(session, {entry["caller"] for entry in entries})
    seats = seats_of(str(account_id)) if account["seat"] or "committee_member" in account["roles"] else []
    return render_template("accounts/show.html", account=account, entries=entries, names=names, told=_told, seats=seats)


@blueprint.get("/<uuid:account_id>/change")
@for_roles("admin")
def changing(account_id: UUID) -> Any:
    """The form with what the account says today."""
    with _database().reading() as session:
        account = queries.find_account(session, account_id)
    return _form("accounts/change.html", Form({**account, "units": " ".join(account["units"])}), account=account)


@blueprint.post("/<uuid:account_id>/change")
@for_roles("admin")
def changed(account_id: UUID) -> Any:
    """Keep the change, unless somebody else changed the account meanwhile."""
    typed = Form(request.form)
    _require_texts(typed, "name")
    version = typed.integer("version")
    if not typed.errors:
        try:
            with _database().transaction() as session:
                change_account(
                    session,
                    me().caller,
                    account_id=account_id,
                    version=version if isinstance(version, int) else 0,
                    active=typed.flag("active"),
                    **_facts(typed),
                )
        except NotFound:
            raise
        except Refused as refused:
            _tell(typed, refused)
        else:
            flash(_("The account is changed. It counts from her next click."))
            return redirect(f"/accounts/{account_id}", 303)
    with _database().reading() as session:
        account = queries.find_account(session, account_id)
    return _form("accounts/change.html", typed, account=account), 422


@blueprint.post("/<uuid:account_id>/password")
@for_roles("admin")
def password_reset(account_id: UUID) -> Any:
    """Give a new first password and show it, once."""
    with _database().transaction() as session:
        account, password = reset_password(session, me().caller, account_id=account_id)
    return render_template("accounts/first_password.html", account=account, password=password, is_new=False)


def _database() -> Database:
    found: Database = current_app.extensions["database"]
    return found


def _form(template: str, typed: Form, **more: Any) -> str:
    departments = [
        (places.name_of(country), [(code, name) for code, name in _departments(country)])
        for country in ("GT", "SV", "HN")
    ]
    roles = [(role, _(words.ROLES[role]), _(words.TASKS_OF_ROLES[role])) for role in PERSON_ROLES]
    seats = [(seat, _(words.SEATS[seat])) for seat in SEATS]
    return render_template(template, form=typed, roles=roles, seats=seats, departments=departments, **more)


def _departments(country: str) -> list[tuple[str, str]]:
    found = ((code, places.name_of(code)) for code in places.units_at(places.DEPARTMENT, country))
    return sorted(found, key=lambda entry: entry[1])


def _roles() -> list[tuple[str, str]]:
    return [(role, _(words.ROLES[role])) for role in PERSON_ROLES]


def _facts(typed: Form) -> dict[str, Any]:
    units = [code for part in re.split("[,;]", typed.text("units")) for code in _codes(part.strip())]
    return {
        "name": typed.text("name")[:120],
        "roles": typed.many("roles"),
        "units": units,
        "centre": typed.text("centre")[:120],
        "seat": typed.optional("seat"),
    }


def _codes(part: str) -> list[str]:
    """The codes that stand there, or the code of the one place that is called so."""
    named = [code for code, name in places.names().items() if name.casefold() == part.casefold()]
    return named if len(named) == 1 else part.upper().split()


def _require_texts(typed: Form, *names: str) -> None:
    for name in names:
        if not typed.text(name):
            typed.wrong(name, sentence("field.required"))


def _tell(typed: Form, refused: Refused) -> None:
    name = refused.pointer.strip("/") if isinstance(refused, Invalid) else ""
    typed.wrong(name, sentence(refused.code, **refused.facts))


def _told(field: str, value: Any) -> str:
    """A fact of the history in words."""
    if field == "roles":
        return ", ".join(_(words.ROLES.get(role, role)) for role in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(value) if isinstance(value, list) else str(value or "\N{EN DASH}")
