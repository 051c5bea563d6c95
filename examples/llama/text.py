"""Text as tokens for a language model: Python's language reference, which every Python ships."""

# Dimension names used in this file: T tokens of a sample.
from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from engine_registry import DATASETS

NUM_BYTES = 256


def python_reference() -> str:
    """Return the text of ``help("topics")``, some 700,000 characters about Python."""
    topics: dict[str, str] = import_module("pydoc_data.topics").topics
    return "\n\n".join(topics[name] for name in sorted(topics))


@DATASETS.register_module()
class Tokens(Dataset):
    """Pieces of a text, as ``input_ids`` (T,) and ``labels`` (T,), which are the same.

    Models of transformers compare the output at each place with the label of the next one.

    Args:
        train: whether to take the first nine tenths, or the rest.
        length: T.
        file: a text; by default Python's language reference.
        tokenizer: folder or name of a tokenizer of transformers; by default a token is a byte.
        num_samples: the first ones; None takes all.
    """

    def __init__(
        self,
        train: bool,
        length: int = 128,
        file: str | None = None,
        *,
        tokenizer: str | None = None,
        num_samples: int | None = None,
    ) -> None:
        text = python_reference() if file is None else Path(file).read_text(encoding="utf-8")
        tokens = _tokens(text, tokenizer)
        edge = len(tokens) * 9 // 10
        part = tokens[:edge] if train else tokens[edge:]
        number = len(part) // length
        if not number:
            raise ValueError(f"the text has {len(part)} tokens here, a sample needs {length}")
        self.samples = part[: number * length].reshape(number, length)[:num_samples]

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        sample = self.samples[index].long()
        return {"input_ids": sample, "labels": sample}


def _tokens(text: str, tokenizer: str | None) -> Tensor:
    if tokenizer is None:
        return torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8)
    from transformers import AutoTokenizer

    made: Any = AutoTokenizer.from_pretrained(tokenizer)
    return torch.tensor(made(text)["input_ids"], dtype=torch.int32)
