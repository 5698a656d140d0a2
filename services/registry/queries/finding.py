"""How a list of the inventory is narrowed so that it comes quickly: the rarest condition that has an index leads;
where all are common, the list is walked in its order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from services.registry.models import Enterprise, Entrepreneur, Owner, SearchTerm, SearchWord
from services.registry.models.entrepreneur import fingerprint_of
from services.registry.rules import searching
from services.registry.rules.chains import folded
from services.registry.rules.searching import Word
from services.registry.rules.visibility import View
from services.registry.sealing import Sealer
from services.registry.tables import place_aliases
from shared import places
from shared.kernel import Forbidden, clock

Ids: TypeAlias = Select[Any]

RARE = 2_500
"""So many records are fetched one by one, whatever the order of the list."""

RARE_IN_ORDER = 12_000
"""So many where the list has an order of its own: words and names go together, and a walk through the names may come
late to those that have the words.
"""

_COUNTED = 40_000
_WORDS = 2_000
_HEARD = 60
_FEW = 100


@dataclass(frozen=True, eq=False)
class Part:
    """One condition on a record. `ids` are the records that meet it, where an index knows them; `terms` are those under
    one of which these stand.
    """

    row: ColumnElement[bool]
    ids: Ids | None = field(default=None)
    terms: Sequence[str] = ()


def meets(session: Session, parts: Sequence[Part], *, most: int = RARE) -> list[ColumnElement[bool]]:
    """The conditions that stand for all of `parts` together; up to `most` records are looked at one by one."""
    known = [(part, part.ids, _count(session, part.ids)) for part in parts if part.ids is not None]
    rare = {part: ids for part, ids, count in known if count <= RARE}
    if rare:
        found: set[UUID] = set.intersection(*(set(session.scalars(ids)) for ids in rare.values()))
        return [Enterprise.id.in_(sorted(found)), *(part.row for part in parts if part not in rare)]
    rows = [part.row for part in parts]
    termed = sorted((count, number) for number, (part, _, count) in enumerate(known) if part.terms)
    if len(termed) > 1 and termed[0][0] <= _COUNTED:
        both = _together([known[number][0].terms for _, number in termed])
        if _count(session, both, most) <= most:
            return [Enterprise.id.in_(both), *rows]
    return rows


def searched(
    session: Session, view: View, sealer: Sealer | None, typed: str, *, most: int = RARE
) -> list[ColumnElement[bool]]:
    """The records that `typed` finds: by words of the enterprise, its owners and products, as they are written or
    sound; by the place it ends with; by a telephone or its end; by the whole number of a document. Refuses numbers
    to who sees none.
    """
    wanted = searching.asked(typed)
    if wanted.digits:
        return meets(session, [_number(view, sealer, wanted)])
    if not wanted.words:
        return []
    texts = [word.text for word in wanted.words]
    conditions = [and_(*meets(session, [_word(session, word) for word in wanted.words], most=most))]
    for start in range(len(texts)):
        if codes := _called(clock.today()).get(" ".join(texts[start:])):
            before = meets(session, [_word(session, word) for word in wanted.words[:start]])
            conditions.append(and_(Enterprise.municipality.in_(codes), *before))
            break
    return [or_(*conditions)]


def under(terms: Sequence[str]) -> Ids:
    """The records that stand under one of these terms."""
    return select(SearchTerm.record_id).where(SearchTerm.term.in_(terms))


def marked(terms: Sequence[str]) -> Part:
    """The records with one of these marks."""
    mine = literal(" ").concat(Enterprise.search_marks).concat(" ")
    return Part(or_(*(mine.contains(f" {term} ", autoescape=True) for term in terms)), under(terms), terms)


def _together(terms: Sequence[Sequence[str]]) -> Ids:
    """The records that stand under one term of each group, the smallest group first."""
    first, *others = terms
    leading = aliased(SearchTerm)
    statement = select(leading.record_id).where(leading.term.in_(first))
    for group in others:
        other = aliased(SearchTerm)
        statement = statement.where(exists().where(other.term.in_(group), other.record_id == leading.record_id))
    return statement


def _count(session: Session, ids: Any, most: int = _COUNTED) -> int:
    """How many there are, as far as it matters."""
    return session.scalar(select(func.count()).select_from(ids.limit(most + 1).subquery())) or 0


def _word(session: Session, word: Word) -> Part:
    padded = literal(" ").concat(Enterprise.search_text)
    if not word.inside:
        begins = SearchTerm.term.between(word.text, word.text + "\U0010ffff")
        return Part(padded.contains(f" {word.text}"), select(SearchTerm.record_id).where(begins))
    holds_it = SearchWord.word.contains(word.text)
    sounds = [
        column == heard
        for column, heard in ((SearchWord.sound, word.sound), (SearchWord.skeleton, word.skeleton))
        if heard is not None
    ]
    kept = select(SearchWord.word, holds_it).where(or_(holds_it, *sounds))
    spelt: dict[str, bool] = {row[0]: row[1] for row in session.execute(kept.limit(_WORDS + 1))}
    alike = sorted(text for text, holds in spelt.items() if not holds)[:_HEARD]
    written = [text for text, holds in spelt.items() if holds]
    whole = padded.concat(" ")
    row = or_(Enterprise.search_text.contains(word.text), *(whole.contains(f" {text} ") for text in alike))
    terms = [*written, *alike]
    return Part(row) if len(spelt) > _WORDS else Part(row, under(terms), terms if len(terms) <= _FEW else ())


def _number(view: View, sealer: Sealer | None, wanted: searching.Asked) -> Part:
    if not view.contact and view.document != "full":
        raise Forbidden("permission.numbers_not_yours")
    if wanted.documents and view.document != "full" and wanted.phone is None:
        raise Forbidden("permission.documents_not_yours")
    found: list[Ids] = [under([wanted.digits])]
    rows = [(literal(" ").concat(Enterprise.search_text).concat(" ")).contains(f" {wanted.digits} ")]
    if view.contact and wanted.phone is not None:
        begins = SearchTerm.term.between(wanted.phone, wanted.phone + "\U0010ffff")
        found.append(select(SearchTerm.record_id).where(begins))
        rows.append(literal(" ").concat(Enterprise.search_marks).contains(f" {wanted.phone}"))
    if view.document == "full" and sealer is not None and wanted.documents:
        prints = [fingerprint_of(kind, wanted.digits, sealer) for kind in wanted.documents]
        hers = Owner.entrepreneur_id.in_(select(Entrepreneur.id).where(Entrepreneur.id_fingerprint.in_(prints)))
        found.append(select(Owner.enterprise_id).where(hers))
        rows.append(exists().where(Owner.enterprise_id == Enterprise.id, hers))
    every = union_all(*found).subquery()
    return Part(or_(*rows), select(every.c[0]))


@lru_cache(maxsize=2)
def _called(day: date) -> Mapping[str, list[str]]:
    """The municipalities of every place by its folded name, with its department where one says it; as of a day."""
    found: dict[str, set[str]] = {}
    every = places.municipalities()
    inside: dict[str, list[str]] = {}
    for code in every:
        inside.setdefault(code[:4], []).append(code)
    aliases = [(folded(alias), code) for alias, code in place_aliases(day)]
    named = [(folded(name), code) for code, name in places.names().items() if len(code) > 2]
    for name, code in [*named, *aliases]:
        here = [code] if code in every else inside.get(code, [])
        found.setdefault(_telling(name), set()).update(here)
        if code in every:
            found.setdefault(_telling(f"{name} {folded(places.name_of(code[:4]))}"), set()).update(here)
    return {name: sorted(codes) for name, codes in found.items()}


def _telling(name: str) -> str:
    return " ".join(word.text for word in searching.asked(name).words)
