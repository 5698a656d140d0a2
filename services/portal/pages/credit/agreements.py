"""The Agreement Letter of a fund with its trustee: the versions, and adopting the next one."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.credit import parameters as words
from services.portal.pages.credit.area import COMMITTEE_KEEPERS, FUND_READERS, blueprint
from services.portal.pages.credit.signed import RENAMED, SIGNATORIES, keep_sent_file, require_pdf, signatories
from shared.kernel import clock

PARTIES = 4
ROLES = {
    "host": "The agency (LEDA)",
    "trustee": "The trustee",
    "centre": "The CSEM",
    "funder": "A funder",
    "other": "Another party",
}
_MONEY = ("trustee_fee", "maximum_disbursement", "reserve_floor")


@blueprint.get("/funds/<uuid:fund_id>/agreements")
@for_roles(*FUND_READERS)
def agreements(fund_id: UUID) -> Any:
    """The letters, newest first, each with its clauses."""
    return _letters(fund_id, Form())


@blueprint.get("/funds/<uuid:fund_id>/agreements/<uuid:agreement_id>/file")
@for_roles(*FUND_READERS)
def signed_agreement(fund_id: UUID, agreement_id: UUID) -> Any:
    """The signed letter."""
    return send(api("credit").file(f"/funds/{fund_id}/agreements/{agreement_id}/file"), inline=True)


@blueprint.post("/funds/<uuid:fund_id>/agreements/<uuid:agreement_id>/file")
@for_roles(*COMMITTEE_KEEPERS)
def keep_signed_agreement(fund_id: UUID, agreement_id: UUID) -> Any:
    """Keep the signed file of a letter that has none."""
    refused = keep_sent_file(f"/funds/{fund_id}/agreements/{agreement_id}/file")
    if refused:
        form = Form()
        form.wrong("file", refused)
        return _letters(fund_id, form), 422
    flash(_("The signed file is kept."))
    return redirect(f"/credit/funds/{fund_id}/agreements", 303)


@blueprint.get("/funds/<uuid:fund_id>/agreements/new")
@for_roles(*COMMITTEE_KEEPERS)
def begin_agreement(fund_id: UUID) -> Any:
    """The form, with what the newest letter says."""
    fund, rows = api("credit").get(f"/funds/{fund_id}"), api("credit").get(f"/funds/{fund_id}/agreements").rows
    begun: dict[str, Any] = {name: fund[name] for name in ("trustee", "trustee_account")}
    begun["valid_from"] = clock.today().isoformat()
    parties = [{"name": fund["host"], "role": "host"}, {"name": fund["trustee"], "role": "trustee"}]
    if rows:
        clauses = rows[0]["parameters"]
        begun |= {name: clauses.get(name) for name in ("trustee_income_share", "statement_due_day")}
        begun |= {name: _decimal(clauses.get(name)) for name in _MONEY}
        begun["withdrawal_signatures"] = ", ".join(clauses.get("withdrawal_signatures", ()))
        begun |= {f"source-{name}": source for name, source in clauses.get("sources", {}).items()}
        parties = rows[0]["parties"]
    for number, party in enumerate(parties[:PARTIES]):
        begun |= {f"party-{number}": party["name"], f"role-{number}": party["role"]}
    return _form(fund_id, Form(begun))


@blueprint.post("/funds/<uuid:fund_id>/agreements/new")
@for_roles(*COMMITTEE_KEEPERS)
def adopt_agreement(fund_id: UUID) -> Any:
    """Adopt the letter and keep its signed file."""
    form, fund = Form(request.form), api("credit").get(f"/funds/{fund_id}")
    require_pdf(form)
    if not form.flag("sure"):
        form.wrong("sure", _("Tick the box: the letter is signed by its parties."))
    body = _body(form, fund["currency"])
    if not body["signatories"]:
        form.wrong("name-0", _("Write who signs it, with her office."))
    if not form.errors:
        try:
            done = api("credit").post(f"/funds/{fund_id}/agreements", body)
        except Problem as problem:
            form.refused(problem, **_renamed())
        else:
            return _adopted(fund_id, done)
    return _form(fund_id, form), 422


def _body(form: Form, currency: str) -> dict[str, Any]:
    parties = [{"name": form.text(f"party-{n}"), "role": form.text(f"role-{n}")} for n in range(PARTIES)]
    offices = [part.strip() for part in form.text("withdrawal_signatures").split(",")]
    clauses: dict[str, Any] = {name: _cents(form, name, currency) for name in _MONEY}
    clauses["trustee_income_share"] = form.optional("trustee_income_share")
    clauses["statement_due_day"] = form.integer("statement_due_day")
    clauses["withdrawal_signatures"] = [office for office in offices if office] or None
    sources = {name: form.text(f"source-{name}") for name in clauses if form.text(f"source-{name}")}
    clauses["sources"] = sources or None
    return {
        **{name: form.text(name) for name in ("title", "source", "valid_from", "trustee", "trustee_account")},
        "valid_until": form.optional("valid_until"),
        "parties": [party for party in parties if party["name"]],
        "signatories": signatories(form),
        "parameters": {name: value for name, value in clauses.items() if value is not None},
    }


def _cents(form: Form, name: str, currency: str) -> int | None:
    given = form.money(name, currency)
    if given is None or name in form.errors:
        return None
    whole, _point, cents = given["amount"].partition(".")
    if len(cents) > 2:
        form.wrong(name, _("Write the amount with a point before the cents, for example 1,250.00."))
        return None
    return int(f"{whole}{cents:0<2}")


def _decimal(cents: Any) -> str | None:
    return f"{cents // 100}.{cents % 100:02d}" if isinstance(cents, int) else None


def _renamed() -> dict[str, str]:
    """The API's names of fields by those of the form."""
    known = (*_MONEY, "trustee_income_share", "statement_due_day", "withdrawal_signatures")
    renamed = {f"parameters-{name}": name for name in known}
    renamed |= {f"parties-{n}-name": f"party-{n}" for n in range(PARTIES)}
    renamed |= {f"parties-{n}-role": f"role-{n}" for n in range(PARTIES)}
    return renamed | {"parties": "party-0"} | RENAMED


