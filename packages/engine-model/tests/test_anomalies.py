from __future__ import annotations

import pytest
from trained_models import Regression, batches

from engine_model import detect_anomalous_params


def test_parameters_outside_of_the_graph_are_named(caplog: pytest.LogCaptureFixture) -> None:
    model = Regression(with_spare=True)
    loss, _ = model.parse_losses(model(**batches()[0], mode="loss"))
    detect_anomalous_params(loss, model)
    assert [record.getMessage() for record in caplog.records] == [
        "spare.weight with shape (1, 3) is not in the computational graph",
        "spare.bias with shape (1,) is not in the computational graph",
    ]


def test_nothing_is_said_of_frozen_parameters(caplog: pytest.LogCaptureFixture) -> None:
    model = Regression(with_spare=True)
    model.spare.requires_grad_(False)
    loss, _ = model.parse_losses(model(**batches()[0], mode="loss"))
    detect_anomalous_params(loss, model)
    assert not caplog.records
