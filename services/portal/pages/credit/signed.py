"""Who signs an instrument, and its signed file, as the forms of regulations and letters send them."""

from flask import request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _

SIGNATORIES = 6
RENAMED = {
    "signatories": "name-0",
    **{f"signatories-{n}-{part}": f"{part}-{n}" for n in range(SIGNATORIES) for part in ("name", "office")},
}
"""The API's names of the signatories' fields by those of the forms."""


def signatories(form: Form) -> list[dict[str, str]]:
    """The rows of names with their offices, without those that were left empty."""
    rows = [{"name": form.text(f"name-{n}"), "office": form.text(f"office-{n}")} for n in range(SIGNATORIES)]
    return [row for row in rows if row["name"] or row["office"]]


def require_pdf(form: Form) -> None:
    """Says so at the field of the file where none was chosen, or one that is no PDF."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        form.wrong("file", _("Choose the signed file, a PDF."))
        return
    begins = sent.stream.read(5)
    sent.stream.seek(0)
    if begins != b"%PDF-":
        form.wrong("file", _("The signed file must be a PDF."))


def keep_file(form: Form, path: str) -> bool:
    """Hand the file that was sent to credit; whether it is kept. What is wrong is said in the form."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        form.wrong("file", _("Choose the signed file, a PDF."))
        return False
    try:
        api("credit").upload(path, name=sent.filename, content=sent.stream, media_type=sent.mimetype)
    except Problem as problem:
        form.refused(problem)
    return not form.errors


def keep_sent_file(path: str) -> str | None:
    """Hand the file that was sent to credit; comes back with why it was refused, or None."""
    form = Form()
    return None if keep_file(form, path) else next(iter(form.errors.values()))
