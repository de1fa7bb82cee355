"""One benchmark's result: printed as a markdown table, kept as JSON (the plots are drawn from
it)."""

import json

import servers


class Report:
    def __init__(self, row, goal, facts):
        self.row, self.goal, self.facts = row, goal, facts
        self.columns, self.rows, self.ratios = [], [], []
        self.series, self.latencies = {}, {}  # by contender: [clients, figure, …]

    def table(self, *columns):
        self.columns = list(columns)

    def add(self, *cells):
        self.rows.append(
            [f"{cell:,.0f}" if isinstance(cell, float) else str(cell) for cell in cells]
        )

    def claim_ratio(self, what, value, goal=None):
        self.ratios.append(
            {
                "what": what,
                "value": round(value, 3),
                "goal": goal,
                "met": None if goal is None else value >= goal,
            }
        )

    def markdown(self):
        lines = [f"## {self.row}", "", self.goal, ""]
        if self.columns:
            lines += [
                "| " + " | ".join(self.columns) + " |",
                "| " + " | ".join("---" for _ in self.columns) + " |",
            ]
            lines += ["| " + " | ".join(row) + " |" for row in self.rows]
            lines.append("")
        for found in self.ratios:
            verdict = "" if found["met"] is None else (" ✓" if found["met"] else " ✗")
            goal = "" if found["goal"] is None else f" (goal ≥ {found['goal']})"
            lines.append(f"- {found['what']}: **{found['value']:.2f}**{goal}{verdict}")
        lines += [""] + [f"- {name}: {value}" for name, value in self.facts.items()]
        return "\n".join(lines) + "\n"

    def save(self):
        folder = servers.ROOT / "build" / "bench"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.row}.json").write_text(
            json.dumps(self.__dict__, indent=2, ensure_ascii=False) + "\n"
        )
        (folder / f"{self.row}.md").write_text(self.markdown())
        print(self.markdown())
        print(f"kept in {folder / self.row}.json and .md")
