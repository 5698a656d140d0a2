"""The radar of an enterprise: its areas beside the mean of those around it."""

from sqlalchemy.orm import Session

from services.training.models import Diagnosis
from services.training.queries.benchmarks import show_benchmark
from services.training.queries.diagnoses import scores_of
from services.training.reference import csr
from services.training.rules.diagnosis.radar import Line, radar
from shared.identity import Caller


def radar_of(session: Session, caller: Caller, found: Diagnosis, language: str, *, live: bool) -> str:
    """The drawing (SVG) in a language, with the mean where it may be shown."""
    instrument = csr.instrument(found.edition)
    words, areas = {name: told[language] for name, told in instrument.radar.items()}, instrument.areas
    exact = [scores_of(found).of(area.code) for area in areas]
    scores = [None if value is None else float(value) for value in exact]
    names = [area.words[language] for area in areas]
    said = [words["without"] if value is None else f"{value:.0%}" for value in scores]
    told = [f"{name}: {value}" for name, value in zip(names, said, strict=True)]
    lines = [Line(words["mine"], scores)]
    if found.edition == csr.instrument().edition:
        everybody = show_benchmark(session, caller, live=live)["groups"]
        cells = everybody[0]["cells"] if everybody else []
        if not all(cell["withheld"] for cell in cells):
            lines.append(Line(words["mean"], [cell["mean"] for cell in cells]))
    return radar(words["title"], "; ".join(told), names, lines)
