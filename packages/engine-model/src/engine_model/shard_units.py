"""Which parts of a model are gathered together where its weights are sharded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from typing import Any, Final

from torch import nn

from engine_dist.wrapping import name_matches

__all__ = ["class_named", "is_meant", "shard_units", "size_based_auto_wrap_policy"]

# They have no forward pass of their own, in which their weights could be gathered.
_CONTAINERS: Final = (nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)
_POLICIES: Final = (
    "size_based_auto_wrap_policy",
    "transformer_auto_wrap_policy",
    "ModuleWrapPolicy",
    "lambda_auto_wrap_policy",
)

Policy = Callable[..., bool]  # (module, recurse, nonwrapped_numel), as torch's FSDP calls them


def shard_units(model: nn.Module, policy: Any) -> list[str]:
    """Return the names of the submodules to gather each by itself, inner ones first.

    Args:
        model: the model; what is in none of them is gathered with the whole.
        policy: None for those that the model names itself (``_no_split_modules``, as transformers'
            do), or else none; a number, for parts of at least so many parameters; names of classes
            or patterns of names (``layers.*``, see `name_matches`), one or a list; the config of
            one of torch's policies, such as
            ``dict(type="size_based_auto_wrap_policy", min_num_params=1_000_000)``; or
            such a policy, a function of (module, recurse, nonwrapped_numel).

    Raises:
        TypeError, ValueError: there is no such policy, or nothing in the model that it means.
    """
    if policy is None:
        own = {name for part in model.modules() for name in _declared(part)}
        return [name for name, part in _inside(model) if type(part).__name__ in own]
    if isinstance(policy, str) and policy.rpartition(".")[2] in _POLICIES:
        policy = {"type": policy}
    if isinstance(policy, Mapping):
        policy = _configured(policy)
    if isinstance(policy, bool) or (isinstance(policy, int) and policy < 1):
        raise ValueError(f"wrap_policy: a number of parameters must be positive, got {policy!r}")
    if isinstance(policy, int):
        policy = partial(size_based_auto_wrap_policy, min_num_params=policy)
    if isinstance(policy, str | list | tuple | set):
        return _named(model, [policy] if isinstance(policy, str) else [*policy])
    if hasattr(policy, "_run_policy"):  # torch's classes of policies are no functions
        chosen = policy._run_policy(model, ignored_modules=set(), root_kwargs={})
        return [name for name, part in _inside(model) if part in chosen]
    if not callable(policy):
        raise TypeError(
            "wrap_policy must be a number of parameters, names of classes or submodules, a policy "
            f"or the config of one: got {policy!r:.200}"
        )
    return _by_policy(model, policy)


def size_based_auto_wrap_policy(
    module: nn.Module,
    recurse: bool,
    nonwrapped_numel: int,
    *,
    min_num_params: int = 100_000_000,
    force_leaf_modules: Iterable[type] = (nn.MultiheadAttention,),
    exclude_wrap_modules: Iterable[type] = _CONTAINERS,
) -> bool:
    """Whether to look into a module, or to gather it by itself, for the parameters it has left.

    It is torch's policy of this name, which newer versions don't have.

    Args:
        module: the module.
        recurse: whether the question is about its children.
        nonwrapped_numel: how many parameters in it aren't part of another unit.
        min_num_params: a unit has at least so many.
        force_leaf_modules: classes that are not looked into.
        exclude_wrap_modules: classes that are no units.
    """
    large = nonwrapped_numel >= min_num_params
    if recurse:
        return large and not isinstance(module, tuple(force_leaf_modules))
    return large and not isinstance(module, tuple(exclude_wrap_modules))


def _declared(module: nn.Module) -> Iterable[str]:
    return getattr(module, "_no_split_modules", None) or ()


def _inside(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Every submodule but the model itself, inner ones first."""
    found = [(name, part) for name, part in model.named_modules() if name]
    return [(name, part) for name, part in found[::-1] if not isinstance(part, _CONTAINERS)]


def _named(model: nn.Module, asked: list[Any]) -> list[str]:
    """Submodules of classes, or by patterns of names."""
    found: dict[str, None] = {}
    parts = _inside(model)
    for one in asked:
        kinds = [one] if isinstance(one, type) else []
        matching = [name for name, part in parts if is_meant(part, name, one)]
        if not matching:
            classes = {type(part).__name__ for _, part in parts}
            near = get_close_matches(str(one), [*classes, *(name for name, _ in parts)])
            shown = kinds[0].__name__ if kinds else one
            raise ValueError(
                f"wrap_policy: the model has no submodule of the class or name {shown!r}; close "
                f"ones: {', '.join(near) or 'none'}"
            )
        found |= dict.fromkeys(matching)
    return [name for name, _ in parts if name in found]


def is_meant(part: nn.Module, name: str, asked: Any) -> bool:
    """Whether a submodule is of a class, or has a name as a pattern says; see `name_matches`.

    Args:
        part: the submodule.
        name: its name.
        asked: a class, the name or address of one, or a name or pattern.
    """
    if isinstance(asked, type):
        return isinstance(part, asked)
    kind = type(part)
    known = (kind.__name__, f"{kind.__module__}.{kind.__qualname__}")
    return asked in known or name_matches(name, asked)


def _configured(config: Mapping[str, Any]) -> Any:
    """The policy that a config means, by the last part of its type."""
    arguments = dict(config)
    kind = arguments.pop("type", None)
    if callable(kind):
        return partial(kind, **arguments)
    name = str(kind).rpartition(".")[2]
    if name == "size_based_auto_wrap_policy":
        for key in ("force_leaf_modules", "exclude_wrap_modules"):
            if key in arguments:
                arguments[key] = tuple(class_named(each) for each in arguments[key])
        return partial(size_based_auto_wrap_policy, **arguments)
    if name in ("transformer_auto_wrap_policy", "ModuleWrapPolicy"):
        ((_, classes),) = arguments.items()
        return [class_named(each) for each in classes]
    if name == "lambda_auto_wrap_policy":
        function = arguments["lambda_fn"]
        return lambda module, recurse, nonwrapped_numel: recurse or function(module)
    raise ValueError(
        f"wrap_policy: there is no policy {kind!r}; there are {', '.join(_POLICIES)}, and a "
        "function of your own"
    )


def class_named(given: Any) -> type:
    """Return a class: itself, or the one of an address such as ``torch.nn.Linear``.

    Raises:
        ValueError: there is none.
    """
    if isinstance(given, type):
        return given
    module, _, name = str(given).rpartition(".")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(
            f"there is no class {given!r}; an address is such as 'torch.nn.Linear'"
        ) from error
    kind: type = found
    return kind


def _by_policy(model: nn.Module, policy: Policy) -> list[str]:
    """Ask a policy, from the outside in for what to look into, and back for what is a unit."""
    found: list[str] = []

    def visit(module: nn.Module, name: str) -> int:
        """Number of parameters in ``module`` that have become part of a unit."""
        size = sum(each.numel() for each in module.parameters())
        taken = 0
        if policy(module=module, recurse=True, nonwrapped_numel=size):
            for child_name, child in module.named_children():
                taken += visit(child, f"{name}.{child_name}" if name else child_name)
        left = size - taken
        asked = name and not isinstance(module, _CONTAINERS)
        if asked and policy(module=module, recurse=False, nonwrapped_numel=left):
            found.append(name)
            return size
        return taken

    visit(model, "")
    return found
