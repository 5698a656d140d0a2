"""The demonstration's profiles: a few dozen enterprises as the team saw them, and some whose check is too old."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from deploy.demonstration.accounts import CENTRE
from deploy.demonstration.inventory import Entered
from deploy.demonstration.women import PLACES
from deploy.house import House
from services.registry.rules.rubrics import HIGHEST, SUBJECTS
from services.registry.rules.validation import Judgement
from services.registry.tables import network_rubric_on
from services.registry.upkeep import grow_stale
from services.registry.use_cases.adopt_rubric import adopt_rubric
from services.registry.use_cases.profile_enterprise import profile_enterprise
from services.registry.use_cases.run_institutions import write_centre
from services.registry.use_cases.validate_enterprise import validate_enterprise
from services.registry.work import Directly
from shared.identity import Caller
from shared.kernel import clock

_EVERY = 7
_LONG_AGO = timedelta(days=800)
# What the technician saw, from the strongest kind to the weakest, in the order of the subjects.
_KINDS = (
    (3, 2, 4, 3, 3, 3, 4),
    (2, 2, 3, 3, 2, 3, 3),
    (1, 1, 2, 2, 2, 2, 3),
    (2, 1, 2, 2, 1, 1, 2),
    (0, 0, 1, 1, 0, 1, 1),
)
_EVIDENCE = {
    "credit": "Enseñó su cuaderno de cuentas (demostración).",
    "certifications": "Se vieron los papeles que tiene (demostración).",
    "market": "Nombró a sus compradores de la última semana (demostración).",
    "quality": "Se revisó una tanda en el taller (demostración).",
    "training": "Contó los cursos que ha hecho (demostración).",
}


def profile_enterprises(house: House, caller: Caller, enterprises: Sequence[Entered]) -> None:
    """Profiles of every seventh enterprise, some of them twice; some captured ones were verified long ago."""
    registry = house.service("registry")
    today = clock.today()
    with registry.database.transaction() as session:
        for number, entered in enumerate(enterprises[::_EVERY]):
            levels = _levels(number)
            if number % 4 == 0:
                before = levels | {"market": max(0, levels["market"] - 1), "training": max(0, levels["training"] - 1)}
                _profile(session, caller, entered, 400, before)
            _profile(session, caller, entered, 30 + number, levels)
        with clock.frozen(clock.now() - _LONG_AGO):
            seen = Judgement("verified", "visit", today - _LONG_AGO)
            for entered in enterprises[2::48]:
                validate_enterprise(session, caller, UUID(entered.id), version=None, judgement=seen)
    grow_stale(Directly(caller, registry.database.transaction, registry.database.reading))


def adopt_edition(house: House, caller: Caller) -> None:
    """The centre is written down, and asks a little less of an enterprise than the network does."""
    known = network_rubric_on(clock.today()).rubric.to_json()
    numbers = {name: known[name] for name in ("weights", "minimums", "stale_after_months")} | {"strategic_from": 50}
    honduran = [code for code in PLACES if code.startswith("HN")]
    centre = {"name": CENTRE, "country": "HN", "host_id": None, "municipalities": honduran, "team": []}
    with house.service("registry").database.transaction() as session:
        opened = write_centre(session, caller, None, None, centre)
        source = "Acta 4 del equipo técnico (demostración)"
        adopt_rubric(session, caller, opened.id, valid_from=clock.today(), source=source, numbers=numbers, wording=[])


def _levels(number: int) -> dict[str, int]:
    """A kind, and one subject a step better or worse."""
    levels = dict(zip(SUBJECTS, _KINDS[number % len(_KINDS)], strict=True))
    other = SUBJECTS[number % 5]
    step = 1 if number % 2 else -1
    return levels | {other: min(HIGHEST, max(0, levels[other] + step))}


def _profile(session: Session, caller: Caller, entered: Entered, ago: int, levels: dict[str, int]) -> None:
    seen = {subject: (level, _EVIDENCE.get(subject)) for subject, level in levels.items()}
    on = clock.today() - timedelta(days=ago)
    profile_enterprise(session, caller, UUID(entered.id), assessed_on=on, seen=seen)
