"""Containers for samples, labels and predictions."""

from importlib import import_module

_NAMES = {
    "engine_structures.__about__": ["__version__"],
    "engine_structures.base_data_element": ["BaseDataElement"],
    "engine_structures.errors": ["FieldShapeError", "FieldTypeError"],
    "engine_structures.instance_data": ["InstanceData"],
    "engine_structures.label_data": ["LabelData"],
    "engine_structures.pixel_data": ["PixelData"],
}
__all__ = sorted(name for names in _NAMES.values() for name in names)


def __getattr__(name: str) -> object:
    """Import what is asked for, when it is."""
    for module, names in _NAMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(module), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
