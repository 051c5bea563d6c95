# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.testing.compare import (
    assert_allclose as assert_allclose,
    assert_attrs_equal as assert_attrs_equal,
    assert_dict_contains_subset as assert_dict_contains_subset,
    assert_dict_has_keys as assert_dict_has_keys,
    assert_is_norm_layer as assert_is_norm_layer,
    assert_keys_equal as assert_keys_equal,
    assert_params_all_zeros as assert_params_all_zeros,
)
from engine_runner.testing.multi_process import (
    MultiProcessTestCase as MultiProcessTestCase,
)
from engine_runner.testing.runner_case import (
    RunnerTestCase as RunnerTestCase,
)
from engine_runner.testing.script import (
    check_python_script as check_python_script,
)
