"""Tensors and facts about them in a checkpoint, made from storages that are checked for size."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn

from engine_checkpoint.kinds import Keep, Kind, refuse
from engine_checkpoint.pickle_nodes import Made

__all__ = ["TORCH", "Storage", "fact_of_torch", "storage_dtype"]

_LAYOUTS: Final = {str(each): each for each in vars(torch).values() if type(each) is torch.layout}
_FACTS: Final = (torch.dtype, torch.layout, torch.memory_format, torch.qscheme)


class Storage(NamedTuple):
    """The memory that tensors are parts of."""

    memory: Any  # torch.UntypedStorage
    dtype: torch.dtype


def fact_of_torch(name: str) -> Any:
    """Return the type, layout or memory format that a pickle names; None if it is none."""
    module, _, short = name.rpartition(".")
    found = vars(torch).get(short) if module == "torch" else None
    return found if isinstance(found, _FACTS) else _CLASSES.get(name)


_CLASSES: Final[Mapping[str, Any]] = {
    "torch.nn.parameter.Parameter": nn.Parameter,
    "torch.nn.parameter.Buffer": nn.parameter.Buffer,
    "torch.Tensor": Tensor,
    "torch._tensor.Tensor": Tensor,
}


def storage_dtype(name: str) -> torch.dtype:
    """Return what is in a storage of a class that a pickle names.

    Raises:
        ValueError: it is no class of storages.
    """
    module, _, short = name.rpartition(".")
    kind = short.removesuffix("Storage")
    if module in ("torch", "torch.cuda", "torch.storage", "torch.npu") and kind != short:
        if kind == "Untyped":
            return torch.uint8
        if kind in _STORED:
            return _STORED[kind]
    found: torch.dtype = refuse(f"a storage {name!r:.60}")
    return found


_STORED: Final = {
    **{"Double": torch.float64, "Float": torch.float32, "Half": torch.float16},
    **{"BFloat16": torch.bfloat16, "Long": torch.int64, "Int": torch.int32, "Short": torch.int16},
    **{"Char": torch.int8, "Byte": torch.uint8, "Bool": torch.bool, "QInt8": torch.qint8},
    **{"ComplexDouble": torch.complex128, "ComplexFloat": torch.complex64},
    **{"QUInt8": torch.quint8, "QInt32": torch.qint32},
    **{"QUInt4x2": torch.quint4x2, "QUInt2x4": torch.quint2x4},
}


def _sizes(values: Any) -> tuple[int, ...]:
    found = tuple(values)
    if not all(type(each) is int and each >= 0 for each in found):
        refuse(f"a tensor of the size {found!r:.60}")
    return found


def _strided(storage: Any, offset: Any, size: Any, *, stride: Any, dtype: Any = None) -> Tensor:
    """Return the part of a storage that a tensor is, if it is one."""
    if not isinstance(storage, Storage):
        refuse("a tensor without a storage")
    (offset,), size, stride = _sizes([offset]), _sizes(size), _sizes(stride)
    if len(size) != len(stride):
        refuse("a tensor of contradicting sizes")
    dtype = storage.dtype if dtype is None else dtype
    last = sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    needed = (offset + last + 1) * dtype.itemsize if all(size) else 0
    if needed > storage.memory.nbytes():
        refuse("a tensor that is larger than its storage")
    empty = torch.empty(0, dtype=dtype, device=storage.memory.device)
    return empty.set_(storage.memory, offset if all(size) else 0, size, stride)


def _tensor(made: Made) -> Tensor:
    args: list[Any] = [*made.args, False]
    storage, offset, size, stride, requires_grad = args[:5]
    rest = args[5:]
    dtype, bits = None, rest[1:]
    if made.name.endswith("_v3"):
        dtype, bits = rest[1], rest[2:]
        if not isinstance(dtype, torch.dtype):
            refuse("a tensor of no type")
    found = _strided(storage, offset, size, stride=stride, dtype=dtype)
    if bits and isinstance(bits[0], Mapping):
        for name in ("conj", "neg"):
            if bits[0].get(name):
                getattr(torch._C, f"_set_{name}")(found, True)
    return found.requires_grad_(True) if requires_grad is True else found


def _parameter(made: Made) -> nn.Parameter:
    data, requires_grad, *_ = made.args
    if not isinstance(data, Tensor):
        refuse("a parameter that is no tensor")
    found = nn.Parameter(data, requires_grad=bool(requires_grad))
    if len(made.args) > 3 and isinstance(made.args[3], Mapping):
        found.__dict__.update(made.args[3])
    return found


def _of_a_kind(made: Made) -> Any:
    """A tensor with attributes, or of a subclass that its program has declared safe."""
    inner, kind, args, state = made.args
    if not isinstance(inner, Maker):
        refuse("a tensor made by something else")
    found = inner.make(args)
    if kind in (Tensor, nn.Parameter, nn.parameter.Buffer):
        if isinstance(state, Mapping):
            found.__dict__.update(state)
        return found
    if not isinstance(kind, type) or not issubclass(kind, Tensor):
        refuse(f"a tensor of the class {kind!r:.60}")
    found = found if type(found) is kind else found.as_subclass(kind)
    if kind.__setstate__ is not Tensor.__setstate__:
        found.__setstate__(state)
    elif isinstance(state, Mapping):
        found.__dict__.update(state)
    return found


class Maker:
    """A function that makes a kind, named as an argument.

    Attributes:
        name: its name.
    """

    def __init__(self, kind: Kind, name: str) -> None:
        self._kind, self.name = kind, name

    def make(self, args: Any) -> Any:
        """Return what it makes."""
        return self._kind.read(Made(self.name, args))


def _quantized(made: Made) -> Tensor:
    storage, offset, size, stride, *rest = made.args
    _strided(storage, offset, size, stride=stride)  # checked
    if torch.Size(_sizes(size)).numel() * storage.dtype.itemsize > storage.memory.nbytes():
        refuse("a tensor that is larger than its storage")
    torch_storage: Any = torch.storage
    typed = torch_storage.TypedStorage(
        wrap_storage=storage.memory, dtype=storage.dtype, _internal=True
    )
    utils: Any = torch._utils
    found: Tensor = utils._rebuild_qtensor(typed, offset, size, stride, *rest)
    return found


def _sparse(made: Made) -> Tensor:
    layout, data = made.args
    if layout == torch.sparse_coo:
        indices, values, size, *coalesced = data
        return torch.sparse_coo_tensor(
            indices,
            values,
            _sizes(size),
            check_invariants=True,
            is_coalesced=bool(coalesced[0]) if coalesced else None,
        )
    compressed, plain, values, size = data
    return torch.sparse_compressed_tensor(
        compressed, plain, values, _sizes(size), layout=layout, check_invariants=True
    )


def _without_storage(made: Made) -> Tensor:
    dtype, size, stride, requires_grad = made.args
    return torch.empty_strided(
        _sizes(size), _sizes(stride), dtype=dtype, device="meta", requires_grad=bool(requires_grad)
    )


def _from_elsewhere(made: Made) -> Tensor:
    """Of a device that pickles its tensors as those of the CPU, or as arrays: on the CPU."""
    data, dtype, _, requires_grad = made.args
    found = torch.as_tensor(data).to(dtype)
    return found.requires_grad_(True) if requires_grad is True else found


def _device(made: Made) -> torch.device:
    with contextlib.suppress(RuntimeError):
        return torch.device(*made.args)
    found: torch.device = refuse(f"a device {made.args!r:.60}")
    return found


def _subclass(made: Made) -> Any:
    if not (isinstance(made.args[0], type) and issubclass(made.args[0], Tensor)):
        refuse(f"a tensor of the class {made.args[0]!r:.60}")
    utils: Any = torch._utils
    return utils._rebuild_wrapper_subclass(*made.args)


def _write_tensor(value: Tensor, keep: Keep) -> Any:
    if type(value) not in _OWN and type(value) not in torch.serialization.get_safe_globals():
        raise TypeError(
            f"a {type(value).__name__}, a class of tensors that only its own code can make again: "
            "put a plain tensor in, or declare it by torch.serialization.add_safe_globals"
        )
    if value.is_nested:
        raise TypeError("a nested tensor, which isn't read: put the list of its parts in")
    return value if value.is_leaf else value.detach()


_OWN: Final = (Tensor, nn.Parameter, nn.parameter.Buffer, nn.parameter.UninitializedParameter)


def _utils(*names: str) -> tuple[str, ...]:
    return tuple(f"torch._utils._rebuild_{name}" for name in names)


TORCH: Final[Sequence[Kind]] = (
    Kind(
        names=_utils("tensor", "tensor_v2", "tensor_v3"),
        read=_tensor,
        types=(Tensor,),
        write=_write_tensor,
    ),
    Kind(names=_utils("parameter", "parameter_with_state"), read=_parameter),
    Kind(
        names=("torch._tensor._rebuild_from_type_v2", "torch._utils._rebuild_from_type_v2"),
        read=_of_a_kind,
    ),
    Kind(names=_utils("qtensor"), read=_quantized),
    Kind(names=_utils("sparse_tensor"), read=_sparse),
    Kind(names=_utils("meta_tensor_no_storage"), read=_without_storage),
    Kind(
        names=_utils("device_tensor_from_numpy", "device_tensor_from_cpu_tensor", "xla_tensor"),
        read=_from_elsewhere,
    ),
    Kind(names=_utils("wrapper_subclass"), read=_subclass),
    Kind(
        names=("torch.nn.parameter.UninitializedParameter",),
        read=lambda made: nn.UninitializedParameter(requires_grad=bool(made.args[0])),
    ),
    Kind(
        names=("torch.Size",),
        read=lambda made: torch.Size(_sizes(made.args[0] if made.args else ())),
        types=(torch.Size,),
    ),
    Kind(names=("torch.device",), read=_device, types=(torch.device,)),
    Kind(
        names=("torch.serialization._get_layout", "torch._utils._get_layout"),
        read=lambda made: _LAYOUTS.get(made.args[0]) or refuse(f"a layout {made.args!r:.60}"),
        types=(torch.dtype, torch.layout, torch.qscheme),
    ),
)
