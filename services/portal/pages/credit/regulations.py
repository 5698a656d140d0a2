"""The Credit Regulations of a fund: what is in force in plain words, what an edition changes, adopting the next."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.credit import parameters as words
from services.portal.pages.credit import regulations_form
from services.portal.pages.credit.area import COMMITTEE_KEEPERS, FUND_READERS, blueprint
from services.portal.pages.credit.signed import (
    RENAMED,
    SIGNATORIES,
    keep_file,
    keep_sent_file,
    require_pdf,
    signatories,
)
from services.portal.pages.registry.codes import said
from shared.kernel import clock

LARGEST = 500_000


@blueprint.get("/funds/<uuid:fund_id>/regulations")
@for_roles(*FUND_READERS)
def regulations(fund_id: UUID) -> Any:
    """The edition in force, and the others."""
    rows = _editions(fund_id)
    in_force = next((row for row in rows if row["in_force"]), rows[0] if rows else None)
    return _edition(fund_id, rows, in_force["id"] if in_force else None, Form())


@blueprint.get("/funds/<uuid:fund_id>/regulations/<uuid:regulations_id>")
@for_roles(*FUND_READERS)
def edition(fund_id: UUID, regulations_id: UUID) -> Any:
    """One edition in plain words."""
    return _edition(fund_id, _editions(fund_id), str(regulations_id), Form())


@blueprint.get("/funds/<uuid:fund_id>/regulations/<uuid:regulations_id>/json")
@for_roles(*FUND_READERS)
def edition_json(fund_id: UUID, regulations_id: UUID) -> Any:
    """Its parameters as a file, to be changed and brought in again."""
    found = api("credit").get(f"/funds/{fund_id}/regulations/{regulations_id}")
    answer = Response(_written(found["parameters"]), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="regulations-{found["edition"]}.json"'
    return answer


@blueprint.get("/funds/<uuid:fund_id>/regulations/<uuid:regulations_id>/file")
@for_roles(*FUND_READERS)
def signed_regulations(fund_id: UUID, regulations_id: UUID) -> Any:
    """The signed file."""
    return send(api("credit").file(f"/funds/{fund_id}/regulations/{regulations_id}/file"), inline=True)


@blueprint.post("/funds/<uuid:fund_id>/regulations/<uuid:regulations_id>/file")
@for_roles(*COMMITTEE_KEEPERS)
def keep_signed_regulations(fund_id: UUID, regulations_id: UUID) -> Any:
    """Keep the signed file of an edition that has none, or that has not begun."""
    form = Form(request.form)
    if not keep_file(form, f"/funds/{fund_id}/regulations/{regulations_id}/file"):
        return _edition(fund_id, _editions(fund_id), str(regulations_id), form), 422
    flash(_("The signed file is kept."))
    return redirect(f"/credit/funds/{fund_id}/regulations/{regulations_id}", 303)


@blueprint.post("/funds/<uuid:fund_id>/regulations/<uuid:regulations_id>/take-back")
@for_roles(*COMMITTEE_KEEPERS)
def take_back_edition(fund_id: UUID, regulations_id: UUID) -> Any:
    """Take back an edition that has not begun."""
    form = Form(request.form)
    if not form.flag("sure"):
        form.wrong("sure", _("Tick the box: whoever signed it knows."))
        return _edition(fund_id, _editions(fund_id), str(regulations_id), form), 422
    try:
        path = f"/funds/{fund_id}/regulations/{regulations_id}/taking-back"
        api("credit").post(path, {"reason": form.text("reason")})
    except Problem as problem:
        form.refused(problem)
        return _edition(fund_id, _editions(fund_id), str(regulations_id), form), problem.status
    flash(_("The edition is taken back. It is kept with the reason."))
    return redirect(f"/credit/funds/{fund_id}/regulations", 303)


@blueprint.get("/funds/<uuid:fund_id>/regulations/compare")
@for_roles(*FUND_READERS)
def compare(fund_id: UUID) -> Any:
    """Two editions line by line."""
    fund, rows = _fund(fund_id), _editions(fund_id)
    ids = {row["id"] for row in rows}
    before, after = (request.args.get(name, "") for name in ("before", "after"))
    if not {before, after} <= ids:
        abort(404)
    found = api("credit").get(f"/funds/{fund_id}/regulations/{after}/changes", {"against": before})
    return render_template(
        "credit/regulations_compare.html",
        fund=fund,
        rows=rows,
        form=Form({"before": before, "after": after}),
        changes=words.compared(found["changes"], fund["currency"]),
    )


@blueprint.get("/funds/<uuid:fund_id>/regulations/new")
@for_roles(*COMMITTEE_KEEPERS)
def begin_edition(fund_id: UUID) -> Any:
    """The form, as the edition in force has it."""
    base = _in_force(fund_id)
    return _form(fund_id, regulations_form.filled(base), base)


@blueprint.post("/funds/<uuid:fund_id>/regulations/edit")
@for_roles(*COMMITTEE_KEEPERS)
def edit_edition(fund_id: UUID) -> Any:
    """The form again, as the parameters that were checked have it."""
    base = _carried()
    return _form(fund_id, regulations_form.filled(base), base)


@blueprint.post("/funds/<uuid:fund_id>/regulations/new")
@for_roles(*COMMITTEE_KEEPERS)
def check_edition(fund_id: UUID) -> Any:
    """What the filled form would change; what is wrong is told at its field."""
    form, base, fund = Form(request.form), _carried(), _fund(fund_id)
    parameters = regulations_form.read(form, base, fund["currency"])
    if form.errors:
        return _form(fund_id, form, base), 422
    found = _checked(fund_id, parameters)
    for one in found["problems"]:
        form.wrong(regulations_form.placed(one["pointer"], form, base), one["detail"])
    if form.errors:
        return _form(fund_id, form, base), 422
    return _check_page(fund, parameters, found, _begun())


@blueprint.post("/funds/<uuid:fund_id>/regulations/upload")
@for_roles(*COMMITTEE_KEEPERS)
def check_file(fund_id: UUID) -> Any:
    """The same for a file of parameters that was changed elsewhere."""
    form, sent, fund = Form(request.form), request.files.get("file"), _fund(fund_id)
    base = _in_force(fund_id)
    parameters = None
    if sent is None or not sent.filename:
        form.wrong("file", _("Choose the file with the parameters."))
    else:
        parameters = _read_file(form, sent.stream.read(LARGEST + 1))
    if parameters is None:
        shown = regulations_form.filled(base)
        shown.errors.update(form.errors)
        return _form(fund_id, shown, base), 422
    found = _checked(fund_id, parameters)
    return _check_page(fund, parameters, found, _begun()), 422 if found["problems"] else 200


@blueprint.post("/funds/<uuid:fund_id>/regulations/adopt")
@for_roles(*COMMITTEE_KEEPERS)
def adopt_edition(fund_id: UUID) -> Any:
    """Adopt what was checked, and keep its signed file."""
    form, fund, parameters = Form(request.form), _fund(fund_id), _carried()
    require_pdf(form)
    body = {
        "title": form.text("title"),
        "source": form.text("source"),
        "valid_from": form.text("valid_from"),
        "signatories": signatories(form),
        "parameters": parameters,
    }
    if not body["signatories"]:
        form.wrong("name-0", _("Write who signs it, with her office."))
    if not form.errors:
        try:
            done = api("credit").post(f"/funds/{fund_id}/regulations", body)
        except Problem as problem:
            form.refused(problem, **RENAMED)
        else:
            return _adopted(fund_id, done)
    return _check_page(fund, parameters, _checked(fund_id, parameters), form), 422


def _adopted(fund_id: UUID, done: Mapping[str, Any]) -> Any:
    refused = keep_sent_file(f"/funds/{fund_id}/regulations/{done['id']}/file")
    if refused:
        flash(_("The edition is adopted, but its signed file was not kept: %(why)s", why=refused), "warn")
    else:
        flash(_("Edition %(number)s is adopted and its signed file is kept.", number=done["edition"]))
    return redirect(f"/credit/funds/{fund_id}/regulations/{done['id']}", 303)


def _fund(fund_id: UUID) -> Answer:
    return api("credit").get(f"/funds/{fund_id}")


def _editions(fund_id: UUID) -> list[dict[str, Any]]:
    return api("credit").get(f"/funds/{fund_id}/regulations").rows


def _in_force(fund_id: UUID) -> dict[str, Any]:
    """The parameters of the edition in force; none before the first."""
    return next((row["parameters"] for row in _editions(fund_id) if row["in_force"]), {})


def _edition(fund_id: UUID, rows: list[dict[str, Any]], shown: str | None, form: Form) -> Any:
    fund = _fund(fund_id)
    found = api("credit").get(f"/funds/{fund_id}/regulations/{shown}") if shown else None
    return render_template(
        "credit/regulations.html",
        fund=fund,
        rows=rows,
        found=found,
        taken_back=api("credit").get(f"/funds/{fund_id}/taken-back-editions").rows,
        sections=words.shown(found["lines"], fund["currency"]) if found else [],
        unset=[said(words.SECTIONS, name) for name in found["unset"]] if found else [],
        unsourced=[said(words.SECTIONS, name) for name in found["unsourced"]] if found else [],
        form=form,
    )


def _checked(fund_id: UUID, parameters: Mapping[str, Any]) -> Answer:
    return api("credit").post(f"/funds/{fund_id}/regulations/check", {"parameters": parameters})


def _begun() -> Form:
    """The rest of an edition before anything is typed."""
    return Form({"valid_from": clock.today().isoformat()})


def _check_page(fund: Answer, parameters: Mapping[str, Any], found: Answer, form: Form) -> Any:
    return render_template(
        "credit/regulations_check.html",
        fund=fund,
        parameters=json.dumps(parameters, ensure_ascii=False),
        problems=[{**one, "where": _where(one["pointer"])} for one in found["problems"]],
        changes=words.compared(found["changes"], fund["currency"]),
        form=form,
        rows=range(SIGNATORIES),
    )


def _where(pointer: str) -> str:
    """A place in the parameters, as people call it: the section, then the path in it."""
    parts = pointer.split("/")[2:]
    return ": ".join([said(words.SECTIONS, parts[0]), *parts[1:]]) if parts else ""


def _form(fund_id: UUID, form: Form, base: Mapping[str, Any]) -> Any:
    return render_template(
        "credit/regulations_form.html",
        fund=_fund(fund_id),
        form=form,
        base=json.dumps(base, ensure_ascii=False),
        products=len(base.get("products", ())),
        levels=range(regulations_form.LEVELS),
        many_levels=len((base.get("competence") or {}).get("levels", ())) > regulations_form.LEVELS,
        ticks=regulations_form.lists_eligibility(base),
        words=words,
    )


def _carried() -> dict[str, Any]:
    """The parameters that the page carries; refuses what it did not carry."""
    try:
        read = json.loads(request.form.get("parameters", "{}"))
    except ValueError:
        abort(400)
    if not isinstance(read, dict):
        abort(400)
    return read


def _read_file(form: Form, content: bytes) -> dict[str, Any] | None:
    """The parameters in a file; says at its field what keeps them from being read."""
    try:
        read = json.loads(content.decode("utf-8-sig")) if len(content) <= LARGEST else None
    except (ValueError, RecursionError) as problem:
        form.wrong("file", _("The file is no JSON: %(problem)s", problem=str(problem)[:100]))
        return None
    if not isinstance(read, dict):
        form.wrong("file", _("The file must hold one JSON object of at most 500 KB."))
        return None
    return read


def _written(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, ensure_ascii=False, indent=2) + "\n"
