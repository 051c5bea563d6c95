"""What ranks do as if they were many: importable by them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine_checkpoint import OWN, ShardedWriter, read_own_part, read_sharded
from engine_dataset import BaseDataset
from engine_dist import get_rank
from engine_dist.objects import from_main
from engine_runner.runner.rank_statistics import is_alike, is_anywhere, mean_window


class Telling(BaseDataset):
    """Leaves a file on each rank that loads it, and knows something more since then."""

    def __init__(self, folder: str, size: int, **kwargs: Any) -> None:
        self.folder, self.size = folder, size
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        Path(self.folder, f"read_by_{get_rank()}").touch()
        if self.size < 0:
            raise FileNotFoundError("no annotations here")
        self._metainfo["task"] = "told"
        self.ids = [7, 8]
        return [{"value": i, "img_path": f"images/{i}.png"} for i in range(self.size)]


def load_once(folder: str) -> list[Any]:
    """What ranks know of data sets that one of them loads; and the error of one that fails."""
    found: list[Any] = []
    for packed in (True, False):
        data = Telling(folder, size=4, broadcast=True, serialize_data=packed, indices=[3, 1])
        found.append([[each["value"] for each in data], data.metainfo["task"], data.ids, len(data)])
    try:
        Telling(folder, size=-1, broadcast=True)
    except Exception as error:
        found.append((type(error).__name__, str(error)))
    return found


def read_once(path: str) -> str:
    """A text that the main rank reads, and then removes before another could."""

    def read() -> str:
        text = Path(path).read_text("utf-8")
        Path(path).unlink()
        return text

    return from_main(read)


def bounded() -> dict[str, Any]:
    """What ranks find out of each other."""
    rank = get_rank()
    numbers, draws = torch.arange(3.0), torch.tensor([rank])
    window = {
        "every": 4,
        "count": 2,
        "gradients": [numbers + rank, None, numbers[:2] if rank else None],
    }
    return {
        "alike": is_alike({"a": [numbers, 1], "b": ("x", None)}),
        "unlike": is_alike({"a": [draws]}),
        "anywhere": [is_anywhere(rank == 1), is_anywhere(False)],
        "mean": mean_window({"one": window, "other": {}}),
        "longer": mean_window({"gradients": [numbers] if rank else []}),
        "untouched": window["gradients"][0],
    }


def own_parts(folder: str) -> list[Any]:
    """A checkpoint to which each rank adds its own, read back; and of a rank that isn't there."""
    address = str(Path(folder, "checkpoint"))
    checkpoint = {
        "meta": {"iter": 1},
        "state_dict": dict(nn.Linear(2, 2).state_dict()),
        OWN: {"rng": torch.full((2,), get_rank()), "place": get_rank()},
    }
    ShardedWriter().stage(checkpoint, address)()
    own = read_own_part(address, get_rank())
    whole = read_sharded(address)
    return [own["rng"].tolist(), own["place"], sorted(whole), read_own_part(address, 7)]


def everything(folder: str) -> dict[str, Any]:
    """What each of two processes finds; one group for all tests, as it takes long to start."""
    return {
        "bounded": bounded(),
        "own": own_parts(folder),
        "loaded": load_once(folder),
        "text": read_once(f"{folder}/text"),
    }
