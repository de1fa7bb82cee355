"""Statements that both servers answer alike: a file per section in statements/, a statement per
line, run in that order. Each section makes what it needs, so that it can be read, and fail, by
itself."""

import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent / "statements"
SECTIONS = sorted(file.stem for file in FOLDER.glob("*.sql"))
# PostgreSQL says these at Bind or Execute, Holdfast at Parse.
ONLY_SIMPLE = ("errors_that_come_early",)


def lines(section):
    return (FOLDER / f"{section}.sql").read_text().splitlines()
