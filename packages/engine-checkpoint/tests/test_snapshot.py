"""A copy of a checkpoint that the training no longer changes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn

from engine_checkpoint import Snapshots
from engine_checkpoint.snapshot import size_of


def test_what_the_training_changes_later_is_not_in_the_copy() -> None:
    weight, facts = torch.arange(6.0), {"losses": [1.0], "names": ("a", {"b": [2]})}
    checkpoint = {"state_dict": OrderedDict(w=weight, part=weight[2:4]), "facts": facts}
    copied = Snapshots().take(checkpoint)
    weight.zero_()
    facts["losses"].append(2.0)
    facts["names"][1]["b"].append(3)
    assert copied["state_dict"]["w"].tolist() == [0, 1, 2, 3, 4, 5]
    assert copied["state_dict"]["part"].tolist() == [2, 3]
    assert copied["facts"] == {"losses": [1.0], "names": ("a", {"b": [2]})}
    assert isinstance(copied["state_dict"], OrderedDict)


def test_what_shares_memory_shares_it_in_the_copy() -> None:
    weight = torch.ones(4, 4)
    copied = Snapshots().take({"a": weight, "b": weight, "t": weight.t()[1:]})
    copied["a"][0, 1] = 7
    assert copied["b"][0, 1] == 7
    assert copied["t"][0, 0] == 7
    assert weight[0, 1] == 1


def test_the_memory_is_used_again_where_sizes_are_the_same() -> None:
    snapshots = Snapshots()
    first = snapshots.take({"a": torch.ones(5), "b": torch.ones(3)})
    place = first["a"].data_ptr()
    second = snapshots.take({"a": torch.zeros(5), "b": torch.ones(4), "c": torch.ones(1)})
    assert second["a"].data_ptr() == place
    assert second["a"].tolist() == [0] * 5
    assert [second[key].numel() for key in "abc"] == [5, 4, 1]


def test_tensors_of_every_kind_are_copied() -> None:
    kinds: dict[str, Tensor] = {
        "half": torch.ones(2, dtype=torch.bfloat16),
        "truth": torch.tensor([True, False]),
        "whole": torch.tensor(3),
        "complex": torch.tensor([1 + 2j]).conj(),
        "empty": torch.empty(0, 3),
        "sparse": torch.eye(2).to_sparse(),
        "expanded": torch.ones(1).expand(5),
        "parameter": nn.Parameter(torch.ones(2), requires_grad=False),
    }
    copied = Snapshots().take(dict(kinds))
    for name, value in kinds.items():
        assert copied[name].dtype == value.dtype, name
        assert torch.equal(copied[name].to_dense(), value.to_dense()), name
    assert isinstance(copied["parameter"], nn.Parameter)
    assert not copied["parameter"].requires_grad


def test_a_size_counts_each_memory_once() -> None:
    weight = torch.ones(100)
    tree: Any = {"a": weight, "b": [weight, weight[:3]], "c": (torch.ones(2, dtype=torch.int8), 1)}
    assert size_of(tree) == 402
    assert size_of({"sparse": torch.eye(2).to_sparse(), "text": "a"}) == 0
