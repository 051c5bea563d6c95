"""What tests of training code need; any test runner will do."""

from engine_runner.testing.compare import (
    assert_allclose,
    assert_attrs_equal,
    assert_dict_contains_subset,
    assert_dict_has_keys,
    assert_is_norm_layer,
    assert_keys_equal,
    assert_params_all_zeros,
)
from engine_runner.testing.multi_process import MultiProcessTestCase
from engine_runner.testing.runner_case import RunnerTestCase
from engine_runner.testing.script import check_python_script

__all__ = [
    "MultiProcessTestCase",
    "RunnerTestCase",
    "assert_allclose",
    "assert_attrs_equal",
    "assert_dict_contains_subset",
    "assert_dict_has_keys",
    "assert_is_norm_layer",
    "assert_keys_equal",
    "assert_params_all_zeros",
    "check_python_script",
]
