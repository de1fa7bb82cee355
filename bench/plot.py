#!/usr/bin/python3
"""Draws what bench/run.py kept in build/bench/*.json, for rows that have more than one count of
clients: rate over clients, and the latencies of rows that keep them, one SVG per row and figure.

    bench/plot.py                     beside the JSON
    bench/plot.py --into docs/plots   elsewhere

Does nothing, and says so, where python3-matplotlib is not installed.
"""

import argparse
import io
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "build" / "bench"
SHARES = ("p50", "p99", "p999")
STYLES = ("-", "--", ":")


def save(axes, what, title, target):
    axes.set(xlabel="clients", ylabel=what, title=title)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", nonpositive="mask")  # what is too short for the client's clock reads 0
    axes.grid(True, alpha=0.3)
    axes.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1, 1))
    axes.xaxis.set_major_formatter("{x:.0f}")
    drawn = io.StringIO()
    axes.figure.savefig(drawn, format="svg", bbox_inches="tight", metadata={"Date": None})
    target.write_text("".join(line.rstrip() + "\n" for line in drawn.getvalue().splitlines()))
    print(target)


def draw_rates(pyplot, lines, title, target):
    axes = pyplot.subplots(figsize=(7, 4))[1]
    for name, points in lines:
        axes.plot(*zip(*points), marker="o", label=name)
    save(axes, "statements/s", title, target)


def draw_latencies(pyplot, lines, title, target):
    axes = pyplot.subplots(figsize=(7, 5))[1]
    for index, (name, points) in enumerate(lines):
        clients, *figures = zip(*points)
        for share, style, values in zip(SHARES, STYLES, figures):
            axes.plot(
                clients, values, style, color=f"C{index}", marker=".", label=f"{name} {share}"
            )
    save(axes, "milliseconds", title, target)


def draw(pyplot, path, folder):
    kept = json.loads(path.read_text())
    title = f"{kept['row']}: {kept['goal']}"
    for what, paint in (("series", draw_rates), ("latencies", draw_latencies)):
        lines = sorted(item for item in kept[what].items() if len(item[1]) > 1)
        if lines:
            name = path.stem + ("-latency" if what == "latencies" else "")
            paint(pyplot, lines, title, folder / f"{name}.svg")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=pathlib.Path, default=FOLDER)
    folder = parser.parse_args().into
    try:
        import matplotlib
    except ImportError:
        print("python3-matplotlib is not installed: no plots")
        return 0
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "holdfast"  # the same figures, the same file
    matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(FOLDER.glob("B*.json")):
        draw(pyplot, path, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
