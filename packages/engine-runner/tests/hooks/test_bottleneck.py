"""The sentence at the end names what the model waited for, with the right numbers."""

from __future__ import annotations

from typing import Any

import pytest
from torch.utils.data import DataLoader
from toy import Points

from engine_runner.hooks import bottleneck as module
from engine_runner.hooks.bottleneck import breakdown, data_verdict, verdict


def loader(**options: Any) -> DataLoader[Any]:
    return DataLoader(Points(), **options)


def parts(**given: float) -> dict[str, float]:
    names = ("data", "transfer", "forward", "backward", "optimizer", "hooks")
    return {name: given.get(name, 0.0) for name in names}


def told(waited: float, whole: float, data: Any, *, first: float = 0.0, prefetch: int = 0) -> str:
    return data_verdict(waited, whole, data, first=first, prefetch=prefetch)


def test_data_that_are_waited_for_are_told_with_their_share_and_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_cores", lambda: 8)
    assert told(12.4, 20.0, loader(num_workers=2)) == (
        "62 % of the time (12.4 of 20.0 s) the model waited for data: raise num_workers of "
        "train_dataloader above 2, or set prefetch=2 in train_cfg"
    )
    assert told(12.4, 20.0, loader(), prefetch=1).endswith("train_dataloader above 0")
    assert "persistent_workers=True" in told(9, 10, loader(num_workers=2), first=5.0)
    kept = loader(num_workers=2, persistent_workers=True)
    assert "above 2" in told(9, 10, kept, first=5.0)
    monkeypatch.setattr(module, "_cores", lambda: 2)
    assert "its 2 workers have 2 cores: make the data cheaper" in told(9, 10, loader(num_workers=2))
    assert "its loader, a list, should read in more processes" in told(9, 10, [])


def test_data_that_keep_up_are_no_reason_to_do_something() -> None:
    assert told(0.9, 10.0, loader()) == (
        "9 % of the time (0.9 of 10.0 s) the model waited for data: they keep up"
    )
    assert told(0.0, 0.0, loader()).startswith("0 % of the time")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"data": 5.0, "forward": 4.0, "hooks": 1.0}, "50 % of the time (5.0 of 10.0 s) the model"),
        ({"data": 2.0, "forward": 4.0, "hooks": 4.0}, "40 % of the time (4.0 of 10.0 s) was not"),
        ({"transfer": 3.0, "forward": 7.0}, "pin_memory=True"),
        ({"optimizer": 4.0, "forward": 6.0}, "fused=True"),
        ({"forward": 4.0, "backward": 5.0, "optimizer": 1.0}, "90 % of the time (9.0 of 10.0 s)"),
        ({}, "nothing was timed"),
    ],
)
def test_the_worst_that_can_be_helped_is_told(given: dict[str, float], said: str) -> None:
    assert said in verdict(parts(**given), loader())


def test_shares_are_of_the_whole() -> None:
    found = breakdown({"data": 1.0, "forward": 3.0})
    assert found == "data 25 %, forward 75 %"
