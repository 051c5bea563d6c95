"""Spaces as texts and as configs."""

from __future__ import annotations

from typing import Any

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from engine_sweep import SpaceError, distribution_of
from engine_sweep.space import extremes


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("uniform(0, 1)", FloatDistribution(0, 1)),
        ("loguniform(1e-5, 1e-1)", FloatDistribution(1e-5, 1e-1, log=True)),
        ("randint(1, 8)", IntDistribution(1, 8)),
        ("lograndint(1, 1024)", IntDistribution(1, 1024, log=True)),
        ("choice(18, 34)", CategoricalDistribution((18, 34))),
        ("choice('SGD', None, True)", CategoricalDistribution(("SGD", None, True))),
        ("FloatDistribution(0, 1, step=0.25)", FloatDistribution(0, 1, step=0.25)),
        ({"type": "IntDistribution", "low": 1, "high": 9}, IntDistribution(1, 9)),
        ({"type": "CategoricalDistribution", "choices": [1, 2]}, CategoricalDistribution([1, 2])),
    ],
)
def test_a_space_is_a_distribution_of_optunas(given: Any, expected: object) -> None:
    assert distribution_of(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        *("", "choice", "normal(0, 1)", "choice(open('x'))", "__import__('os').system('x')"),
        *("uniform(1, 0)", "loguniform(0, 1)", "uniform(0)", "choice()", "uniform(*[0, 1])"),
        *({"type": "normal"}, {"low": 1}, {"type": "IntDistribution", "low": 1}),
    ],
)
def test_what_is_no_space_is_refused_and_not_executed(given: Any) -> None:
    with pytest.raises(SpaceError, match=r"^lr: "):
        distribution_of(given, "lr")


def test_ends_and_choices_are_tried_before_anything_runs() -> None:
    assert extremes(distribution_of("uniform(0, 2)")) == [0, 2]
    assert extremes(distribution_of("choice(1, 5, 3)")) == [1, 5, 3]
