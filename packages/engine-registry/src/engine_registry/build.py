"""From a config to an object."""

from __future__ import annotations

import sys

from engine_registry.errors import MissingTypeError, UnknownNameError, UntrustedNameError
from engine_registry.manager import ManagerMixin
from engine_registry.scope import DefaultScope
from engine_registry.trust import is_trusted, says_trusted, trust_of, trusting

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from typing import Any

    from engine_registry.registry_like import RegistryLike


_OF_PYTHON = sys.stdlib_module_names


def build_from_cfg(cfg: Any, registry: RegistryLike, default_args: Any = None) -> Any:
    """Build the object that ``cfg`` describes.

    Of a config that is not trusted (`engine_registry.trust`) only registered names are built, and
    layers of ``torch.nn``.

    ``type`` says what is called: a name (looked up in the default scope first), an import path, a
    class, a function, a partial, or a lazy object of a config. ``_scope_`` puts a scope in force
    for the lookup and for what the constructor builds in turn. Everything else is an argument.
    A class with `ManagerMixin` is built by its ``get_instance``.

    Args:
        cfg: a dict or a config object; it is not changed.
        registry: where names are looked up.
        default_args: arguments, ``type`` among them, for what ``cfg`` doesn't say.

    Raises:
        TypeError: an argument or ``type`` is of the wrong type.
        MissingTypeError: neither mapping has a ``type``.
        UnknownNameError: nothing has that name. Errors of a constructor pass as they are, with a
            note of what was being built.
    """
    plain = type(cfg) is dict and default_args is None
    args = cfg.copy() if plain else merged_arguments(cfg, default_args)
    target = args.get("type")  # which may be a stranger's in a plain dict, too
    is_ours = plain and type(target) is str
    if not is_ours and trust_of(cfg, default_args, target) is False:
        with trusting(False):
            return _built(args, registry, cfg=cfg, defaults=default_args)
    return _built(args, registry, cfg=cfg, defaults=default_args)


def _built(args: dict[str, Any], registry: RegistryLike, *, cfg: Any, defaults: Any) -> Any:
    """The object of ``args``, which are ``cfg`` over ``defaults``."""
    if "type" not in args:
        raise MissingTypeError(
            f"a config for the {_kind(registry)} registry needs the key 'type'; "
            f"got {told(cfg)} and as defaults {told(defaults)}"
        )
    target = args.pop("type")
    scope = args.pop("_scope_", None)
    if scope is None:
        return _call(_named(target, registry, cfg=cfg), args, cfg=cfg)
    with DefaultScope.overwrite_default_scope(scope):
        return _call(_named(target, registry, cfg=cfg), args, cfg=cfg)


def _named(target: Any, registry: RegistryLike, *, cfg: Any) -> Any:
    """What to call for the value of ``type``; an error says where a config names it."""
    try:
        return _target(target, registry)
    except UnknownNameError as error:
        if place := _origin(cfg):
            error.add_note(f"it is named in{place}")
        raise


def build_model_from_cfg(cfg: Any, registry: RegistryLike, default_args: Any = None) -> Any:
    """Build a model; a list of configs becomes a ``Sequential`` of their models.

    ``Sequential`` is the one registered under that name, or else torch's.
    """
    if not isinstance(cfg, list):
        return build_from_cfg(cfg, registry, default_args)
    layers = [build_from_cfg(each, registry, default_args) for each in cfg]
    sequential = registry.get("Sequential") or registry.resolve("torch.nn.Sequential")
    return sequential(*layers)


def build_runner_from_cfg(cfg: Any, registry: RegistryLike) -> Any:
    """Build a runner by the ``from_cfg`` of the class that ``runner_type`` names.

    Without ``runner_type`` it is the one registered as ``Runner``.
    """
    args = merged_arguments(cfg, None)
    scope = DefaultScope.overwrite_default_scope(args.pop("_scope_", None))
    with trusting(trust_of(cfg, args.get("runner_type"))), scope:
        runner = _target(args.get("runner_type", "Runner"), registry)
        return _call(runner.from_cfg, {"cfg": args}, cfg=cfg)


def build_scheduler_from_cfg(cfg: Any, registry: RegistryLike, default_args: Any = None) -> Any:
    """Build a parameter scheduler, counting iterations where ``convert_to_iter_based`` is set.

    A conversion goes through the class's ``build_iter_from_epoch`` and needs ``epoch_length``,
    iterations an epoch, in ``default_args``.

    Raises:
        ValueError: a conversion was asked for without ``epoch_length``, or of a scheduler with
            ``by_epoch=False``.
    """
    args = merged_arguments(cfg, default_args)
    with trusting(trust_of(cfg, default_args, args.get("type"))):
        return _built_scheduler(args, registry, cfg=cfg)


def _built_scheduler(args: dict[str, Any], registry: RegistryLike, *, cfg: Any) -> Any:
    epoch_length = args.pop("epoch_length", None)
    if not args.pop("convert_to_iter_based", False):
        return build_from_cfg(args, registry)
    if "type" not in args:
        raise MissingTypeError(
            f"a config for the {registry.name} registry needs the key 'type'; got {told(cfg)}"
        )
    if not args.get("by_epoch", True) or epoch_length is None:
        raise ValueError(
            "convert_to_iter_based needs by_epoch=True and an epoch_length, got "
            f"by_epoch={args.get('by_epoch', True)} and epoch_length={epoch_length} for {told(cfg)}"
        )
    with DefaultScope.overwrite_default_scope(args.pop("_scope_", None)):
        scheduler = _target(args.pop("type"), registry)
        args["epoch_length"] = epoch_length
        return _call(scheduler.build_iter_from_epoch, args, cfg=cfg)


