"""What every back-end does, whatever it writes to. Each test class inherits it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine_visual.backends import BaseVisBackend

PICTURE = np.zeros((6, 8, 3), np.uint8)
PICTURE[:3] = (255, 0, 10)
PICTURE[:, 4:, 1] = 200


@dataclass(kw_only=True)
class Recorded:
    """What a platform's own reader finds of one run."""

    scalars: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    images: dict[tuple[str, int], np.ndarray] = field(default_factory=dict)
    config: str = ""


class PlainConfig:
    """A config as `engine_config.Config` is one, as far as back-ends look."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def to_dict(self) -> dict[str, Any]:
        return self.values

    @property
    def pretty_text(self) -> str:
        return "".join(f"{key} = {value!r}\n" for key, value in self.values.items())


class BackendContract:
    """Subclass it and define ``make`` and ``read``; what a platform cannot, its subclass says."""

    @pytest.fixture(autouse=True)
    def one_process(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for variable in ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK"):
            monkeypatch.delenv(variable, raising=False)

    @pytest.fixture
    def made(self) -> Iterator[list[BaseVisBackend]]:
        """Back-ends to close, whatever becomes of the test."""
        backends: list[BaseVisBackend] = []
        yield backends
        for backend in backends:
            backend.close()

    def make(self, folder: Path, **kwargs: Any) -> BaseVisBackend:
        """Return a back-end that has recorded nothing, with strict=True."""
        raise NotImplementedError

    def resumed(self, folder: Path, earlier: BaseVisBackend) -> BaseVisBackend:
        """Return a back-end that goes on with the run of ``earlier``, which is closed."""
        return self.make(folder)

    def read(self, folder: Path, backend: BaseVisBackend) -> Recorded:
        """Return what the run of ``backend``, which is closed, left."""
        raise NotImplementedError

    def group_of(self, backend: Any, folder: Path) -> dict[str, str]:
        """Return the "group" and the "name" of an open run, as its platform has them."""
        return {}

    def test_runs_of_one_search_are_put_together(self, tmp_path: Path) -> None:
        wanted = {"group": "a sweep", "name": "trial_0001"}
        keys = self.make(tmp_path).group_arguments
        arguments: dict[str, Any] = {}
        for what, key in keys.items():
            *parents, last = key.split(".")
            place = arguments
            for parent in parents:
                place = place.setdefault(parent, {})
            place[last] = wanted[what]
        backend = self.make(tmp_path, **arguments)
        backend.add_scalar("loss", 0.5, step=1)
        found = self.group_of(backend, tmp_path)
        backend.close()
        assert found == {what: wanted[what] for what in keys}

    def test_nothing_is_made_before_something_is_recorded(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path / "new")
        backend.close()
        assert not (tmp_path / "new").exists()

    def test_scalars_come_back_with_their_steps(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.add_scalar("loss", 0.5, step=1)
        backend.add_scalar("loss", np.float32(0.25), step=2)
        backend.add_scalar("loss", np.array([0.125]), step=3)
        backend.close()
        assert self.read(tmp_path, backend).scalars["loss"] == [(1, 0.5), (2, 0.25), (3, 0.125)]

    def test_a_dict_of_scalars_comes_back(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.add_scalars({"loss": 0.5, "val/acc": 75}, step=4)
        backend.add_scalars({"val/acc": 80, "step": 9}, step=5)
        backend.close()
        scalars = self.read(tmp_path, backend).scalars
        assert scalars["loss"] == [(4, 0.5)]
        assert scalars["val/acc"] == [(4, 75), (9, 80)]

    def test_a_tensor_is_a_number(self, tmp_path: Path) -> None:
        import torch

        backend = self.make(tmp_path)
        backend.add_scalar("loss", torch.tensor(0.5, requires_grad=True), step=1)
        backend.close()
        assert self.read(tmp_path, backend).scalars["loss"] == [(1, 0.5)]

    def test_an_image_comes_back_pixel_by_pixel(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.add_image("pictures", PICTURE, step=3)
        backend.add_image("pictures", PICTURE[:, ::-1], step=7)
        backend.close()
        images = self.read(tmp_path, backend).images
        assert images.keys() == {("pictures", 3), ("pictures", 7)}
        np.testing.assert_array_equal(images["pictures", 3], PICTURE)
        np.testing.assert_array_equal(images["pictures", 7], PICTURE[:, ::-1])

    def test_the_config_comes_back(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.add_config(PlainConfig(seed=1234, model={"type": "ResNet", "depth": 50}))
        backend.close()
        config = self.read(tmp_path, backend).config
        assert "1234" in config
        assert "ResNet" in config

    def test_the_experiment_is_made_once(self, tmp_path: Path, made: list[BaseVisBackend]) -> None:
        backend = self.make(tmp_path)
        made.append(backend)
        first = backend.experiment
        backend.add_scalar("loss", 1.0, step=1)
        assert backend.experiment is first

    def test_closing_twice_is_closing_once(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.add_scalar("loss", 1.0, step=1)
        backend.close()
        backend.close()
        assert self.read(tmp_path, backend).scalars["loss"] == [(1, 1.0)]

    def test_another_process_than_the_main_one_records_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RANK", "1")
        backend = self.make(tmp_path / "new")
        backend.add_config(PlainConfig(seed=1))
        backend.add_scalar("loss", 1.0, step=1)
        backend.add_scalars({"loss": 1.0}, step=1)
        backend.add_image("pictures", PICTURE, step=1)
        backend.close()
        assert not (tmp_path / "new").exists()

    def test_a_second_run_in_one_process_is_another_run(self, tmp_path: Path) -> None:
        backends = []
        for i, folder in enumerate((tmp_path / "first", tmp_path / "second")):
            backends.append(self.make(folder))
            backends[i].add_scalar("loss", float(i), step=i)
            backends[i].close()
        assert self.read(tmp_path / "first", backends[0]).scalars["loss"] == [(0, 0.0)]
        assert self.read(tmp_path / "second", backends[1]).scalars["loss"] == [(1, 1.0)]

    def test_a_resumed_run_goes_on(self, tmp_path: Path) -> None:
        earlier = self.make(tmp_path)
        earlier.add_scalar("loss", 1.0, step=1)
        earlier.close()
        later = self.resumed(tmp_path, earlier)
        later.add_scalar("loss", 0.5, step=2)
        later.close()
        assert self.read(tmp_path, later).scalars["loss"] == [(1, 1.0), (2, 0.5)]

    def test_what_is_added_after_a_close_belongs_to_the_run(self, tmp_path: Path) -> None:
        backend = self.make(tmp_path)
        backend.add_scalar("loss", 1.0, step=1)
        backend.close()
        backend.add_scalar("loss", 0.5, step=2)
        backend.close()
        assert self.read(tmp_path, backend).scalars["loss"] == [(1, 1.0), (2, 0.5)]

    def test_an_error_is_logged_once_counted_and_told(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        backend = self.make(tmp_path, strict=False)
        with caplog.at_level(logging.WARNING, logger="engine_visual"):
            for step in range(3):
                backend.add_image("pictures", PICTURE / 255, step=step)
            backend.add_scalar("loss", 1.0, step=1)
            backend.close()
        texts = [r.getMessage() for r in caplog.records if "add_image" in r.getMessage()]
        assert len(texts) == 2
        assert "got ndarray of float64" in texts[0]
        assert "missed 3 calls (3 of add_image)" in texts[1]
        assert self.read(tmp_path, backend).scalars["loss"] == [(1, 1.0)]

    def test_a_folder_that_cannot_be_made_ends_no_training(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "file").write_text("in the way")
        backend = self.make(tmp_path / "file/run", strict=False)
        with caplog.at_level(logging.WARNING, logger="engine_visual"):
            backend.add_scalar("loss", 1.0, step=1)
            backend.add_scalar("loss", 1.0, step=2)
            backend.close()
        assert "missed 2 calls (2 of add_scalar)" in caplog.text

    def test_strict_raises(self, tmp_path: Path, made: list[BaseVisBackend]) -> None:
        backend = self.make(tmp_path, strict=True)
        made.append(backend)
        with pytest.raises(TypeError, match="uint8"):
            backend.add_image("pictures", PICTURE / 255, step=1)
