"""Visualizer: whether inputs are drawn or refused."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_START = """import numpy as np, torch
from mmengine.visualization import Visualizer
v = Visualizer()
v.set_image(np.zeros((8, 10, 3), dtype='uint8'))
def drawn(): return v.get_image().shape, v.get_image().dtype, bool((v.get_image() != 0).any())
"""
_MARKERS = st.sampled_from(
    ["'o'", "'x'", "''", "'Nonesuch'", "0", "11", "12", "(5, 1)", "(5, 2, 30)", "(5,)", "['o']"]
)


@st.composite
def programs(draw: Any) -> str:
    """Calls of its drawing methods with fitting and unfitting arguments."""
    numbers = st.sampled_from(
        [
            "[1, 2, 5, 6]",
            "[[1, 2, 5, 6], [0, 0, 3, 3]]",
            "[1, 2]",
            "[[1, 2], [5, 6]]",
            "[[1, 2], [5, 6], [7, 2]]",
            "[]",
            "[3]",
        ]
    )
    wrap = st.sampled_from(["np.array({})", "torch.tensor({})", "{}", "tuple({})"])
    lines = []
    for _ in range(draw(st.integers(1, 3))):

        def argument() -> str:
            return str(draw(wrap)).format(draw(numbers))

        color = draw(
            st.sampled_from(
                [
                    "",
                    ", edge_colors='r'",
                    ", edge_colors=(255, 0, 0)",
                    ", edge_colors=['r', 'g']",
                    ", edge_colors=3",
                    ", line_widths=2",
                    ", alpha=0.5",
                    ", alpha=2",
                    ", line_styles='--'",
                ]
            )
        )
        lines.append(
            draw(
                st.sampled_from(
                    [
                        f"v.draw_bboxes({argument()}{color}) is v",
                        f"v.draw_points({argument()}, sizes=np.array([2])) is v",
                        f"v.draw_points({argument()}, marker={draw(_MARKERS)}) is v",
                        f"v.draw_lines({argument()}, {argument()}) is v",
                        f"v.draw_circles({argument()}, {argument()}{color}) is v",
                        f"v.draw_polygons({argument()}{color}) is v",
                        f"v.draw_texts('a', {argument()}) is v",
                        f"v.draw_texts('a', {argument()}, font_families='Nonesuch') is v",
                        f"v.draw_texts(['a', 'b'], {argument()}, colors='w') is v",
                        f"v.draw_texts('a', {argument()}, font_sizes=3, vertical_alignments='bottom') is v",
                        "v.draw_binary_masks(np.ones((8, 10), dtype=bool)) is v",
                        "v.draw_binary_masks(torch.ones(2, 8, 10) > 0, colors=['r', 'g']) is v",
                        "v.draw_binary_masks(np.ones((8, 10))) is v",
                        "v.draw_binary_masks(np.ones((3, 3), dtype=bool)) is v",
                        "v.draw_featmap(torch.ones(3, 4, 4)).shape",
                        "v.draw_featmap(torch.ones(5, 4, 4), topk=2, arrangement=(1, 2)).ndim",
                        "v.draw_featmap(np.ones((3, 4, 4)))",
                        "v.draw_featmap(torch.ones(1, 3, 4, 4))",
                        "v.draw_featmap(torch.ones(4, 4, 4), np.zeros((8, 10, 3), dtype='uint8')).shape",
                        "v.set_image('x')",
                        "v.set_image(np.arange(80, dtype='uint8').reshape(8, 10))",
                    ]
                )
            )
        )
        lines.append("drawn()")
    return _START + "\n".join(lines)
