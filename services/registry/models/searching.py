"""The index of words: which records a term finds, and which words there are. It follows every change of a record
within the same transaction, whoever makes it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Index, String, delete, event, exists, insert, inspect, select, tuple_
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column

from services.registry.models.enterprise import Enterprise
from services.registry.models.entity import BYTEWISE, Entity
from services.registry.rules.searching import LONGEST_TERM, terms_of, vocabulary_of

_MANY = 400
_SOUND = String(LONGEST_TERM)


class SearchTerm(Entity):
    """A record stands under this term. No foreign key: it is no thing of its own that could stand in the way of
    anything, it is written and taken away with its record.
    """

    __tablename__ = "search_term"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term: Mapped[str] = mapped_column(BYTEWISE, primary_key=True)
    record_id: Mapped[UUID] = mapped_column(primary_key=True)


class SearchWord(Entity):
    """A word that records stand under, with how it sounds. Two people who write the same new word at once make two
    rows of it, so that neither waits for the other; that does no harm.
    """

    __tablename__ = "search_word"
    __table_args__ = (
        Index("ix_search_word_word", "word"),
        Index("ix_search_word_sound", "sound"),
        Index("ix_search_word_skeleton", "skeleton"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    word: Mapped[str] = mapped_column(BYTEWISE)
    sound: Mapped[str | None] = mapped_column(_SOUND)
    skeleton: Mapped[str | None] = mapped_column(_SOUND)


def index_records(connection: Connection, terms: Mapping[UUID, Collection[str]]) -> None:
    """Have records be found by these terms (`rules.searching.terms_of`)."""
    rows = sorted((term, record_id) for record_id, mine in terms.items() for term in mine)
    if not rows:
        return
    connection.execute(insert(SearchTerm), [{"term": term, "record_id": record_id} for term, record_id in rows])
    learn_words(connection, {term for term, _ in rows})


def forget_records(session: Session, ids: Sequence[UUID]) -> None:
    """Have records that are about to be deleted past the entities be found by nothing any more."""
    connection = session.connection()
    for part in _parts(ids):
        known = select(Enterprise.id, Enterprise.search_text, Enterprise.search_marks).where(Enterprise.id.in_(part))
        _drop(connection, {row.id: terms_of(row.search_text, row.search_marks) for row in connection.execute(known)})


def find_again(session: Session, ids: Sequence[UUID]) -> None:
    """Have records that were written past the entities be found by what they say now; none of them was found before."""
    connection = session.connection()
    for part in _parts(ids):
        known = select(Enterprise.id, Enterprise.search_text, Enterprise.search_marks).where(Enterprise.id.in_(part))
        index_records(
            connection, {row.id: terms_of(row.search_text, row.search_marks) for row in connection.execute(known)}
        )


@event.listens_for(Enterprise, "after_insert")
def _came(_mapper: Mapper[Any], connection: Connection, enterprise: Enterprise) -> None:
    index_records(connection, {enterprise.id: terms_of(enterprise.search_text, enterprise.search_marks)})


@event.listens_for(Enterprise, "after_update")
def _changed(_mapper: Mapper[Any], connection: Connection, enterprise: Enterprise) -> None:
    before = terms_of(_before(enterprise, "search_text"), _before(enterprise, "search_marks"))
    now = terms_of(enterprise.search_text, enterprise.search_marks)
    index_records(connection, {enterprise.id: now - before})
    _drop(connection, {enterprise.id: before - now})


@event.listens_for(Enterprise, "after_delete")
def _went(_mapper: Mapper[Any], connection: Connection, enterprise: Enterprise) -> None:
    _drop(
        connection, {enterprise.id: terms_of(_before(enterprise, "search_text"), _before(enterprise, "search_marks"))}
    )


def _before(enterprise: Enterprise, name: str) -> str:
    known = inspect(enterprise).attrs[name]
    gone: Sequence[str] = known.history.deleted or (known.value,)
    return gone[0]


def learn_words(connection: Connection, terms: Collection[str]) -> None:
    """Know the words among these terms, under which records stand, by how they sound."""
    heard = vocabulary_of(terms)
    for part in _parts(sorted(heard)):
        known = set(connection.scalars(select(SearchWord.word).where(SearchWord.word.in_(part))))
        new = [word for word in part if word not in known]
        rows = [{"word": word, "sound": heard[word][0], "skeleton": heard[word][1]} for word in new]
        if rows:
            connection.execute(insert(SearchWord), rows)


def _drop(connection: Connection, terms: Mapping[UUID, Collection[str]]) -> None:
    """Take records from under terms; a word that finds nothing any more is a name that somebody had, and goes too."""
    rows = [(term, record_id) for record_id, mine in terms.items() for term in mine]
    for part in _parts(sorted(rows)):
        connection.execute(delete(SearchTerm).where(tuple_(SearchTerm.term, SearchTerm.record_id).in_(part)))
    used = exists().where(SearchTerm.term == SearchWord.word).correlate(SearchWord)
    for words in _parts(sorted(vocabulary_of({term for term, _ in rows}))):
        connection.execute(delete(SearchWord).where(SearchWord.word.in_(words), ~used))


def _parts(items: Iterable[Any]) -> Iterator[list[Any]]:
    every = list(items)
    for start in range(0, len(every), _MANY):
        yield every[start : start + _MANY]
