"""A whole config against the classes that it names, without building any of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal

from engine_registry.annotation import fits, meaning
from engine_registry.build import is_lazy, told
from engine_registry.check_text import as_number, close, masked, shown, unknown
from engine_registry.config_places import Broken, Place, below, contents_of, joined
from engine_registry.registry import Registry
from engine_registry.root import ROOT_REGISTRIES
from engine_registry.signature import Signature, signature_of

Kind = Literal[
    "unknown type",
    "failed import",
    "unknown argument",
    "missing argument",
    "wrong type",
    "wrong value",
]


# What the code that builds adds to the arguments, by registry; "*" for everything.
_GIVEN = {
    "OPTIMIZERS": {"params"},
    "OPTIM_WRAPPERS": {"optimizer"},
    "OPTIM_WRAPPER_CONSTRUCTORS": {"optim_wrapper_cfg", "paramwise_cfg"},
    "PARAM_SCHEDULERS": {"optimizer", "epoch_length"},
    "DATA_SAMPLERS": {"dataset", "sampler", "batch_size"},
    "LOOPS": {"runner", "dataloader", "evaluator"},
    "MODEL_WRAPPERS": {"module"},
    "VISUALIZERS": {"name"},
    "VISBACKENDS": {"save_dir"},
    "FUNCTIONS": {"*"},
}

# What it adds to those of a component at a path.
_GIVEN_AT = {"tta_model": {"module"}}
# What the code that builds reads itself, by registry.
READ_BY_BUILD = {
    "PARAM_SCHEDULERS": {"clock", "convert_to_iter_based"},
    "HOOKS": {"priority"},
    "OPTIM_WRAPPERS": {"constructor", "paramwise_cfg"},
    "WEIGHT_INITIALIZERS": {"override", "name"},  # the name stands in an override
}
_NOT_ARGUMENTS = {"type", "_scope_"}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with a config.

    Attributes:
        kind: what sort of thing; to filter by.
        path: where in the config, such as ``"model.backbone.depth"``; empty for all of it.
        message: what is wrong, and what would be right.
        origin: ``file:line:column``, if the config knows; else empty.
    """

    kind: Kind
    path: str
    message: str
    origin: str = ""

    def __str__(self) -> str:
        where = f" ({self.origin})" if self.origin else ""
        return f"{self.path}{where}: {self.message}" if self.path else self.message


@dataclass(frozen=True, kw_only=True)
class Taker:
    """What takes the keys of a mapping as its arguments.

    Attributes:
        target: the class or function.
        given: names of arguments that the code which builds adds; "*" for all that it needs.
        read: keys that the code which builds reads itself.
        name: what problems call it; by default its qualified name.
    """

    target: Callable[..., Any]
    given: Collection[str] = ()
    read: Collection[str] = ()
    name: str = ""


def check(
    cfg: Any, registry: Registry | None = None, *, takers: Mapping[str, Taker] | None = None
) -> list[Problem]:
    """Find everything that would fail when ``cfg`` is built, in the order of the config.

    Every mapping with a ``type`` is looked at, wherever it stands: the type has to exist, every
    argument has to be one that its signature takes, every argument without a default has to be
    there, and no plain value may contradict its annotation. Types are imported, never called.

    A type is looked up in the registry that its key stands for (``optimizer``, ``pipeline``, ...),
    then in ``registry``, which also takes the place of the root registry of its kind, then in all
    root registries. Arguments that the code which builds is
    known to add (an optimizer's ``params``) count as given; those that a component adds to its
    own parts can't be known, so a "missing argument" below another component may be none.

    Args:
        cfg: a mapping, a list of mappings, or a config; its ``default_scope`` is respected, and
            its method ``origin(path)``, if it has one, tells the file and line.
        registry: where types are looked up that no key tells about.
        takers: what takes a mapping that has no ``type``, by its path.

    Raises:
        TypeError: ``cfg`` is no container.
    """
    contents = contents_of(cfg)
    if contents is None:
        raise TypeError(f"cfg must be a mapping or a list, got {told(cfg)}")
    scope = dict(contents).get("default_scope")
    start = Place(value=cfg, path="", registry=registry, own=registry, scope=scope)
    return list(_Check(cfg, takers or {}).run(start))


