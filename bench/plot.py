#!/usr/bin/python3
"""Draws what bench/run.py kept in build/bench/*.json: rate over clients, one SVG per row that has
more than one count.

Does nothing, and says so, where python3-matplotlib is not installed.
"""

import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "build" / "bench"


def draw(pyplot, path):
    kept = json.loads(path.read_text())
    lines = {name: points for name, points in kept["series"].items() if len(points) > 1}
    if not lines:
        return
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for name, points in sorted(lines.items()):
        axes.plot(
            [clients for clients, _ in points], [rate for _, rate in points], marker="o", label=name
        )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="clients",
        ylabel="statements/s",
        title=f"{kept['row']}: {kept['goal']}",
    )
    axes.grid(True, which="both", alpha=0.3)
    axes.legend()
    target = path.with_suffix(".svg")
    figure.savefig(target, bbox_inches="tight")
    print(target)


def main():
    try:
        import matplotlib
    except ImportError:
        print("python3-matplotlib is not installed: no plots")
        return 0
    matplotlib.use("svg")
    from matplotlib import pyplot

    for path in sorted(FOLDER.glob("B*.json")):
        draw(pyplot, path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
