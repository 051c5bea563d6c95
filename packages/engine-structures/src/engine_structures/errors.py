"""What can be wrong with a field.

Each refines the built-in that says it best, and is an AssertionError besides: MMEngine raises
that one for all of them, and code written for it catches it.
"""

from __future__ import annotations

__all__ = ["FieldShapeError", "FieldTypeError", "MaskLengthError"]


class FieldTypeError(TypeError, AssertionError):
    """A field, an index or an argument is of a type that cannot stand there."""


class FieldShapeError(ValueError, AssertionError):
    """A field or an index does not have the length or the shape of those that are there."""


class MaskLengthError(FieldShapeError, IndexError):
    """A mask meets a field of another length, which came while the element was empty."""
