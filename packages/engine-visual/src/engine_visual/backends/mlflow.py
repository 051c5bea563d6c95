"""MLflow."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from engine_visual.backends.artifacts import Suffixes, artifacts
from engine_visual.backends.base import force_init_env
from engine_visual.backends.plain_values import config_text, flat
from engine_visual.backends.tracker import TrackerVisBackend

__all__ = ["MLflowVisBackend"]

_ADDRESS_VARIABLE = "MLFLOW_TRACKING_URI"
_ARTIFACTS = "mlartifacts"
_LONGEST_PARAM = 6000
_PARAMS_A_CALL = 100


class MLflowVisBackend(TrackerVisBackend):
    """A run of MLflow, on a server or in an SQLite file.

    MLflow refuses folders of files as a store since 3.14: without ``tracking_uri`` and without
    ``MLFLOW_TRACKING_URI`` runs go to ``save_dir/mlflow.db``, and their artifacts beside it.

    A server that does not answer is asked again for minutes before MLflow gives up;
    ``MLFLOW_HTTP_REQUEST_MAX_RETRIES=1`` shortens that.

    ``experiment`` is the module ``mlflow``. If no run is active when this one begins, it becomes
    the active one.

    Args:
        save_dir: folder of the store, if there is no server.
        exp_name: the experiment's name; "Default" if there is none, "engine" in a store of our own.
        run_name: the run's name; MLflow makes one up if there is none.
        tags: tags of the run.
        params: parameters of the run, beside those of the config.
        tracking_uri: the store: "http://...", "sqlite:///...".
        artifact_suffix: endings of the files in the config's ``work_dir`` that `close` uploads.
        tracked_config_keys: the config's top-level keys that become parameters; None for all.
        artifact_location: where a new experiment keeps its artifacts; None lets the store choose.
        run_id: the run to resume.
        strict: raise errors instead of logging and counting them.
    """

    package = "mlflow"
    extra = "mlflow"
    group_arguments: ClassVar[Mapping[str, str]] = {"group": "exp_name", "name": "run_name"}
    stays = frozenset({"close"})  # what it ends belongs to the main thread
    _own_stores: ClassVar[set[str]] = set()

    def __init__(
        self,
        save_dir: str,
        exp_name: str | None = None,
        run_name: str | None = None,
        tags: dict[str, Any] | None = None,
        params: dict[str, Any] | None = None,
        tracking_uri: str | None = None,
        artifact_suffix: Suffixes = (".json", ".log", ".py", "yaml"),
        tracked_config_keys: dict[str, Any] | None = None,
        artifact_location: str | None = None,
        *,
        run_id: str | None = None,
        strict: bool = False,
    ) -> None:
        super().__init__(save_dir, strict=strict)
        self._exp_name = exp_name
        self._run_name = run_name
        self._tags = tags or {}
        self._params = params or {}
        self._tracking_uri = tracking_uri
        self._artifact_suffix = artifact_suffix
        self._tracked_config_keys = tracked_config_keys
        self._artifact_location = artifact_location
        self._run_id = run_id
        self._uri = ""

    @property
    @force_init_env
    def experiment(self) -> Any:
        """The module ``mlflow``."""
        return self.load()

    def begin(self) -> Any:
        """A client; the run it writes to is made or resumed."""
        mlflow = self.load()
        self._uri = self._tracking_uri or self._environment() or self._own_store()
        if self._uri == self._own_store():
            self._own_stores.add(self._uri)
        mlflow.set_tracking_uri(self._uri)
        client = mlflow.MlflowClient(self._uri)
        if self._run_id is None:
            experiment_id = self._experiment_id(client, is_own=self._uri == self._own_store())
            made = client.create_run(experiment_id, run_name=self._run_name, tags=self._tags)
            self._run_id = made.info.run_id
            for name, value in self._params.items():
                client.log_param(self._run_id, name, value)
        else:
            client.set_terminated(self._run_id, "RUNNING")  # the only way back from FINISHED
        if mlflow.active_run() is None:
            mlflow.start_run(run_id=self._run_id)
        return client

    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        """All numbers in one request."""
        metric, now = self.load("mlflow.entities").Metric, int(time.time() * 1000)
        metrics = [metric(name, float(value), now, step) for name, value in numbers.items()]
        self.run.log_batch(self._run_id, metrics=metrics)

    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        """A PNG among the run's images, with its step."""
        self.run.log_image(self._run_id, image, key=name, step=step, synchronous=True)

    def write_config(self, values: dict[str, Any]) -> None:
        """A parameter for each leaf, and the text as the artifact ``config.py``."""
        entities = self.load("mlflow.entities")
        if self._tracked_config_keys is not None:
            values = {key: values[key] for key in self._tracked_config_keys if key in values}
        params = [entities.Param(name, str(value)[:_LONGEST_PARAM]) for name, value in flat(values)]
        for start in range(0, len(params), _PARAMS_A_CALL):
            self.run.log_batch(self._run_id, params=params[start : start + _PARAMS_A_CALL])
        self.run.log_text(self._run_id, config_text(self.config), "config.py")

    def finish(self) -> None:
        """Upload the artifacts and end the run."""
        mlflow = self.load()
        try:
            own = Path(self._save_dir, _ARTIFACTS)
            for path, below in artifacts(self.config, self._artifact_suffix, apart_from=own):
                folder = below.rpartition("/")[0]
                self.run.log_artifact(self._run_id, str(path), folder or None)
        finally:
            active = mlflow.active_run()
            if active is not None and active.info.run_id == self._run_id:
                mlflow.set_tracking_uri(self._uri)  # another back-end may have set its own
                mlflow.end_run()
            else:
                self.run.set_terminated(self._run_id)

    def _environment(self) -> str:
        """The address that the environment gives, unless MLflow has put our own there."""
        address = os.environ.get(_ADDRESS_VARIABLE, "")
        return "" if address in self._own_stores else address

    def _own_store(self) -> str:
        return f"sqlite:///{Path(self._save_dir, 'mlflow.db').absolute().as_posix()}"

    def _experiment_id(self, client: Any, *, is_own: bool) -> str:
        """The experiment to write to, made if need be, with its artifacts beside our own store."""
        name = self._exp_name or ("engine" if is_own else "Default")
        found = client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        location = self._artifact_location
        if location is None and is_own:
            location = Path(self._save_dir, _ARTIFACTS).absolute().as_uri()
        return str(client.create_experiment(name, artifact_location=location))
