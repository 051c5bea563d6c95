"""Checkpoints, indices and option texts at random, by what their readers know.

Pickles are made of the instructions that a reader takes, around the names that a checkpoint may
hold and those that it may not; some are then damaged.
"""

from __future__ import annotations

import json
import struct
from random import Random
from typing import Any

from corpus_checkpoint import (
    FORMATS,
    NAMES,
    PATHS,
    WAYS,
    CheckpointCase,
    checkpoint_of,
)
from instructions import as_global, as_number, as_text, as_tuple

from engine_checkpoint.kinds_numpy import NUMPY
from engine_checkpoint.kinds_standard import STANDARD
from engine_checkpoint.kinds_torch import TORCH

__all__ = ["checkpoint_case", "option_texts"]

_KNOWN = [name for kind in (*NUMPY, *STANDARD, *TORCH) for name in kind.names]
_DEEPEST = 5
_TEXTS = [
    "",
    "w",
    "meta",
    "cpu",
    "cuda:0",
    "0",
    "b",
    "<",
    "f4",
    "V99999999",
    "here",
    "\ud7ff",
    "x" * 9999,
]
_NUMBERS = [0, 1, -1, 2, 3, 255, 2**15, -(2**31), 2**31 - 1]
_STORAGES = ["FloatStorage", "HalfStorage", "BoolStorage", "UntypedStorage", "QInt8Storage", "x"]


class _Pickles:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._kept = 0

    def one(self, *choices: Any) -> Any:
        return self._random.choice(choices)

    def value(self, depth: int = 0) -> bytes:
        """Instructions that leave one value, if they are let."""
        if depth >= _DEEPEST or self._random.random() < 0.25:
            return self._atom()
        makers = [
            self._list,
            self._tuple,
            self._dict,
            self._set,
            self._call,
            self._call,
            self._call,
        ]
        makers += [self._tensor, self._kept_value, self._state]
        return bytes(self._random.choice(makers)(depth + 1))

    def _atom(self) -> bytes:
        kept = struct.pack("<I", self._random.randrange(self._kept + 1))
        return self.one(
            b"N", b"\x88", b"\x89", b"]", b"}", b")", b"\x8f", as_number(self.one(*_NUMBERS)),
            as_text(self.one(*_TEXTS)), b"G" + struct.pack(">d", self.one(0.0, 1e300, float("nan"))),  # noqa: E501
            b"\x8a" + bytes([20]) + self._random.randbytes(20), b"j" + kept, b"h\x00",
            b"B" + struct.pack("<I", 8) + self._random.randbytes(8), as_global(self.name()),
        )  # fmt: skip

    def name(self) -> str:
        return str(self.one(self.one(*_KNOWN), self.one(*_KNOWN), self.one(*NAMES)))

    def _several(self, depth: int) -> bytes:
        return b"".join(self.value(depth) for _ in range(self._random.randint(0, 4)))

    def _list(self, depth: int) -> bytes:
        several = self._several(depth)
        many = self.one(1, 1, 1, 300) if len(several) < 1000 else 1
        return b"](" + several * many + b"e"

    def _tuple(self, depth: int) -> bytes:
        return self.one(b"(" + self._several(depth) + b"t", self.value(depth) + b"\x85")

    def _dict(self, depth: int) -> bytes:
        keys = b"".join(self.value(depth) + self.value(depth) for _ in range(2))
        return self.one(b"}(" + keys + b"u", b"}" + self.value(depth) + self.value(depth) + b"s")

    def _set(self, depth: int) -> bytes:
        return self.one(
            b"\x8f(" + self._several(depth) + b"\x90", b"(" + self._several(depth) + b"\x91"
        )

    def _call(self, depth: int) -> bytes:
        arguments = b"(" + self._several(depth) + b"t"
        return as_global(self.name()) + arguments + self.one(b"R", b"\x81")

    def _state(self, depth: int) -> bytes:
        return self._call(depth) + self.value(depth) + b"b"

    def _kept_value(self, depth: int) -> bytes:
        self._kept += 1
        kept = struct.pack("<I", self._kept)
        return self.value(depth) + self.one(b"r" + kept, b"\x94", b"2", b"r" + kept + b"j" + kept)

    def _tensor(self, depth: int) -> bytes:
        sizes = [as_tuple(*[as_number(self.one(*_NUMBERS)) for _ in range(self._random.randint(0, 3))])  # noqa: E501
                 for _ in range(2)]  # fmt: skip
        storage = as_tuple(
            as_text("storage"), as_global(f"torch.{self.one(*_STORAGES)}"), as_text(self.one("0", "1")),  # noqa: E501
            as_text(self.one("cpu", "cuda", "meta")), as_number(self.one(*_NUMBERS)),
        ) + b"Q"  # fmt: skip
        offset = as_number(self.one(0, 0, 0, *_NUMBERS))
        rest = self.one(b"", b"\x89" + self.value(depth))
        name = self.one("torch._utils._rebuild_tensor_v2", *[n for n in _KNOWN if "_rebuild" in n])
        return as_global(name) + as_tuple(storage, offset, *sizes, rest) + b"R"