def _adopted(fund_id: UUID, done: Any) -> Any:
    refused = keep_sent_file(f"/funds/{fund_id}/agreements/{done['id']}/file")
    if refused:
        flash(_("The letter is adopted, but its signed file was not kept: %(why)s", why=refused), "warn")
    else:
        flash(_("Letter %(number)s is adopted and its signed file is kept.", number=done["edition"]))
    return redirect(f"/credit/funds/{fund_id}/agreements", 303)


def _letters(fund_id: UUID, form: Form) -> Any:
    fund = api("credit").get(f"/funds/{fund_id}")
    rows = api("credit").get(f"/funds/{fund_id}/agreements").rows
    clauses = {
        row["id"]: [
            (words.label_of(f"/letter/{name}"), _clause(row, name, fund["currency"]))
            for name in row["parameters"]
            if name != "sources"
        ]
        for row in rows
    }
    return render_template(
        "credit/agreements.html", fund=fund, rows=rows, clauses=clauses, form=form, PARTY_ROLES=ROLES
    )


def _clause(row: Any, name: str, currency: str) -> str:
    """What a clause says, and where in the letter it stands."""
    source = row["parameters"].get("sources", {}).get(name) or _("source not stated")
    return f"{words.value_of(f'/letter/{name}', row['parameters'][name], currency)} ({source})"


def _form(fund_id: UUID, form: Form) -> Any:
    return render_template(
        "credit/agreement_form.html",
        fund=api("credit").get(f"/funds/{fund_id}"),
        form=form,
        rows=range(SIGNATORIES),
        parties=range(PARTIES),
        PARTY_ROLES=ROLES,
    )
