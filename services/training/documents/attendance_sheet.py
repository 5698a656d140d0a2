"""The list of a session on paper: a row for each woman, with a QR that opens it and boxes to tick."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from services.training.models import AttendanceSheet
from shared import documents, links, places

TEMPLATE = Path(__file__).parent / "attendance_sheet.typ"


def printed(
    session: Mapping[str, Any],
    sheet: AttendanceSheet,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: bytes,
    public_url: str,
    language: str,
) -> bytes:
    """The PDF (PDF/UA-1) of a sheet. `rows` have `id`, `line` and what the reader may see of `name` and
    `enterprise_name`.
    """
    names = ("title", "first_day", "last_day", "starts", "ends", "place", "group_number", "group_name")
    data = {name: session[name] for name in names} | {
        "municipality": places.full_name(session["unit"]),
        "number": sheet.number,
        "expires_on": sheet.expires_on,
        "dated": sheet.made_at,
        "rows": [_row(row, links.signed(row["id"], sheet.expires_on, key), public_url) for row in rows],
    }
    return documents.render(TEMPLATE, data, language=language)


def _row(row: Mapping[str, Any], token: str, public_url: str) -> dict[str, Any]:
    address = f"{public_url}/attendance/{token}"
    return {
        "line": row["line"],
        "name": row["name"] or str(row["entrepreneur_id"])[-6:],
        "enterprise": row["enterprise_name"] or "",
        "address": address,
        "qr": documents.qr_svg(address).decode(),
    }
