"""Plug-ins: installed distributions whose classes are found without an import line.

A distribution says in its pyproject.toml ::

    [project.entry-points."engine.registry"]
    mine = "my_package.models"            # importing it registers
    more = "my_package.plugin:register"   # called without arguments, it registers
    data = "my_package.plugin:ENTRIES"    # {"METRICS": {"Mean": "my_package.metrics:Mean"}}

The last one says by root registry and name what is imported when it is asked for: a package needs
nothing of this one for it. A function does well to register lazily, too
(`Registry.register_lazy`): nothing is then imported before it is used. Plug-ins are loaded when a
name is missed for the first time, each of them once. What fails is kept, to be shown when
something is missed that it might have held.
"""

from __future__ import annotations

import threading

from engine_registry.imports import import_entry, import_whole

GROUP = "engine.registry"


class _Loading(threading.local):
    """The plug-ins that this thread is loading: a miss meanwhile must not load them again."""

    def __init__(self) -> None:
        self.names: set[str] = set()


_loading = _Loading()
_outcome: dict[str, Exception | None] = {}  # by plug-in; None is success


def is_loading() -> bool:
    """Whether this thread is loading a plug-in right now."""
    return bool(_loading.names)


def load_plugins() -> None:
    """Load the plug-ins that haven't been.

    Threads that miss a name at the same time may load the same plug-in together: waiting for one
    another outside Python's own import locks could last for ever. While a plug-in is loading,
    registering the same object twice under the same name is therefore no error.
    """
    for label, path in _declared().items():
        if label in _outcome or label in _loading.names:
            continue
        _loading.names.add(label)
        try:
            _load(path)
            _outcome[label] = None
        except Exception as error:
            _outcome[label] = error
        finally:
            _loading.names.discard(label)


def plugin_outcomes() -> dict[str, Exception | None]:
    """The plug-ins loaded so far, each with the error it failed with or None."""
    return dict(_outcome)


def _load(path: str) -> None:
    if ":" not in path:
        import_whole(path)
        return
    found = import_entry(path)
    if callable(found):
        found()
        return
    registries = import_entry("engine_registry.root:ROOT_REGISTRIES")  # which imports this module
    for registry, entries in found.items():
        for name, target in entries.items():
            registries[registry].register_lazy(name, target)


_found: list[dict[str, str]] = []


def _declared() -> dict[str, str]:
    """Import path of every declared plug-in, by a label for people."""
    if not _found:
        from importlib.metadata import entry_points  # 15 ms that only a miss has to pay

        labels = {}
        for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
            owner = "" if entry.dist is None else f" of {entry.dist.name}"
            labels[f"{entry.name}{owner} ({entry.value})"] = entry.value
        _found.append(labels)
    return _found[0]