class _Check:
    """One walk over a config."""

    def __init__(self, cfg: Any, takers: Mapping[str, Taker]) -> None:
        self._cfg, self._takers = cfg, takers
        self._signatures: dict[int, Signature] = {}

    def run(self, start: Place) -> Iterator[Problem]:
        """Walk without recursion: a config may be nested deeper than Python's stack."""
        waiting = [start]
        seen: dict[int, Any] = {}  # keeps the values alive, so that an id means one of them
        while waiting:
            place = waiting.pop()
            if isinstance(place.value, Broken):
                yield self._broken(place)
            contents = contents_of(place.value)
            if contents is None or id(place.value) in seen:
                continue
            seen[id(place.value)] = place.value
            members = dict(contents)
            scope = members.get("_scope_", place.scope)
            here = replace(place, scope=scope)
            if "type" in members:
                yield from self._component(here, members)
            elif place.path in self._takers and not isinstance(place.value, list | tuple):
                yield from self._arguments(here, members, self._takers[place.path])
            else:
                yield from self._type_misspelt(here, members)
            waiting += reversed([below(here, key, value) for key, value in contents])

    def _component(self, place: Place, members: dict[Any, Any]) -> Iterator[Problem]:
        """Problems of one mapping with a type, its parts aside."""
        named = members["type"]
        if not isinstance(named, str) and not callable(named) and not is_lazy(named):
            return  # a mapping that merely has a key called "type"
        try:
            found = self._find(named, place)
        except Exception as error:
            text = f"{named} cannot be imported: {type(error).__name__}: {error}"
            yield self._problem("failed import", place, "type", message=text)
            return
        if found is None:
            if text := unknown(str(named), place):
                yield self._problem("unknown type", place, "type", message=text)
            return
        target, kind = found
        given = (*_GIVEN.get(kind, ()), *_GIVEN_AT.get(place.path, ()))
        taker = Taker(target=target, given=given, read=READ_BY_BUILD.get(kind, ()))
        yield from self._arguments(place, members, taker)

    def _type_misspelt(self, place: Place, members: dict[Any, Any]) -> Iterator[Problem]:
        """A mapping without a type, of which a key like it names one."""
        if place.registry is None:
            return
        texts = {key: value for key, value in members.items() if isinstance(value, str)}
        for key in get_close_matches("type", [key for key in texts if isinstance(key, str)]):
            try:
                found = self._find(texts[key], place)
            except Exception:  # what fails to import isn't meant
                continue
            if found is not None:
                text = f"there is no such key, and {texts[key]!r} is a type; did you mean 'type'?"
                yield self._problem("unknown argument", place, key, message=text)

    def _find(self, named: Any, place: Place) -> tuple[Callable[..., Any], str] | None:
        """What ``type`` stands for, and the name of the root registry of its kind, or ""."""
        if is_lazy(named):
            return named.build(), _root_name(place.registry)
        if not isinstance(named, str):
            return named, _root_name(place.registry)
        for registry in _candidates(place):
            with registry.switch_scope_and_registry(place.scope) as scoped:
                target = scoped.get(named)
            if target is not None:
                return target, _root_name(registry)
        return None

    def _arguments(self, place: Place, members: dict[Any, Any], taker: Taker) -> Iterator[Problem]:
        """Problems of the arguments of one mapping."""
        target = taker.target
        signature = self._signatures.setdefault(id(target), signature_of(target))
        arguments = {key: each for key, each in members.items() if key not in _NOT_ARGUMENTS}
        name = taker.name or getattr(target, "__qualname__", repr(target))
        mine = [each for each in signature.parameters if each not in taker.given]
        for key, value in arguments.items():
            parameter = signature.parameters.get(key)
            if parameter is None:
                if not signature.open and key not in taker.read:
                    text = f"{name} takes no argument {key!r}{close(key, mine)}"
                    yield self._problem("unknown argument", place, key, message=text)
            elif not _agrees(value, parameter, signature.namespaces.get(key, {})):
                text = f"{masked(place.value, key, value)} is of type {type(value).__name__}; "
                text += f"{name} wants {shown(parameter)}{as_number(value, parameter)}"
                yield self._problem("wrong type", place, key, message=text)
        if "*" not in taker.given:
            for key in sorted(signature.required() - arguments.keys() - {*taker.given}):
                text = f"{name} needs the argument {key!r}"
                yield self._problem("missing argument", place, key, message=text, at="type")

    def _problem(
        self, kind: Kind, place: Place, key: str, *, message: str, at: str = ""
    ) -> Problem:
        """A problem at ``key``, with the origin of that key or of ``at``, or of what it lacks."""
        at = joined(place.path, at or key)
        origin = origin_of(self._cfg, at) or origin_of(self._cfg, place.path)
        return Problem(
            kind=kind,
            path=joined(place.path, key),
            message=message,
            origin=origin,
        )

    def _broken(self, place: Place) -> Problem:
        """The problem of a value that could not be imported."""
        error = place.value.error
        message = f"cannot be imported: {type(error).__name__}: {error}"
        origin = origin_of(self._cfg, place.path)
        return Problem(kind="failed import", path=place.path, message=message, origin=origin)


def origin_of(cfg: Any, path: str) -> str:
    """Return where the value at ``path`` was written, as far as the config can tell."""
    if not hasattr(type(cfg), "origin"):
        return ""
    try:
        origin = cfg.origin(path)
    except Exception:  # a config that can't tell is no reason not to report
        return ""
    return "" if origin is None else str(origin)


def _candidates(place: Place) -> list[Registry]:
    """The registries to look in, the most likely first."""
    likely = [] if place.registry is None else [place.registry]
    if place.own is not None and place.own is not place.registry:
        likely.append(place.own)
    return likely + [root for root in ROOT_REGISTRIES.values() if root not in likely]


def _root_name(registry: Registry | None) -> str:
    """``"MODELS"`` for any registry in the tree of MODELS; else empty."""
    if registry is None:
        return ""
    return next((name for name, root in ROOT_REGISTRIES.items() if root is registry.root), "")


def _agrees(value: Any, parameter: inspect.Parameter, namespace: dict[str, Any]) -> bool:
    """Whether ``value`` is the default or may be meant by the annotation."""
    if parameter.annotation is inspect.Parameter.empty:
        return True
    if value is None and parameter.default is None:
        return True  # "x: int = None" is how older code writes "int | None"
    wanted = meaning(parameter.annotation, namespace)
    if isinstance(value, list | tuple) and value and all(map(_is_component, value)):
        return fits(value, wanted) or fits({}, wanted)  # libraries take several for one
    return fits(value, wanted)


def _is_component(value: Any) -> bool:
    return isinstance(value, Mapping) and "type" in value