def _damaged(random: Random, data: bytes) -> bytes:
    """The bytes with some cut, changed, doubled or put in."""
    changed = bytearray(data)
    for _ in range(random.choice([0, 0, 1, 3, 20])):
        at = random.randrange(len(changed) + 1)
        kind = random.randrange(4)
        if kind == 0:
            changed[at : at + 1] = bytes([random.randrange(256)])
        elif kind == 1:
            del changed[at : at + random.choice([1, 8, 1000])]
        elif kind == 2:
            changed[at:at] = changed[at : at + random.choice([1, 8, 1000])]
        else:
            changed[at:at] = struct.pack("<Q", random.choice([0, 1, 2**31, 2**40, 2**63]))
    return bytes(changed)


def _json(random: Random, depth: int = 0) -> Any:
    """A value of JSON such as an index or a manifest has."""
    atoms = ["w", 1, -1, None, True, 1.5, 10**30, "0" * 64, "model.safetensors", *PATHS]
    if depth > 3 or random.random() < 0.3:
        return random.choice(atoms)
    if random.random() < 0.2:
        return [_json(random, depth + 1) for _ in range(random.randint(0, 3))]
    keys = ["weight_map", "metadata", "files", "size", "sha256", "w", "dtype", "shape", "total_size",  # noqa: E501
            "data_offsets", "__metadata__", "content.pth", "../x", "format"]  # fmt: skip
    return {random.choice(keys): _json(random, depth + 1) for _ in range(random.randint(0, 4))}


def _pickled(random: Random) -> bytes:
    pickles = _Pickles(random)
    value = pickles.value()
    if random.random() < 0.1:
        value = random.choice([*WAYS.values()])(pickles.name())
    whole = b"\x80\x02" + value + b"." if random.random() < 0.3 else checkpoint_of(value)
    return whole if random.random() < 0.5 else _damaged(random, whole)


def checkpoint_case(random: Random, name: str) -> CheckpointCase:
    """A case of any kind."""
    said = _damaged(random, json.dumps(_json(random)).encode())
    kind = random.choice(
        ["pickle", "pickle", "pickle", "index", "manifest", "layout", "last", "tensors"]
    )
    if kind == "pickle":
        shaped = random.choice([*FORMATS.values()])(_pickled(random))
        data = shaped if random.random() < 0.5 else _damaged(random, shaped)
        how = random.choice(["read", "load", "infer"])
        if random.random() < 0.2:
            return CheckpointCase(name, "a.pkl", {"a.pkl": _pickled(random)}, how="pickle")
        return CheckpointCase(name, "a.pth", {"a.pth": data}, how=how)
    if kind == "index":
        index = "model.safetensors.index.json"
        beside = {"model.safetensors": _safetensors(random)}
        return CheckpointCase(name, index, {index: said, **beside}, how="load")
    if kind == "manifest":
        parts = {"ck/manifest.json": said, "ck/content.pth": _pickled(random)}
        return CheckpointCase(name, "ck", parts, how="load")
    if kind == "layout":
        parts = {"ck/manifest.json": b'{"files": {}}', "ck/.metadata": _pickled(random)}
        return CheckpointCase(name, "ck", parts, how="load")
    if kind == "last":
        told = _damaged(
            random, random.choice([path for path in PATHS if "://" not in path]).encode()
        )
        return CheckpointCase(f"last: {name}", ".", {"last_checkpoint": told}, how="newest")
    file = {"model.safetensors": _safetensors(random)}
    return CheckpointCase(name, "model.safetensors", file, how="load")


def _safetensors(random: Random) -> bytes:
    header = json.dumps(_json(random)).encode()
    size = random.choice([len(header), len(header), len(header), 2**60, 0])
    return _damaged(random, struct.pack("<Q", size) + header + bytes(8))


_PIECES = ["(", ")", "[", "]", ",", "=", "'", '"', " ", "1", "-1", "1e5", "1e999", "nan", "true",
           "none", "a", "a.b", "0", ".", "..", "_delete_", "__class__", "model", "\\", "\0", "\u00e9",  # noqa: E501
           "9" * 50, "<secret HOME>", "{{ $HOME }}"]  # fmt: skip


def option_texts(random: Random) -> list[str]:
    """What stands behind ``--cfg-options``."""
    texts = []
    for _ in range(random.randint(1, 4)):
        parts = [random.choice(_PIECES) * random.choice([1, 1, 1, 2, 60, 3000])
                 for _ in range(random.randint(0, 12))]  # fmt: skip
        key = random.choice(["a", "a.b", "a.0", "b.0.c", "", "a.", ".", "_delete_", "a" * 3000])
        texts.append(f"{key}={''.join(parts)}")
    return texts
