#!/usr/bin/python3
"""The examples of README.md, docs/tutorial.md and docs/sql.md against the real server, in the order
of the page: what a page shows is what is answered.

A page shows an answer in one of three ways, and each is compared whole. Nothing is masked: pages
choose their claim_ids, and show no time and no seq.

1. Behind the statement, "-- done | held": the fields of the one row.
2. Below it as comments, "-- outcome | state" and "-- done | held": the names and the fields.
3. Below it as psql prints it: every line as it is.
"""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import TESTS, run_client, servers  # noqa: E402

AS_A_PERSON_SEES_IT = "-P format=aligned -P tuples_only=off -P footer=off".split()


def page(name):
    return (servers.ROOT / name).read_text()


def blocks(text, language):
    """The fenced blocks of a language; of none when it is empty."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for word, block in fenced if word == language]


def fields(line):
    return [field.strip() for field in line.split("|")]


class Example:
    """A statement and the lines that a page shows for it."""

    def __init__(self, statement):
        self.statement = statement
        self.behind = None
        self.below = []

    def check(self, test, printed):
        rows = [fields(line) for line in (printed[0], *printed[2:])]
        if self.behind is not None:
            test.assertEqual([fields(self.behind)], rows[1:], self.statement)
        elif self.below and self.below[0].startswith("-- "):
            test.assertEqual([fields(line[2:]) for line in self.below], rows, self.statement)
        elif self.below:
            test.assertEqual(self.below, printed, self.statement)


def examples(block):
    """A statement begins with a letter and goes on to the line that ends with a semicolon, but for
    what is shown behind it. Below it stands what begins with a space or a dash."""
    found = []
    statement = ""
    for line in block.splitlines():
        if statement or re.match(r"[A-Za-z]", line):
            whole = re.fullmatch(r"(.*;)(?:\s+-- (.*))?", line)
            statement += (whole.group(1) if whole else line) + "\n"
            if whole:
                found.append(Example(statement))
                found[-1].behind = whole.group(2)
                statement = ""
        elif line:
            found[-1].below.append(line)
    return found


class Pages(unittest.TestCase):
    def setUp(self):
        scratch = servers.scratch("docs")
        place = scratch.__enter__()
        self.addCleanup(scratch.__exit__, None, None, None)
        self.server = servers.Holdfast(place / "data")
        self.addCleanup(self.server.stop)

    def psql(self, statement):
        printed = servers.psql(self.server, statement, *AS_A_PERSON_SEES_IT).stdout
        return [line.rstrip() for line in printed.removesuffix("\n\n").splitlines()]

    def run_blocks(self, found, *, all_are_shown):
        for example in (example for block in found for example in examples(block)):
            if all_are_shown:
                self.assertTrue(example.behind or example.below, example.statement)
            example.check(self, self.psql(example.statement))

    def test_tutorial(self):
        text = page("docs/tutorial.md")
        self.run_blocks(blocks(text, ""), all_are_shown=True)
        self.server.stop()
        shown = re.search(r"holdfast verify .*# ends with: (.*)", text).group(1).split(", ")
        code, output = self.server.verify()
        self.assertEqual(code, 0, output)
        self.assertEqual(
            [" ".join(line.split()) for line in output.splitlines()[-len(shown) :]], shown
        )

    def test_sql(self):
        text = page("docs/sql.md")
        self.run_blocks(blocks(text, "sql"), all_are_shown=True)
        # Whole statements in the running text (not the patterns, which say "columns") show no
        # answer, but they have one.
        inline = re.findall(r"`((?:SELECT (?!columns)|SHOW )[^`]*)`", text)
        self.assertTrue(inline)
        for statement in inline:
            self.assertGreater(len(self.psql(statement)), 2, statement)

    def test_readme(self):
        """The session, and behind it the programs, which sell what it left."""
        text = page("README.md")
        self.run_blocks(blocks(text, "sql"), all_are_shown=False)
        (python,) = blocks(text, "python")
        names = {}
        exec(self.at_this_port(python), names)
        self.assertEqual((names["granted"], names["outcome"]), (True, "granted"))
        (script,) = blocks(text, "js")
        shown = re.search(r'// ("\d+") → (\d+);', script).groups()
        script = self.at_this_port(script) + "console.log(JSON.stringify(rows[0].available), left)"
        said = run_client(
            ["node", "--input-type=module", "-e", script], cwd=TESTS / "clients" / "node"
        )
        self.assertEqual(said, " ".join(shown) + "\n")

    def at_this_port(self, program):
        self.assertIn("5433", program)
        return program.replace("5433", str(self.server.port))


if __name__ == "__main__":
    unittest.main()
