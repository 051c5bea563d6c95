"""What tests of training code need; any test runner will do."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.testing.compare": [
            "assert_allclose",
            "assert_attrs_equal",
            "assert_dict_contains_subset",
            "assert_dict_has_keys",
            "assert_is_norm_layer",
            "assert_keys_equal",
            "assert_params_all_zeros",
        ],
        "engine_runner.testing.multi_process": ["MultiProcessTestCase"],
        "engine_runner.testing.runner_case": ["RunnerTestCase"],
        "engine_runner.testing.script": ["check_python_script"],
    },
)
