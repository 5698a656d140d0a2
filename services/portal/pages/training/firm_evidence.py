"""Papers and pictures by which a firm shows what it says: sent, opened and erased by its team or by itself."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, request

from services.portal.clients import Problem
from services.portal.frame import Form, _
from services.portal.frame.sending import send
from services.portal.pages.training.firm_door import Door


def show(door: Door, path: str) -> bool:
    """Whether a file was chosen. It is sent; where it is refused, that is told and everything else stays saved."""
    if not _chosen():
        return False
    form = Form()
    try:
        _send(door, path)
    except Problem as problem:
        form.refused(problem)
        why = next(iter(form.errors.values()))
        flash(_("What you wrote is saved, the file is not: %(why)s", why=why), "warn")
    return True


def lacks_indicator(form: Form, area: Mapping[str, Any]) -> bool:
    """Whether a file was chosen and not what it shows; the form says so."""
    if not _chosen() or any(one["code"] == form.text("shows") for one in area["indicators"]):
        return False
    form.wrong("shows", _("Choose what the file shows, and choose the file again."))
    return True


def show_indicator(door: Door, area: str) -> Any:
    """Show an indicator of a diagnosis that is handed in."""
    found, form = door.area(area), Form(request.form)
    status = 422
    if not _chosen():
        form.wrong("file", _("Choose the file."))
    elif not lacks_indicator(form, found):
        try:
            _send(door, f"{door.diagnosis_path}/evidence/{form.text('shows')}")
        except Problem as problem:
            form.refused(problem, indicator="shows")
            status = problem.status
        else:
            flash(_("The file is kept."))
            return redirect(f"{door.base}/areas/{area}#files", 303)
    return door.show("firm_area.html", area=found, form=form, following=None), status


def show_month(door: Door, month: int) -> Any:
    """Show what was reported of a month."""
    form, field = Form(request.form), f"file-{month}"
    if not _chosen(field):
        form.wrong(field, _("Choose the file."))
        return door.show("firm_plan.html", form=form), 422
    try:
        _send(door, f"{door.plan_path}/evidence/{month}", field)
    except Problem as problem:
        form.refused(problem, file=field)
        return door.show("firm_plan.html", form=form), problem.status
    flash(_("The file is kept."))
    return redirect(f"{door.base}/plan#month-{month}", 303)


def open_evidence(door: Door, csr_evidence_id: UUID) -> Any:
    """A file, to be saved."""
    return send(door.client.file(f"{door.evidence_path}/{csr_evidence_id}"))


def erase_evidence(door: Door, csr_evidence_id: UUID) -> Any:
    """Erase a file for good, and go back to where it stood."""
    form = Form(request.form)
    area, month = form.text("area"), form.integer("month")
    try:
        door.client.remove(f"{door.evidence_path}/{csr_evidence_id}")
    except Problem as problem:
        if problem.status not in {404, 409}:
            raise
        flash(problem.detail, "bad")
    else:
        flash(_("The file is erased."))
    known = any(one["code"] == area for one in (door.firm["diagnosis"] or {}).get("areas", []))
    return redirect(f"{door.base}/areas/{area}#files" if known else f"{door.base}/plan#month-{month}", 303)


def _chosen(field: str = "file") -> bool:
    sent = request.files.get(field)
    return bool(sent and sent.filename)


def _send(door: Door, path: str, field: str = "file") -> None:
    sent = request.files[field]
    told: dict[str, Any] = {"name": sent.filename, "content": sent.stream, "media_type": sent.mimetype}
    door.client.upload(path, **told)
