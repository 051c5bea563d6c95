"""Search spaces: what stands on a command line or in a config, as Optuna's distributions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, Final

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from engine_sweep.errors import SpaceError

__all__ = ["distribution_of", "extremes"]

_SHORT: Final[dict[str, Callable[..., BaseDistribution]]] = {
    "uniform": FloatDistribution,
    "loguniform": lambda low, high: FloatDistribution(low, high, log=True),
    "randint": IntDistribution,
    "lograndint": lambda low, high: IntDistribution(low, high, log=True),
    "choice": lambda *choices: CategoricalDistribution(choices),
    "FloatDistribution": FloatDistribution,
    "IntDistribution": IntDistribution,
    "CategoricalDistribution": CategoricalDistribution,
}


def distribution_of(given: str | Mapping[str, Any], key: str = "") -> BaseDistribution:
    """Return the distribution that a text or a config names; nothing is executed.

    Args:
        given: ``loguniform(1e-5, 1e-1)``, ``uniform(0, 1)``, ``randint(1, 8)``, ``lograndint``,
            ``choice(18, 34)``, a distribution of Optuna's such as ``FloatDistribution(0, 1,
            step=0.1)``, or one of these as ``dict(type="FloatDistribution", low=0, high=1)``.
        key: whose values they are, for the error.

    Raises:
        SpaceError: it is none of these.
    """
    where = f"{key}: " if key else ""
    try:
        name, args, kwargs = _call(given)
        make = _SHORT[name]
    except (KeyError, SyntaxError, ValueError, TypeError) as error:
        raise SpaceError(
            f"{where}{given!r} is no space; there are {', '.join(_SHORT)}, such as "
            "loguniform(1e-5, 1e-1) or choice(18, 34)"
        ) from error
    try:
        return make(*args, **kwargs)
    except (TypeError, ValueError) as error:
        raise SpaceError(f"{where}{given!r}: {error}") from error


def _call(given: str | Mapping[str, Any]) -> tuple[str, list[Any], dict[str, Any]]:
    if isinstance(given, Mapping):
        arguments = dict(given)
        return arguments.pop("type"), [], arguments
    node = ast.parse(given.strip(), mode="eval").body
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise ValueError("not a call")
    named = {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg}
    return node.func.id, [ast.literal_eval(arg) for arg in node.args], named


def extremes(distribution: BaseDistribution) -> list[Any]:
    """Return the values to check before anything runs: the ends, or all choices."""
    if isinstance(distribution, CategoricalDistribution):
        return [*distribution.choices]
    bounds: Any = distribution
    return [bounds.low, bounds.high]
