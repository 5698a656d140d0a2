"""What a process that tests need not do again for each of its hundreds of applications and databases."""

import tempfile
from typing import Any

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from shared import database
from shared.garbage import collect_rarely

PRAGMAS = database._PRAGMAS
"""As the house opens its files, for the test that asks."""


def prepare(config: pytest.Config) -> None:
    folder = tempfile.TemporaryDirectory(prefix="csem-templates-")
    config.add_cleanup(folder.cleanup)
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(folder.name)}
    collect_rarely()
    _read_routes_once()
    _compile_statements_once()
    # A test that kills a process takes nothing from the disk's cache; only a power cut would.
    database._PRAGMAS = tuple(pragma.replace("=FULL", "=OFF") for pragma in PRAGMAS)


def _read_routes_once() -> None:
    """The same routes are bound for each application: what Werkzeug reads and writes for one is kept."""
    kept: dict[tuple[Any, ...], dict[str, Any]] = {}
    compile_anew = Rule.compile

    def compile_once(rule: Rule) -> None:
        key = (rule.rule, rule.host, rule.subdomain, repr(rule.defaults), rule.merge_slashes, rule.map.host_matching)
        if key not in kept:
            compile_anew(rule)
            names = ("_parts", "_trace", "_converters", "arguments")
            kept[key] = {name: vars(rule)[name] for name in names}
            kept[key] |= {name: vars(rule)[name].__func__ for name in ("_build", "_build_unknown")}
            return
        vars(rule).update(kept[key])
        rule._build, rule._build_unknown = rule._build.__get__(rule), rule._build_unknown.__get__(rule)

    Rule.compile = compile_once


def _compile_statements_once() -> None:
    """SQLAlchemy keeps compiled statements per engine and dialect; here every database of a kind counts as the same."""
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = lambda one, other: type(one) is type(other)
        dialect.__hash__ = lambda one: hash(type(one))
    database._OPTIONS = {**database._OPTIONS, "execution_options": {"compiled_cache": LRUCache(10_000)}}
