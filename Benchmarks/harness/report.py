"""What a scenario found, for the terminal, as Markdown and as a picture."""

import dataclasses
import html

USER, SYSTEM, TEXT = "#2f6690", "#9fc2d9", "#333"


@dataclasses.dataclass
class Target:
    """A promise and what came of it."""
    promise: str
    found: float
    most: float = None
    unit: str = ""
    least: float = None

    @property
    def met(self):
        return (self.most is None or self.found <= self.most) and (self.least is None or self.found >= self.least)

    def line(self):
        bounds = [("at least", self.least), ("at most", self.most)]
        bounds = [f"{word} {bound:,g}{self.unit}" for word, bound in bounds if bound is not None]
        return f"{'met' if self.met else 'MISSED'}: {self.promise} – {self.found:,.2f}{self.unit}, {', '.join(bounds)}"


@dataclasses.dataclass
class Section:
    title: str
    about: str                                          # how it was measured, in a sentence or two
    columns: list
    rows: list                                          # of lists of text, as many as columns
    targets: list = dataclasses.field(default_factory=list)
    bars: list = dataclasses.field(default_factory=list)  # (name, user µs, system µs)
    notes: list = dataclasses.field(default_factory=list)

    def terminal(self):
        widths = [max(len(row[i]) for row in [self.columns, *self.rows]) for i in range(len(self.columns))]
        lines = ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths)))
                 for row in [self.columns, *self.rows]]
        return "\n".join([f"\n{self.title}", *lines, *self.notes, *(target.line() for target in self.targets)])

    def markdown(self, machine, versions, picture):
        align = ["---"] + ["---:"] * (len(self.columns) - 1)
        table = ["| " + " | ".join(row) + " |" for row in [self.columns, align, *self.rows]]
        lines = [f"# {self.title}", "", self.about, "", *table, ""]
        lines += [f"![CPU time a request, user and system]({picture})", ""] if self.bars else []
        lines += [f"- {line}" for line in [*self.notes, *(target.line() for target in self.targets)]]
        lines += ["", machine + ("  " if versions else ""), *([" · ".join(versions)] if versions else []), ""]
        return "\n".join(lines)

    def svg(self):
        """Lying bars of CPU time a request. A bar that dwarfs the others is cut, and its number says so."""
        sums = sorted(user + system for _, user, system in self.bars)
        median = sums[len(sums) // 2]
        scale = 460 / min(sums[-1], 1.3 * max(total for total in sums if total <= 4 * median))
        height = 64 + 34 * len(self.bars)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{height}" viewBox="0 0 760 {height}" '
            f'font-family="system-ui, sans-serif" font-size="13" fill="{TEXT}">',
            f'<rect width="760" height="{height}" fill="#fff"/>',
            f'<text x="16" y="24" font-weight="600">{html.escape(self.title)}: CPU µs a request</text>',
        ]
        for number, (name, user, system) in enumerate(self.bars):
            y, room = 42 + 34 * number, 460
            first = min(user * scale, room)
            second = min(system * scale, room - first)
            cut = " (bar cut)" if (user + system) * scale > room + 1 else ""
            parts.append(f'<text x="150" y="{y + 16}" text-anchor="end">{html.escape(name)}</text>')
            parts.append(f'<rect x="160" y="{y}" width="{first:.1f}" height="22" fill="{USER}"/>')
            parts.append(f'<rect x="{160 + first:.1f}" y="{y}" width="{second:.1f}" height="22" fill="{SYSTEM}"/>')
            parts.append(f'<text x="{168 + first + second:.1f}" y="{y + 16}">{user + system:.2f}{cut}</text>')
        y = height - 10
        parts.append(f'<rect x="160" y="{y - 10}" width="10" height="10" fill="{USER}"/><text x="176" y="{y}">user</text>')
        parts.append(f'<rect x="226" y="{y - 10}" width="10" height="10" fill="{SYSTEM}"/><text x="242" y="{y}">system</text>')
        return "\n".join([*parts, "</svg>", ""])
