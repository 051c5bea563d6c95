"""Several optimizers, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from torch import Tensor, nn

from engine_optim.wrapper import OptimWrapper

__all__ = ["OptimWrapperDict"]


class OptimWrapperDict(OptimWrapper):
    """The optimizers of a model with several, such as a generator's and a discriminator's.

    A model gets its parts by name and updates each: ``optim_wrapper["generator"].update_params``.

    Args:
        optim_wrapper_dict: wrappers by name.

    Raises:
        TypeError: one is no wrapper.
    """

    def __init__(self, **optim_wrapper_dict: OptimWrapper) -> None:
        for name, wrapper in optim_wrapper_dict.items():
            if not isinstance(wrapper, OptimWrapper):
                raise TypeError(f"the optimizer {name} must be an OptimWrapper, got {wrapper!r}")
        self.optim_wrappers = optim_wrapper_dict

    def _refuse(self, what: str) -> NoReturn:
        names = ", ".join(self.optim_wrappers)
        raise NotImplementedError(
            f"an OptimWrapperDict can't {what}: which of its optimizers ({names})? Override "
            f"train_step, and call {what} of optim_wrapper[name]"
        )

    def update_params(
        self,
        loss: Tensor,
        step_kwargs: dict[str, Any] | None = None,
        zero_kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Raise: a model with several optimizers updates each.

        Raises:
            NotImplementedError: always, like `backward` and `step`.
        """
        self._refuse("update_params")

    def backward(self, loss: Tensor, **kwargs: Any) -> None:
        """Raise; see `update_params`."""
        self._refuse("backward")

    def step(self, **kwargs: Any) -> None:
        """Raise; see `update_params`."""
        self._refuse("step")

    def zero_grad(self, **kwargs: Any) -> None:
        """Forget the gradients of every optimizer.

        Args:
            kwargs: for the ``zero_grad`` of each.
        """
        for wrapper in self.values():
            wrapper.zero_grad(**kwargs)

    def optim_context(self, model: Any) -> NoReturn:
        """Raise; see `update_params`."""
        self._refuse("optim_context")

    def initialize_count_status(self, model: nn.Module, cur_iter: int, max_iters: int) -> None:
        """Do nothing: how often each optimizer is used in an iteration is the model's affair."""

    @property
    def num_steps(self) -> int:
        """How often all of them together made a step."""
        return sum(wrapper.num_steps for wrapper in self.optim_wrappers.values())

    @property
    def accumulative_counts(self) -> int:
        """One: each optimizer counts the losses of its own windows."""
        return 1

    @accumulative_counts.setter
    def accumulative_counts(self, number: int) -> None:
        self._refuse("accumulative_counts")

    @property
    def param_groups(self) -> Any:
        """The parameter groups of each optimizer, by name."""
        return {name: wrapper.param_groups for name, wrapper in self.items()}

    @property
    def defaults(self) -> dict[str, Any]:
        """The settings of each optimizer, by name."""
        return {name: wrapper.defaults for name, wrapper in self.items()}

    def get_lr(self) -> dict[str, list[float]]:
        """Return the learning rates of each, as ``name.lr``."""
        return {
            f"{name}.{key}": rates
            for name, wrapper in self.items()
            for key, rates in wrapper.get_lr().items()
        }

    def get_momentum(self) -> dict[str, list[float]]:
        """Return the momenta of each, as ``name.momentum``."""
        return {
            f"{name}.{key}": momenta
            for name, wrapper in self.items()
            for key, momenta in wrapper.get_momentum().items()
        }

    def state_dict(self) -> dict[str, Any]:
        """Return the state of each, by name."""
        return {name: wrapper.state_dict() for name, wrapper in self.items()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Put states into the wrappers of their names.

        Raises:
            KeyError: there is no wrapper of such a name.
        """
        for name, state in state_dict.items():
            if name not in self.optim_wrappers:
                known = ", ".join(self.optim_wrappers)
                raise KeyError(f"there is no optimizer {name!r}; there are {known}")
            self.optim_wrappers[name].load_state_dict(state)

    def window_state(self) -> dict[str, Any]:
        """Return where each stands in its window of accumulation, by name."""
        found = {name: wrapper.window_state() for name, wrapper in self.items()}
        return found if any(found.values()) else {}

    def load_window_state(self, state: dict[str, Any]) -> None:
        """Go on where each stood."""
        for name, wrapper in self.items():
            wrapper.load_window_state(state.get(name, {}))

    def items(self) -> Iterator[tuple[str, OptimWrapper]]:
        """Iterate over names and wrappers."""
        yield from self.optim_wrappers.items()

    def values(self) -> Iterator[OptimWrapper]:
        """Iterate over the wrappers."""
        yield from self.optim_wrappers.values()

    def keys(self) -> Iterator[str]:
        """Iterate over the names."""
        yield from self.optim_wrappers.keys()

    def __getattr__(self, name: str) -> NoReturn:
        names = ", ".join(self.__dict__.get("optim_wrappers", ()))
        raise AttributeError(
            f"an OptimWrapperDict has no {name!r}: ask one of its optimizers ({names})"
        )

    def __getitem__(self, key: str) -> OptimWrapper:
        return self.optim_wrappers[key]

    def __contains__(self, key: str) -> bool:
        return key in self.optim_wrappers

    def __len__(self) -> int:
        return len(self.optim_wrappers)

    def __repr__(self) -> str:
        return "\n".join(f"name: {name}\n{wrapper!r}" for name, wrapper in self.items())
