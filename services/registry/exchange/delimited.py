"""An export as delimited text: one row for each enterprise, its parts as JSON in columns of their own."""

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from services.registry.exchange import kobo
from services.registry.exchange.columns import MAIN, Shape
from services.registry.exchange.values import as_text, parts_as_json, row_writer


def write_csv(path: Path, shape: Shape, records: Iterable[Mapping[str, Any]]) -> None:
    """UTF-8 with its mark, semicolons, as spreadsheets here read it."""
    _write(path, shape, records, [column.name for column in shape.main], row_writer(shape.main, as_text), "")


def write_kobo_csv(path: Path, shape: Shape, records: Iterable[Mapping[str, Any]]) -> None:
    """The columns of KoboToolbox, and after them what its form does not ask for."""
    sheet = kobo.main_sheet(shape)
    style = [as_text(column) for column in sheet.columns]

    def write(row: Mapping[str, Any]) -> list[Any]:
        cells = sheet.cells(row)
        return [None if cell is None or cell == [] else put(cell) for put, cell in zip(style, cells, strict=True)]

    _write(path, shape, records, sheet.headers, write, kobo.OURS)


def _write(
    path: Path,
    shape: Shape,
    records: Iterable[Mapping[str, Any]],
    headers: list[str],
    main: Callable[[Mapping[str, Any]], list[Any]],
    before: str,
) -> None:
    parts = [(name, parts_as_json(columns)) for name, columns in shape.parts.items()]
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerow([*headers, *(before + name for name, _ in parts)])
        writer.writerows(
            [
                *main(record[MAIN][0]),
                *(orjson.dumps(put(items)).decode() if (items := record[name]) else None for name, put in parts),
            ]
            for record in records
        )
