from __future__ import annotations

from typing import Any

import pytest

from engine_runner.runner.config_keys import check_arguments, check_keys, misspelt

KNOWN = ("train_dataloader", "custom_hooks", "model")


def test_a_known_key_passes() -> None:
    check_keys("env_cfg", {"model": 1}, KNOWN)


def test_an_unknown_key_is_told_with_close_ones_or_else_with_all() -> None:
    with pytest.raises(TypeError, match=r"^env_cfg has no key 'modl'; did you mean model\?$"):
        check_keys("env_cfg", {"modl": 1}, KNOWN)
    with pytest.raises(TypeError, match="train_dataloader or custom_hooks or model"):
        check_keys("env_cfg", {"zzz": 1}, KNOWN)


def test_arguments_of_a_function_are_its_keys_unless_it_takes_any() -> None:
    def narrow(self: Any, size: int) -> None: ...

    def wide(**kwargs: Any) -> None: ...

    check_arguments("it", {"type": "X", "size": 1}, narrow)
    check_arguments("it", {"whatever": 1}, wide)
    with pytest.raises(TypeError, match="it has no key 'sise'; did you mean size"):
        check_arguments("it", {"sise": 1}, narrow)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["train_dataloder"], [("train_dataloder", "train_dataloader")]),
        (["train_dataloader", "train_dataloder"], [("train_dataloder", "train_dataloader")]),
        (["custom_hook"], [("custom_hook", "custom_hooks")]),
        (["train_dataloader", "train_dataloader2"], []),  # continues what is given: meant
        (["_train_dataloader"], []),
        (["my_setting", "model"], []),
    ],
)
def test_a_misspelt_key_is_noticed(given: list[str], found: list[tuple[str, str]]) -> None:
    assert misspelt(given, KNOWN) == found
