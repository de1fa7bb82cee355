#!/usr/bin/python3
"""Draws a flame graph of what perf has recorded: one SVG, without a script in it.

    perf record -a -g -o perf.data -- sleep 5
    perf script -i perf.data -F comm,ip,sym | bench/flame.py --comm holdfast "title" > flame.svg

Each box is a function, as wide as the share of samples in which it was on the stack; what called
it is below. (Brendan Gregg, "The Flame Graph", CACM 59(6), 2016.)
"""

import argparse
import html
import re
import sys

WIDTH = 1200
ROW = 15
LEAST_SHARE = 0.002  # a narrower box is left out
COLOURS = (
    (r"^holdfast::(Pg|Row|Reply|Wire|Slot|Loop|Tcp|row_desc)", "#7aa6d8", "network and protocol"),
    (r"^holdfast::(Sql|Arguments|Bound)|bind|write_answer|check_", "#8fc79a", "SQL and service"),
    (r"^holdfast::", "#e8b45a", "engine, ledger, journal"),
    (r"^boost::|^std::|^fmt::|^__mem|^tl::", "#cfc4b2", "libraries"),
    (r"", "#d98880", "kernel and C library"),
)


class Frame:
    def __init__(self, name):
        self.name, self.samples, self.above = name, 0, {}

    def add(self, stack):
        self.samples += 1
        if stack:
            self.above.setdefault(stack[0], Frame(stack[0])).add(stack[1:])

    def depth(self, least):
        tall = [above.depth(least) for above in self.above.values() if above.samples >= least]
        return 1 + max(tall, default=0)


def short(symbol):
    """The name of a function without its arguments and template arguments."""
    name = re.sub(r"\(anonymous namespace\)::", "", symbol.strip())
    while (shorter := re.sub(r"<[^<>]*>", "", name)) != name:
        name = shorter
    return re.sub(r"\(.*", "", name) or symbol.strip()


def stacks(lines, comm):
    """The stacks of one program's samples, the outermost function first."""
    stack, wanted = [], False
    for line in lines:
        if not line.strip():
            if wanted and stack:
                yield stack[::-1]
            stack, wanted = [], False
        elif not line[0].isspace():
            wanted = comm is None or line.split()[0] == comm
        elif wanted and (name := short(line.strip().partition(" ")[2])) not in ("[unknown]", ""):
            stack.append(name)


def boxes(frame, x, level, scale, least):
    yield x, level, frame
    for above in sorted(frame.above.values(), key=lambda one: one.name):
        if above.samples >= least:
            yield from boxes(above, x, level + 1, scale, least)
        x += above.samples * scale


def colour(name):
    return next(shade for pattern, shade, _ in COLOURS if re.search(pattern, name))


def svg(root, title):
    scale, least = WIDTH / root.samples, root.samples * LEAST_SHARE
    height = (root.depth(least) + 3) * ROW
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="monospace" font-size="10" role="img">'
    )
    yield f"<title>{html.escape(title)}</title>"
    yield f'<rect width="{WIDTH}" height="{height}" fill="#fbfaf7"/>'
    yield f'<text x="6" y="12" font-weight="bold">{html.escape(title)}</text>'
    for number, (_, shade, what) in enumerate(COLOURS):
        x = 6 + number * 190
        yield f'<rect x="{x}" y="18" width="10" height="10" fill="{shade}"/>'
        yield f'<text x="{x + 14}" y="27">{what}</text>'
    for x, level, frame in boxes(root, 0, 0, scale, least):
        y, width = height - (level + 1) * ROW, frame.samples * scale
        share = 100 * frame.samples / root.samples
        name = frame.name.removeprefix("holdfast::")
        label = html.escape(name[: int(width / 6.2)]) if width > 25 else ""
        yield (
            f'<g><title>{html.escape(frame.name)}: {share:.1f} %</title>'
            f'<rect x="{x:.1f}" y="{y}" width="{max(width - 0.3, 0.3):.1f}" height="{ROW - 1}" '
            f'fill="{colour(frame.name)}"/><text x="{x + 2:.1f}" y="{y + 10}">{label}</text></g>'
        )
    yield "</svg>"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("title")
    parser.add_argument("--comm", help="only samples of this program")
    arguments = parser.parse_args()
    root = Frame("all")
    for stack in stacks(sys.stdin, arguments.comm):
        root.add(stack)
    if root.samples == 0:
        sys.exit("flame.py: no samples of this program")
    print("\n".join(svg(root, arguments.title)))


if __name__ == "__main__":
    main()
