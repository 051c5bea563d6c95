"""What to tell somebody whose name was found nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from engine_registry.errors import UnknownNameError, UntrustedNameError
from engine_registry.log import logger
from engine_registry.scope import split_scope_key

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from engine_registry.registry_like import RegistryLike
    from engine_registry.search import Search

NUM_CLOSE_NAMES = 5
LEAST_LIKENESS = 0.5  # as `difflib` counts it: 1 for equal names

_logged: set[str] = set()
_left_out: set[tuple[str, str]] = set()


def unknown_name(search: Search) -> UnknownNameError:
    """The error for a lookup that found nothing; its cause is what failed to import, if any."""
    registry = search.searched[0] if search.searched else search.registry
    if search.refused:
        return UntrustedNameError(
            f"the {registry.name} {search.key!r} of a config that is not trusted would import "
            f"{', '.join(search.refused)}: only registered names and layers of torch.nn are built "
            "of it. If you trust who wrote it, say so: build(cfg, trust=True), cfg.trust(), or "
            "Inferencer(..., trust=True); or import the library that registers the name first"
        )
    lines = [f"no {registry.name} is registered as {search.key!r}"]
    lines.append("  searched: " + (", ".join(map(_searched, search.searched)) or "nothing"))
    if search.imported:
        lines.append("  imported for it: " + ", ".join(search.imported))
    for what, failure in search.failures.items():
        lines.append(f"  failed to import: {what} ({type(failure).__name__}: {failure})")
    close = close_names(search.key, search.registry)
    if close:
        lines.append("  close names: " + ", ".join(map(repr, close)))
    lines.append("  to do: " + _to_do(search, close))
    error = UnknownNameError("\n".join(lines))
    failures = list(search.failures.values())
    if len(failures) == 1:
        error.__cause__ = failures[0]
    elif failures:
        error.__cause__ = ExceptionGroup("imports that failed", failures)
    return error


def log_failures(search: Search) -> None:
    """Warn, once for each, of imports that failed while a name was missed."""
    for what, failure in search.failures.items():
        if what not in _logged:
            _logged.add(what)
            logger().warning(
                "%s may hold %r, but cannot be imported", what, search.key, exc_info=failure
            )


def log_left_out(kind: str, name: str, error: Exception) -> None:
    """Say, once for each, why a lazy entry is in no list."""
    if (kind, name) in _left_out:
        return
    _left_out.add((kind, name))
    if isinstance(error, ImportError):  # most are optional, and nobody asked for them
        logger().debug("the %s %r is left out", *(kind, name), exc_info=error)
    else:
        logger().warning("the %s %r is left out", *(kind, name), exc_info=error)


def close_names(key: str, *registries: RegistryLike) -> list[str]:
    """The names in ``registries`` most like ``key``, written as a config would have to say them."""
    from difflib import SequenceMatcher  # only a miss needs it

    _, wanted = split_scope_key(key)
    matcher = SequenceMatcher(b=wanted.lower())
    likeness = {}
    for registry in registries:
        for spelling, name in _spellings(registry):
            matcher.set_seq1(name.lower())
            if min(matcher.real_quick_ratio(), matcher.quick_ratio()) > LEAST_LIKENESS:
                likeness[spelling] = matcher.ratio()
    close = [spelling for spelling, ratio in likeness.items() if ratio > LEAST_LIKENESS]
    return sorted(close, key=lambda spelling: (-likeness[spelling], spelling))[:NUM_CLOSE_NAMES]


def _spellings(registry: RegistryLike) -> Iterator[tuple[str, str]]:
    """Every name of the tree: as ``registry`` has to be asked for it, and bare."""
    above = []
    level: RegistryLike | None = registry
    while level is not None:
        above.append(level)
        level = level.parent
    waiting = [registry.root]
    while waiting:
        here = waiting.pop()
        waiting += here.children.values()
        direct = any(here is each for each in above)
        for name in here.names:
            yield (name if direct else f"{here.scope}.{name}"), name


def _searched(registry: RegistryLike) -> str:
    return f"scope {registry.scope!r} ({len(registry)} names)"


def _to_do(search: Search, close: list[str]) -> str:
    """The one step that most likely helps."""
    scope, name = split_scope_key(search.key)
    if search.failures:
        return f"make {next(iter(search.failures))} importable"
    same = [each for each in close if split_scope_key(each)[1] == name]
    if same:
        return f"write {same[0]!r}"
    if scope is not None and search.registry.in_scope(scope) is None:
        return f"install or import {scope!r}: there is neither such a scope nor such a package"
    if close:
        return f"correct the name, or import the module that registers {name!r}"
    return f"import the module that registers {name!r}, e.g. custom_imports=dict(imports=[...])"
