"""Comparisons; all but `assert_allclose` answer True or False, to be asserted by a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

__all__ = [
    "assert_allclose",
    "assert_attrs_equal",
    "assert_dict_contains_subset",
    "assert_dict_has_keys",
    "assert_is_norm_layer",
    "assert_keys_equal",
    "assert_params_all_zeros",
]

_MISSING = object()
_NORMS = (
    nn.modules.batchnorm._NormBase,  # what batch and instance normalisation have in common
    nn.GroupNorm,
    nn.LayerNorm,
    nn.RMSNorm,
)


def assert_allclose(
    actual: Any,
    expected: Any,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = True,
    msg: str | Callable[[str], str] | None = "",
) -> None:
    """Compare numbers, arrays or tensors by value; their dtypes may differ.

    Args:
        actual: what was found.
        expected: what it should be.
        rtol: relative tolerance, with ``atol`` or not at all; by default the dtype's, as in
            ``torch.testing.assert_close``.
        atol: absolute tolerance.
        equal_nan: whether NaN equals NaN.
        msg: in place of the message, or what makes one of it; empty for the message itself.

    Raises:
        AssertionError: they differ.
        ValueError: only one tolerance is given.
    """
    torch.testing.assert_close(
        torch.as_tensor(actual),
        torch.as_tensor(expected),
        rtol=rtol,
        atol=atol,
        equal_nan=equal_nan,
        check_dtype=False,
        msg=msg or None,
    )


def _equal(a: Any, b: Any) -> bool:
    """Whether two values are equal, with arrays and tensors in them at any depth."""
    if isinstance(a, torch.Tensor) or isinstance(b, torch.Tensor):
        both = isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor)
        return both and a.shape == b.shape and bool((a == b).all())
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(a, b)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        same = type(a) is type(b) and len(a) == len(b)
        return same and all(_equal(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def assert_attrs_equal(obj: Any, expected_attrs: dict[str, Any]) -> bool:
    """Whether an object has all these attributes, with these values."""
    return all(
        _equal(getattr(obj, name, _MISSING), value) for name, value in expected_attrs.items()
    )


def assert_dict_contains_subset(dict_obj: dict[Any, Any], expected_subset: dict[Any, Any]) -> bool:
    """Whether a dict has all these keys, with these values."""
    return all(_equal(dict_obj.get(key, _MISSING), value) for key, value in expected_subset.items())


def assert_dict_has_keys(obj: dict[str, Any], expected_keys: list[str]) -> bool:
    """Whether a dict has all these keys, and maybe others."""
    return set(expected_keys) <= set(obj)


def assert_keys_equal(result_keys: Sequence[str], target_keys: Sequence[str]) -> bool:
    """Whether the keys are the same, in whatever order."""
    return set(result_keys) == set(target_keys)


def assert_is_norm_layer(module: nn.Module) -> bool:
    """Whether a module is a batch, instance, group, layer or RMS normalisation."""
    return isinstance(module, _NORMS)


def assert_params_all_zeros(module: nn.Module) -> bool:
    """Whether ``weight`` and ``bias`` of a module, as far as it has them, are zero."""
    found = (getattr(module, name, None) for name in ("weight", "bias"))
    return all(not each.any() for each in found if each is not None)
