"""Objects as one stream of bytes: a small skeleton, then their arrays and tensors as they are.

The skeleton is a pickle of protocol 5; arrays and tensors stay out of it and are sent as they
lie in memory, in chunks of bounded size. What arrives is unpickled: it comes from a process of
the same job.

The stream: the number n of parts and the size of each (int64), then the parts; the skeleton is
the first. Each begins at a multiple of 64 bytes.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["CHUNK_BYTES", "Bytes", "Packed", "pack", "receive", "unpack"]

CHUNK_BYTES = 16 * 2**20
_ALIGNMENT = 64
_INT_BYTES = 8

Bytes = np.ndarray[Any, np.dtype[np.uint8]]


class Packed:
    """An object ready to be sent."""

    def __init__(self, parts: list[Bytes]) -> None:
        header = np.array([len(parts), *(part.size for part in parts)], dtype=np.int64)
        self._parts = [header.view(np.uint8), *parts]
        self.size = sum(_padded(part.size) for part in self._parts)

    def chunks(self, limit: int = CHUNK_BYTES) -> Iterator[Bytes]:
        """Yield the stream, each time at most ``limit`` bytes; a chunk lasts until the next."""
        chunk = np.empty(min(limit, self.size), dtype=np.uint8)
        filled = 0
        for part in self._parts:
            start, end = 0, _padded(part.size)
            while start < end:
                taken = min(end - start, chunk.size - filled)
                piece = part[start : start + taken]
                chunk[filled : filled + piece.size] = piece
                start += taken
                filled += taken
                if filled == chunk.size:
                    yield chunk
                    filled = 0
        if filled:
            yield chunk[:filled]


def pack(value: object) -> Packed:
    """Return ``value`` ready to be sent; its arrays and tensors are not copied."""
    buffers: list[pickle.PickleBuffer] = []
    skeleton = io.BytesIO()
    _Pickler(skeleton, protocol=5, buffer_callback=buffers.append).dump(value)
    parts = [skeleton.getbuffer(), *(buffer.raw() for buffer in buffers)]
    return Packed([np.frombuffer(part, dtype=np.uint8) for part in parts])


def receive(size: int, fill: Callable[[Bytes], None]) -> Bytes:
    """Return a stream of ``size`` bytes, filled chunk by chunk."""
    raw = np.empty(size, dtype=np.uint8)
    for start in range(0, size, CHUNK_BYTES):
        fill(raw[start : start + CHUNK_BYTES])
    return raw


def unpack(raw: Bytes) -> Any:
    """Make the object that came as ``raw``; its arrays and tensors share that memory."""
    count = int(raw[:_INT_BYTES].view(np.int64)[0])
    sizes = raw[_INT_BYTES : _INT_BYTES * (count + 1)].view(np.int64).tolist()
    parts, start = [], _padded(_INT_BYTES * (count + 1))
    for size in sizes:
        parts.append(raw[start : start + size].data)
        start += _padded(size)
    return pickle.loads(parts[0], buffers=parts[1:])


class _Pickler(pickle.Pickler):
    """Pickles plain tensors as arrays of bytes, which stay out of the pickle."""

    def reducer_override(self, value: Any) -> Any:
        if type(value) is not Tensor or value.layout is not torch.strided or value.is_quantized:
            return NotImplemented
        plain = value.detach().resolve_conj().resolve_neg().cpu().contiguous()
        raw = plain.reshape(-1).view(torch.uint8).numpy()
        kind = (value.dtype, tuple(value.shape), value.device.type, value.requires_grad)
        return _tensor, (raw, *kind)


def _tensor(raw: Bytes, *kind: Any) -> Tensor:
    """Make the tensor of ``raw``, on the receiver's own current device of its kind."""
    dtype, shape, device, requires_grad = kind
    flat = torch.from_numpy(raw).view(dtype) if raw.size else torch.empty(0, dtype=dtype)
    return flat.view(shape).to(device).requires_grad_(requires_grad)


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
