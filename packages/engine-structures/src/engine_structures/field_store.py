"""FieldStore: named fields of two sorts on one object, and nothing about what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from engine_structures.errors import FieldTypeError
from engine_structures.fields import FieldNames, owned
from engine_structures.printing import describe

__all__ = ["FieldStore"]

_OWN = ("_metainfo_fields", "_data_fields")

# Never through ``__dict__``: once an instance has handed that out, CPython reads its attributes
# at half the speed.
_store = object.__setattr__


class FieldStore:
    """Keeps data and meta information as attributes; `BaseDataElement` is what users see.

    A field is an attribute of the instance under the name that it is stored by; the two
    `FieldNames` say which sort it is. A property ``boxes`` of a subclass stores ``_boxes``.
    """

    _metainfo_fields: FieldNames
    _data_fields: FieldNames

    def __init__(self, *, metainfo: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self._metainfo_fields = FieldNames()
        self._data_fields = FieldNames()
        if metainfo is not None:
            self.set_metainfo(metainfo)
        if kwargs:
            self.set_data(kwargs)

    def set_metainfo(self, metainfo: Mapping[str, Any]) -> None:
        """Set meta information from deep copies of the values in ``metainfo``.

        Raises:
            FieldTypeError: ``metainfo`` is no mapping.
            AttributeError: a name is a data field already.
        """
        if not isinstance(metainfo, Mapping):
            raise FieldTypeError(f"metainfo must be a mapping: got {type(metainfo).__name__}")
        for name, value in metainfo.items():
            self.set_field(owned(value), name, field_type="metainfo")

    def set_data(self, data: Mapping[str, Any]) -> None:
        """Set data fields from ``data``, as if each were assigned.

        Raises:
            FieldTypeError: ``data`` is no mapping, or a value is not of its field's type.
            AttributeError: a name is meta information already.
        """
        if not isinstance(data, Mapping):
            raise FieldTypeError(f"data must be a mapping: got {type(data).__name__}")
        for name, value in data.items():
            setattr(self, name, value)

    def set_field(
        self,
        value: Any,
        name: str,
        dtype: type | tuple[type, ...] | None = None,
        field_type: str = "data",
    ) -> None:
        """Store ``value`` as the field ``name``; properties of subclasses end here.

        Args:
            value: what to store, as it is.
            name: the field.
            dtype: the class or classes that ``value`` must be of, or None for any.
            field_type: "data" or "metainfo".

        Raises:
            FieldTypeError: ``value`` is not of ``dtype``.
            AttributeError: ``name`` is a field of the other sort already.
            ValueError: ``field_type`` is neither.
        """
        if field_type not in ("data", "metainfo"):
            raise ValueError(f"field_type must be 'data' or 'metainfo': got {field_type!r}")
        if dtype is not None and not isinstance(value, dtype):
            wanted = dtype if isinstance(dtype, tuple) else (dtype,)
            names = " or ".join(cls.__name__ for cls in wanted)
            raise FieldTypeError(
                f"{type(self).__name__}.{name.lstrip('_')} must be {names}: "
                f"got {type(value).__name__} {value!r:.80}"
            )
        fields, others = self._metainfo_fields, self._data_fields
        if field_type == "data":
            fields, others = others, fields
        if name in others:
            other = "meta information" if field_type == "data" else "a data field"
            raise AttributeError(
                f"cannot set {name!r} as {field_type} of {type(self).__name__}: it is {other} "
                f"already; pop({name!r}) first, or choose another name"
            )
        _store(self, name, value)
        fields[name] = None

    def _accepted(self, name: str, value: Any) -> Any:
        """Return what to store where ``name`` is assigned, or raise; subclasses override it."""
        return value

    def update(self, instance: FieldStore) -> None:
        """Take over every field of ``instance``.

        Raises:
            FieldTypeError: ``instance`` is no BaseDataElement.
        """
        if not isinstance(instance, FieldStore):
            raise FieldTypeError(f"instance must be a BaseDataElement: got {type(instance)!r}")
        self.set_metainfo(dict(instance.metainfo_items()))
        self.set_data(dict(instance.items()))

    def new(self, *, metainfo: Mapping[str, Any] | None = None, **kwargs: Any) -> Self:
        """Return an element of the same class: with this one's fields where none are given.

        Args:
            metainfo: meta information of the new element instead of a copy of this one's.
            **kwargs: its data instead of this one's.
        """
        element = self._like({} if kwargs else self._data(), copy_metainfo=metainfo is None)
        if metainfo is not None:
            element.set_metainfo(metainfo)
        if kwargs:
            element.set_data(kwargs)
        return element

    def clone(self) -> Self:
        """Return an element with copied meta information that shares the data."""
        return self._like(self._data())

    def keys(self) -> list[str]:
        """Names of the data fields, in the order in which they came."""
        return [self._public(name) for name in self._data_fields]

    def values(self) -> list[Any]:
        """Values of the data fields."""
        return [value for _, value in self.items()]

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yield (name, value) of each data field."""
        for name in tuple(self._data_fields):
            public = self._public(name)
            yield public, getattr(self, public)

    def metainfo_keys(self) -> list[str]:
        """Names of the meta information, in the order in which they came."""
        return list(self._metainfo_fields)

    def metainfo_values(self) -> list[Any]:
        """Values of the meta information."""
        return [getattr(self, name) for name in self._metainfo_fields]

    def metainfo_items(self) -> Iterator[tuple[str, Any]]:
        """Yield (name, value) of all meta information."""
        for name in tuple(self._metainfo_fields):
            yield name, getattr(self, name)

    def all_keys(self) -> list[str]:
        """Names of the meta information, then of the data."""
        return self.metainfo_keys() + self.keys()

    def all_values(self) -> list[Any]:
        """Values of the meta information, then of the data."""
        return self.metainfo_values() + self.values()

    def all_items(self) -> Iterator[tuple[str, Any]]:
        """Yield (name, value) of the meta information, then of the data."""
        yield from self.metainfo_items()
        yield from self.items()

    @property
    def metainfo(self) -> dict[str, Any]:
        """The meta information as a new dict that shares the values."""
        return dict(self.metainfo_items())

    def get(self, key: str, default: Any = None) -> Any:
        """Return the field ``key``, or ``default`` where there is none."""
        return getattr(self, key, default)

    def pop(self, *args: Any) -> Any:
        """Remove a field and return its value: ``pop(name)`` or ``pop(name, default)``.

        Raises:
            KeyError: there is no such field, and no default.
        """
        if not 1 <= len(args) <= 2:
            raise TypeError(f"pop takes a name and at most a default: got {len(args)} arguments")
        stored = self._stored(args[0])
        if stored is not None:
            self._metainfo_fields.discard(stored)
            self._data_fields.discard(stored)
            value = getattr(self, stored)
            object.__delattr__(self, stored)
            return value
        if len(args) == 2:
            return args[1]
        raise KeyError(f"{args[0]!r} is no field of {type(self).__name__}: {self.all_keys()}")

    def __contains__(self, name: str) -> bool:
        return self._stored(name) is not None

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            if hasattr(self, name):
                raise AttributeError(f"{name} keeps the names of the fields; it is not assigned")
            _store(self, name, value)
        elif isinstance(getattr(type(self), name, None), property):
            _store(self, name, value)  # calls the setter
        else:
            self.set_field(self._accepted(name, value), name)

    def __delattr__(self, name: str) -> None:
        if name in _OWN:
            raise AttributeError(f"{name} keeps the names of the fields; it is not deleted")
        object.__delattr__(self, name)
        self._metainfo_fields.discard(name)
        self._data_fields.discard(name)

    def __delitem__(self, name: str) -> None:
        delattr(self, name)

    def __repr__(self) -> str:
        return describe(self, self.metainfo_items(), self.items())

    def _data(self) -> dict[str, Any]:
        """The data under the names that it is stored by."""
        return {name: getattr(self, name) for name in self._data_fields}

    def _like(self, data: Mapping[str, Any], *, copy_metainfo: bool = True) -> Self:
        """Return an element of this class with ``data`` (by stored name).

        It is filled unchecked, but for a class that makes or stores its elements in a way of its
        own.
        """
        metainfo = self._metainfo_fields if copy_metainfo else ()
        copied = {name: owned(getattr(self, name)) for name in metainfo}
        if not self._has_own_ways():
            element = object.__new__(type(self))
            element._fill(copied, data)
            return element
        element = type(self)()
        element.set_metainfo(copied)
        for name, value in data.items():
            setattr(element, self._public(name), value)
        return element

    @classmethod
    def _has_own_ways(cls) -> bool:
        """Whether a subclass overrides how elements are made, or how fields are stored."""
        ours = FieldStore
        return cls.__init__ is not ours.__init__ or cls.__setattr__ is not ours.__setattr__

    def _fill(self, metainfo: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        """Give a bare instance its fields, by stored name, unchecked."""
        _store(self, "_metainfo_fields", FieldNames.fromkeys(metainfo))
        _store(self, "_data_fields", FieldNames.fromkeys(data))
        for fields in (metainfo, data):
            for name, value in fields.items():
                _store(self, name, value)

    def _public(self, name: str) -> str:
        """The property that shows what is stored as ``name``, or ``name`` itself."""
        if name.startswith("_") and isinstance(getattr(type(self), name[1:], None), property):
            return name[1:]
        return name

    def _stored(self, name: str) -> str | None:
        """The name that a field is stored by, None where there is no such field."""
        for stored in (name, "_" + name):
            known = stored in self._data_fields or stored in self._metainfo_fields
            if known and (stored == name or self._public(stored) == name):
                return stored
        return None

    def __getstate__(self) -> dict[str, Any]:
        state = {"metainfo": dict(self.metainfo_items()), "data": self._data()}
        if self._has_own_ways():
            fields = {*_OWN, *self._metainfo_fields, *self._data_fields}
            state["own"] = {k: v for k, v in vars(self).items() if k not in fields}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "_data_fields" in state:  # pickled by MMEngine: the attributes themselves
            stored = {name: state[name] for name in state if name not in _OWN}
            known = state["_metainfo_fields"]
            metainfo = {name: value for name, value in stored.items() if name in known}
            data = {name: value for name, value in stored.items() if name not in known}
        else:
            metainfo, data = state["metainfo"], state["data"]
        self._fill(metainfo, data)
        for name, value in state.get("own", {}).items():
            _store(self, name, value)
