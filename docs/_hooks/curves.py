"""Pictures of schedules: what a page shows of a config is drawn with the classes themselves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import torch

from engine_registry import PARAM_SCHEDULERS

EPOCHS = 40
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 560, 150, 58, 14, 28
_FENCE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def configs_in(text: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the name and the schedulers of each config that the page has a picture for."""
    for snippet in _FENCE.findall(text):
        for node in ast.parse(snippet).body:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            if isinstance(target, ast.Name) and f"curves/{target.id}.svg" in text:
                source = ast.unparse(node.value)
                found = eval(source, {"__builtins__": {}, "dict": dict})  # our own page
                yield target.id, found if isinstance(found, list) else [found]


def rates_of(configs: list[dict[str, Any]]) -> list[float]:
    """Return the learning rate of each of 40 epochs, beginning with 0.1."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(()))], lr=0.1, momentum=0.9)
    schedulers = [PARAM_SCHEDULERS.build({**each, "optimizer": optimizer}) for each in configs]
    rates = []
    for epoch in range(EPOCHS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        loss = max(0.2, 1 - epoch / 10)  # falls for eight epochs, then stays
        for scheduler in schedulers:
            waits = hasattr(scheduler, "monitor")
            scheduler.step({scheduler.monitor: loss}) if waits else scheduler.step()
    return rates


def picture(rates: list[float]) -> str:
    """Return the rates as an SVG that reads on white and on black."""
    top = max(rates) or 1.0
    x_of = [LEFT + i * (WIDTH - LEFT - 12) / (len(rates) - 1) for i in range(len(rates))]
    y_of = [TOP + (1 - rate / top) * (HEIGHT - TOP - BOTTOM) for rate in rates]
    line = "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in zip(x_of, y_of, strict=True))
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2"/>' for x, y in zip(x_of, y_of, strict=True)
    )
    floor = HEIGHT - BOTTOM
    marks = "".join(
        f'<text x="{x_of[i]:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{i}</text>'
        for i in range(0, len(rates), 10)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="11" fill="#808590">'
        f'<path d="M{LEFT},{TOP} V{floor} H{WIDTH - 12}" fill="none" stroke="#808590"/>'
        f'<text x="{LEFT - 6}" y="{TOP + 4}" text-anchor="end">{top:.3g}</text>'
        f'<text x="{LEFT - 6}" y="{floor + 4}" text-anchor="end">0</text>{marks}'
        f'<text x="{WIDTH - 12}" y="{HEIGHT - 10}" text-anchor="end">epoch</text>'
        f'<path d="{line}" fill="none" stroke="#5b8def" stroke-width="1.6"/>'
        f'<g fill="#5b8def">{dots}</g></svg>\n'
    )
