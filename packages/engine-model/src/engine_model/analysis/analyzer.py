"""Counts of something for each operator and each module of a model."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Literal, Self

from torch import Tensor, nn

from engine_model.analysis.op_trace import watched_pass

__all__ = ["Handle", "ModelAnalyzer", "in_units"]

logger = logging.getLogger(__name__)

# Of an operator's inputs and outputs, as torch passes them; None counts nothing, quietly.
Handle = Callable[[list[Any], list[Any]], Counter[str] | int | float] | None


class ModelAnalyzer:
    """Counts something of each operator in one forward pass; subclasses say what.

    The pass is made when a number is first asked for. Buffers and random generators are left as
    they were.

    Args:
        model: the model, in the mode (training or evaluation) to be looked at.
        inputs: its argument, or a tuple of its positional arguments.
    """

    handles: ClassVar[Mapping[str, Handle]] = {}

    def __init__(self, model: nn.Module, inputs: Tensor | tuple[Any, ...]) -> None:
        self._model = model
        self._inputs = inputs if isinstance(inputs, tuple) else (inputs,)
        self._handles: dict[str, Handle] = dict(self.handles)
        self._functions: frozenset[str] = frozenset()
        self._by_caller = False
        self._warns_of_operators = self._warns_of_modules = True
        self._counted: _Counted | None = None
        self._names: dict[str, str] = {
            alias: name
            for name, module in model.named_modules()
            for alias, other in model.named_modules(remove_duplicate=False)
            if other is module
        }

    def total(self, module_name: str = "") -> int:
        """Return the count of a module; by default of the whole model."""
        return sum(self.by_operator(module_name).values())

    def by_operator(self, module_name: str = "") -> Counter[str]:
        """Return the counts in a module by operator, such as "conv"."""
        return Counter(self._all().numbers[self.canonical_module_name(module_name)])

    def by_module(self) -> Counter[str]:
        """Return the counts by module; a module's count includes its submodules'."""
        numbers = self._all().numbers
        return Counter({name: sum(numbers[name].values()) for name in self._canonical()})

    def by_module_and_operator(self) -> dict[str, Counter[str]]:
        """Return the counts by module, and in each by operator."""
        numbers = self._all().numbers
        return {name: Counter(numbers[name]) for name in self._canonical()}

    def unsupported_ops(self, module_name: str = "") -> Counter[str]:
        """Return how often operators ran that nobody knows a count for."""
        return Counter(self._all().unknown[self.canonical_module_name(module_name)])

    def uncalled_modules(self) -> set[str]:
        """Return the modules that the pass didn't call."""
        called = self._all().called
        modules = dict(self._model.named_modules())
        return {
            name
            for name in self._canonical()
            if name not in called and type(modules[name]).forward is not nn.Module.forward
        }

    def set_op_handle(self, *args: Any, **kwargs: Handle) -> Self:
        """Say how operators are counted.

        Besides operators that are run, functions can be named as a trace shows them:
        ``aten::linear``, ``aten::_convolution``, ``aten::batch_norm``, ``aten::flatten``; their
        handles get the arguments of torch's function, and what it runs isn't counted beside.

        Args:
            args: name and handle in turn, such as ``"aten::sort", handle``.
            kwargs: handles by name.

        Raises:
            TypeError: a name has no handle, or isn't a string.
        """
        if len(args) % 2:
            raise TypeError(f"names and handles come in turn, got {len(args)} arguments")
        for name, handle in [*zip(args[::2], args[1::2], strict=True), *kwargs.items()]:
            if not isinstance(name, str):
                raise TypeError(f"an operator's name must be a str, got {name!r}")
            self._handles[name] = handle
            if handle is not None and name not in self.handles:
                self._functions |= {name.removeprefix("aten::")}
        self._counted = None
        return self

    def clear_op_handles(self) -> Self:
        """Forget how operators are counted."""
        self._handles, self._counted, self._functions = {}, None, frozenset()
        return self

    def canonical_module_name(self, name: str) -> str:
        """Return the name by which a module is counted; a module may have several.

        Raises:
            KeyError: the model has no such module.
        """
        if name not in self._names:
            raise KeyError(f"the model has no module {name!r}")
        return self._names[name]

    def copy(
        self,
        new_model: nn.Module | None = None,
        new_inputs: Tensor | tuple[Any, ...] | None = None,
    ) -> Self:
        """Return an analyzer of the same settings, for another model or other inputs."""
        made = type(self)(
            self._model if new_model is None else new_model,
            self._inputs if new_inputs is None else new_inputs,
        )
        made._handles, made._functions = dict(self._handles), self._functions
        made._by_caller = self._by_caller
        made._warns_of_operators = self._warns_of_operators
        made._warns_of_modules = self._warns_of_modules
        return made

    def ancestor_mode(self, mode: Literal["owner", "caller"]) -> Self:
        """Say what a module's count includes: what it owns, by name, or what it calls.

        Raises:
            ValueError: ``mode`` is neither.
        """
        if mode not in ("owner", "caller"):
            raise ValueError(f"mode must be 'owner' or 'caller', got {mode!r}")
        self._by_caller, self._counted = mode == "caller", None
        return self

    def unsupported_ops_warnings(self, enabled: bool) -> Self:
        """Say whether operators that nobody knows a count for are warned of."""
        self._warns_of_operators = enabled
        return self

    def uncalled_modules_warnings(self, enabled: bool) -> Self:
        """Say whether modules that weren't called are warned of."""
        self._warns_of_modules = enabled
        return self

    def tracer_warnings(self, mode: str) -> Self:
        """Do nothing: there is no tracer, the model is really run."""
        return self

    def _canonical(self) -> list[str]:
        return [name for name, _ in self._model.named_modules()]

    def _all(self) -> _Counted:
        if self._counted is None:
            counted = _Counted(self._handles, by_caller=self._by_caller, functions=self._functions)
            counted.called = watched_pass(self._model, self._inputs, counted)
            self._counted = counted
            unknown = counted.unknown[""]
            if unknown and self._warns_of_operators:
                named = ", ".join(f"{name} ({number} times)" for name, number in unknown.items())
                logger.warning("%s knows no count for: %s", type(self).__name__, named)
            uncalled = self.uncalled_modules()
            if uncalled and self._warns_of_modules:
                logger.warning("modules that were not called: %s", ", ".join(sorted(uncalled)))
        return self._counted


