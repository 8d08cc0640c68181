"""Loss curves as an SVG file, written by hand."""

from __future__ import annotations

from pathlib import Path

WIDTH, HEIGHT, LEFT, BOTTOM = 720, 360, 56, 40


def draw(path: Path, lines: dict[str, list[tuple[float, float]]], across: str) -> None:
    """`lines`: by name, points of (across, loss)."""
    points = [point for line in lines.values() for point in line]
    if not points:
        return
    right = max(x for x, _ in points) or 1.0
    top = max(y for _, y in points) * 1.05
    place = lambda x, y: (LEFT + x / right * (WIDTH - LEFT - 12), HEIGHT - BOTTOM - y / top * (HEIGHT - BOTTOM - 16))  # noqa: E731
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for step in range(6):
        x, y = place(right * step / 5, top * step / 5)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 12}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{top * step / 5:.2f}</text>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{right * step / 5:,.0f}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 6}" text-anchor="middle">{across}</text>')
    for index, (name, line) in enumerate(lines.items()):
        colour = ("#1f77b4", "#d62728", "#2ca02c")[index % 3]
        path_data = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line))
        parts.append(f'<polyline points="{path_data}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(f'<text x="{WIDTH - 150}" y="{24 + 16 * index}" fill="{colour}">{name}</text>')
    path.write_text("\n".join([*parts, "</svg>\n"]))
