"""HistoryBuffer, MessageHub, LogProcessor and ManagerMixin."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_START = """import copy
import numpy as np, torch
from mmengine.logging import HistoryBuffer, MessageHub, MMLogger
from mmengine.runner import LogProcessor
def shown(b): return [list(map(float, b._log_history)), list(map(float, b._count_history)), b.max_length]
class Loader(list):
    pass
class Loop:
    def __init__(self, n, epochs): self.dataloader, self.max_epochs, self._max_epochs, self.dataloader_len = Loader(range(n)), epochs, epochs, n
class Parameters:
    pass
"""


@st.composite
def programs(draw: Any) -> str:
    """A buffer with values and questions, or a hub with scalars."""
    if draw(st.booleans()):
        return _START + draw(_hub())
    size = draw(st.sampled_from([1_000_000, 1, 3, 5]))
    log = draw(st.lists(st.integers(0, 9), max_size=4))
    lines = [f"b = HistoryBuffer({log}, {[1] * len(log)}, {size})"]
    for _ in range(draw(st.integers(1, 6))):
        value, count, window = (
            draw(st.integers(-5, 20)),
            draw(st.integers(1, 4)),
            draw(st.integers(1, 6)),
        )
        lines.append(
            draw(
                st.sampled_from(
                    [
                        f"b.update({value})",
                        f"b.update({value}.5, {count})",
                        f"b.update(torch.tensor({value}.), {count})",
                        f"b.update(np.float32({value}))",
                        f"b.mean({window}), b.min({window}), b.max({window})",
                        "b.mean(), b.min(), b.max(), b.current()",
                        "b.data",
                        "shown(b)",
                        f"b.statistics('mean', window_size={window})",
                        "b.statistics('nothing')",
                        f"b.statistics('max', {window})",
                        "shown(copy.deepcopy(b))",
                        "b.update('x')",
                    ]
                )
            )
        )
    return _START + "\n".join([*lines, "shown(b)"])


@st.composite
def _hub(draw: Any) -> str:
    lines = ["h = MessageHub.get_instance('h')"]
    for _ in range(draw(st.integers(1, 7))):
        key, value = (
            draw(st.sampled_from(["train/loss", "train/acc", "lr", "k"])),
            draw(st.integers(0, 9)),
        )
        lines.append(
            draw(
                st.sampled_from(
                    [
                        f"h.update_scalar({key!r}, {value})",
                        f"h.update_scalar({key!r}, {value}, {1 + value}, False)",
                        f"h.update_scalar({key!r}, torch.tensor({value}.))",
                        f"h.update_scalars({{{key!r}: {value}, 'm': dict(value={value}, count=2)}})",
                        f"h.update_scalars({{{key!r}: dict(count=2)}})",
                        f"h.update_scalar({key!r}, [1])",
                        f"h.update_info({key!r}, [{value}])",
                        f"h.update_info({key!r}, {value}, resumed=False)",
                        f"h.update_info_dict({{{key!r}: {value}}})",
                        f"h.get_scalar({key!r}).current()",
                        f"h.get_scalar({key!r}).data",
                        f"h.get_info({key!r}, 7)",
                        f"h.pop_info({key!r}, 3)",
                        "sorted(h.log_scalars), sorted(h.runtime_info)",
                        "sorted(h.state_dict())",
                        "h2 = MessageHub.get_instance('h2'); h2.load_state_dict(h.state_dict())",
                        "MessageHub.get_instance('h') is h, MessageHub.check_instance_created('z')",
                        "MessageHub.get_current_instance().instance_name",
                    ]
                )
            )
        )
    return "\n".join(
        [
            *lines,
            "{k: v.data for k, v in sorted(h.log_scalars.items())}",
            "sorted(h.runtime_info.items(), key=str)",
        ]
    )
