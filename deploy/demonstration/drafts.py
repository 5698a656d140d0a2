"""Two invented submissions of the field form that wait to be looked at, and the token by which they came."""

from typing import Any

from deploy.house import House
from services.registry.intake.sent import as_document, read_sent
from services.registry.intake.xlsform import form_version
from services.registry.use_cases.receive_submission import create_token, receive_submission
from shared import places
from shared.identity import Caller
from shared.kernel import clock

_TOLD: dict[str, Any] = {
    "today": "2026-03-08",
    "consentimiento/consent_registry": "si",
    "consentimiento/consent_credit": "si",
    "consentimiento/consent_map": "no",
    "consentimiento/consent_photos": "no",
    "emprendedora/doc_tipo": "dni",
    "emprendimiento/propiedad": "individual",
    "emprendimiento/pais": "HN",
    "emprendimiento/departamento": "HN17",
    "emprendimiento/municipio": "HN1709",
    "emprendimiento/ubic_tipo": "vivienda",
    "emprendimiento/sector": "C",
    "emprendimiento/clase_ciiu": "1030",
    "emprendimiento/eslabones": "transformacion comercializacion",
    "emprendimiento/empleo_f": "2",
    "emprendimiento/empleo_m": "0",
    "emprendimiento/necesidades": "credito mercado",
    "pasos/paso_nit": "en_tramite",
    "pasos/paso_licencia": "no",
    "pasos/formal": "no",
}
_WOMEN = (
    ("Amapola", "Inventada Muestra", "Encurtidos Amapola", "8fd3c1b0-6c1e-4b52-9c0f-000000000001"),
    ("Lavanda", "Supuesta Ejemplo", "Jaleas Lavanda", "8fd3c1b0-6c1e-4b52-9c0f-000000000002"),
)


def receive_drafts(house: House, caller: Caller) -> None:
    """A token of the coordinator, and what came with it."""
    registry = house.service("registry")
    sealer = registry.web.extensions["context"].sealer
    with registry.database.transaction() as session:
        token, _ = create_token(session, caller, form="Inventario del Golfo (ejemplo)", units=[])
        for given, surnames, business, identity in _WOMEN:
            body = _TOLD | {
                "emprendedora/nombres": given,
                "emprendedora/apellidos": surnames,
                "emprendimiento/nombre_neg": business,
                "csem_form": form_version(),
                "_uuid": identity,
                "meta/rootUuid": f"uuid:{identity}",
            }
            content = as_document(body)
            submission = read_sent(content, places.municipalities(), clock.today(), ())
            receive_submission(session, sealer, token.id, submission, content)