def merged_arguments(cfg: Any, defaults: Any) -> dict[str, Any]:
    """``cfg`` over ``defaults`` as one new dict; both may be config objects.

    Keys are read one by one, so a config object may build what it holds lazily.

    Raises:
        TypeError: one of them is not a mapping.
    """
    if not _is_mapping(cfg):
        raise TypeError(f"cfg must be a dict or a config, got {told(cfg)}")
    if defaults is None:
        return {key: cfg[key] for key in cfg.keys()}  # noqa: SIM118 - a Config has only keys()
    if not _is_mapping(defaults):
        raise TypeError(f"default_args must be a dict, a config or None, got {told(defaults)}")
    merged = {key: cfg[key] for key in cfg.keys()}  # noqa: SIM118
    for key in defaults.keys():  # noqa: SIM118
        if key not in merged:
            merged[key] = defaults[key]
    return merged


def told(value: Any) -> str:
    """What an error tells of a config: its keys, since a value may be a secret."""
    if _is_mapping(value):
        keys = ", ".join(repr(key)[:40] for key in [*value.keys()][:20])
        return f"a {type(value).__name__} with the keys {keys}" if keys else "an empty one"
    if isinstance(value, str):
        return repr(value) if value.replace(".", "").replace("::", "").isidentifier() else "a text"
    is_plain = value is None or isinstance(value, bool | int | float | type)
    return repr(value) if is_plain else f"a {type(value).__name__}"


def is_lazy(value: Any) -> bool:
    """Whether ``value`` is a config's lazy object: no class itself, but able to import one."""
    return not isinstance(value, type) and callable(getattr(type(value), "build", None))


def _is_mapping(value: Any) -> bool:
    # Of the type, not the value: a lazy object has whatever attribute it is asked for.
    return isinstance(value, dict) or (
        hasattr(type(value), "__getitem__")
        and not isinstance(value, type)
        and hasattr(value, "keys")
    )


def _kind(registry: Any) -> str:
    name = getattr(registry, "name", None)
    if name is None or not hasattr(registry, "resolve"):
        raise TypeError(f"registry must be a Registry, got {registry!r}")
    return str(name)


def _target(target: Any, registry: RegistryLike) -> Any:
    """What to call for the value of ``type``."""
    if isinstance(target, str):
        _kind(registry)
        return registry.resolve(target)
    if is_lazy(target):
        target = _imported(target, registry)
    if not callable(target):
        raise TypeError(
            f"'type' for the {_kind(registry)} registry must be a name, a class or a callable, "
            f"got {told(target)}"
        )
    if not is_trusted() and getattr(target, "__module__", "").split(".")[0] in _OF_PYTHON:
        raise UntrustedNameError(
            f"'type' for the {_kind(registry)} registry is {target!r} of Python itself; in a "
            "config that isn't trusted it is a registered name"
        )
    return target


def _imported(lazy: Any, registry: RegistryLike) -> Any:
    """What a lazy object stands for; a stranger's is resolved as a text of its name is."""
    if says_trusted(lazy):
        return lazy.build()
    with trusting(trust_of(lazy)):
        return registry.resolve(str(lazy))


def _call(target: Any, args: dict[str, Any], *, cfg: Any) -> Any:
    """Call ``target``; an error keeps its type and traceback, and says what was being built."""
    try:
        if isinstance(target, type) and issubclass(target, ManagerMixin):
            return target.get_instance(**args)
        return target(**args)
    except Exception as error:
        name = getattr(target, "__qualname__", None) or repr(target)
        where = f"while building {name} of {target.__module__}{_origin(cfg)}"
        error.add_note(where + _meant(error, target, args))
        raise


def _meant(error: Exception, target: Any, args: dict[str, Any]) -> str:
    """What an argument that ``target`` refuses may be meant for, as the end of a note."""
    if not isinstance(error, TypeError) or "unexpected keyword argument" not in str(error):
        return ""
    from difflib import get_close_matches  # only a mistake needs them

    from engine_registry.signature import signature_of

    known = signature_of(target).parameters
    near = {key: get_close_matches(key, known, n=1) for key in args if key not in known}
    hints = [f"{close[0]!r} for {key!r}" for key, close in near.items() if close]
    return f"; did you mean {' and '.join(hints)}?" if hints else ""


def _origin(cfg: Any) -> str:
    """`` (file:line:column)`` of a config that knows where it was written, else nothing.

    A whole config has the method ``origin``; a part of one, whose attributes are its keys, can
    offer the same under the name ``__origin__``.
    """
    ask = getattr(type(cfg), "__origin__", None) or getattr(type(cfg), "origin", None)
    if not callable(ask):
        return ""
    try:
        origin = ask(cfg, "type")
    except Exception:  # an error's note must never hide the error
        return ""
    return "" if origin is None else f" ({origin})"