def in_units(
    analyzer: ModelAnalyzer, handles: Mapping[str, Handle] | None, *, unit: float
) -> tuple[defaultdict[str, float], Counter[str]]:
    """Return the counts by operator in a unit, and operators without a known count.

    Args:
        analyzer: what counts.
        handles: further counts by operator; see `ModelAnalyzer.set_op_handle`.
        unit: such as 1e9.
    """
    analyzer.set_op_handle(**(handles or {}))
    found: defaultdict[str, float] = defaultdict(float)
    for name, number in analyzer.by_operator().items():
        found[name] = number / unit
    return found, analyzer.unsupported_ops()


class _Counted:
    """What one pass gave: by module, then by operator.

    Args:
        handles: how operators are counted.
        by_caller: whether a module counts in the modules that call it.
        functions: see `Listener`.
    """

    def __init__(
        self, handles: Mapping[str, Handle], *, by_caller: bool, functions: frozenset[str]
    ) -> None:
        self._handles, self._by_caller, self._functions = handles, by_caller, functions
        self.numbers: dict[str, Counter[str]] = defaultdict(Counter)
        self.unknown: dict[str, Counter[str]] = defaultdict(Counter)
        self.called: set[str] = set()

    @property
    def functions(self) -> frozenset[str]:
        """Functions that are told of in place of their operators."""
        return self._functions

    def __call__(
        self,
        operator: str,
        shown: str,
        *,
        modules: tuple[str, ...],
        inputs: list[Any],
        outputs: list[Any],
        counts: bool,
    ) -> None:
        places = {"", *(modules if self._by_caller else _owners(modules))}
        if operator not in self._handles:
            for place in places if counts else ():
                self.unknown[place][operator] += 1
            return
        handle = self._handles[operator]
        if handle is None:
            return
        found = handle(inputs, outputs)
        named = found if isinstance(found, Counter) else Counter({_SHOWN.get(shown, shown): found})
        for place in places:
            self.numbers[place].update(named)


def _owners(modules: tuple[str, ...]) -> Iterable[str]:
    """The innermost module, and all that its name stands in."""
    parts = modules[-1].split(".") if modules else []
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


_SHOWN = {
    "convolution": "conv",
    "addmm": "linear",
    "native_layer_norm": "layer_norm",
    "native_group_norm": "group_norm",
    "native_batch_norm": "batch_norm",
    "_native_batch_norm_legit": "batch_norm",
    "_native_batch_norm_legit_no_training": "batch_norm",
    "_batch_norm_with_update": "batch_norm",
    "_batch_norm_no_update": "batch_norm",
    "cudnn_batch_norm": "batch_norm",
    "miopen_batch_norm": "batch_norm",
}
