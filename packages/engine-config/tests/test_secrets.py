"""Secrets of a config: masked where it is written or shown, given again by the environment."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from engine_config import Config, ConfigDict
from engine_config.secrets import add_secret_names, is_secret, masked_text, missing_secrets

TEXT = (
    "backend_args = dict(backend='s3', access_key='AKIA', secret_key='hidden')\n"
    "vis_backends = [dict(type='Wandb', init_kwargs=dict(api_key='hidden', mode='online'))]\n"
    "model = dict(cls_token='[CLS]', mask_token='hid', token=None, password='')\n"
)


@pytest.mark.parametrize("suffix", [".py", ".yaml", ".json"])
def test_no_secret_is_written(tmp_path: Path, suffix: str) -> None:
    cfg = Config.fromstring(TEXT, ".py")
    path = tmp_path / f"dumped{suffix}"
    cfg.dump(path)
    assert "hidden" not in path.read_text() and "AKIA" not in path.read_text()
    assert cfg.backend_args.secret_key == "hidden", "the config itself keeps it"
    again = Config.fromfile(path)
    assert again.model == cfg.model and again.backend_args.backend == "s3"


def test_no_secret_is_shown() -> None:
    cfg = Config.fromstring(TEXT, ".py")
    for value in (cfg, cfg.backend_args, cfg._cfg_dict, cfg.copy(), copy.deepcopy(cfg)):
        assert "hidden" not in f"{value}{value!r}"
    assert "hidden" not in cfg.pretty_text
    assert pickle.loads(pickle.dumps(cfg)).backend_args.secret_key == "hidden"
    assert "hidden" not in Config.diff(cfg, Config({}))


def test_what_is_masked_is_asked_for_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "dumped.py"
    Config.fromstring(TEXT, ".py").dump(path)
    assert [*missing_secrets(Config.fromfile(path)._cfg_dict)] == [
        ("backend_args.access_key", "ACCESS_KEY"),
        ("backend_args.secret_key", "SECRET_KEY"),
        ("vis_backends.0.init_kwargs.api_key", "API_KEY"),
    ]
    monkeypatch.setenv("SECRET_KEY", "given")
    cfg = Config.fromfile(path)
    assert cfg.backend_args.secret_key == "given"
    assert cfg.backend_args.access_key == "<secret ACCESS_KEY>"
    cfg.merge_from_dict({"backend_args.access_key": "typed"})
    assert cfg.backend_args.access_key == "typed"
    untrusted = Config.fromfile(path, trust=False)
    assert untrusted.backend_args.secret_key == "<secret SECRET_KEY>"
    told = Config.fromfile(path, trust=False, env={"API_KEY": "told"})
    assert told.vis_backends[0].init_kwargs.api_key == "told"


def test_names_can_be_added() -> None:
    assert not is_secret("pin_code")
    add_secret_names("Pin_Code")
    assert is_secret("pin_code") and is_secret("door_pin_code") and not is_secret("pin")
    assert ConfigDict(pin_code="1234").__masked__() == {"pin_code": "<secret PIN_CODE>"}


def test_the_text_of_a_config_is_masked_as_its_values_are() -> None:
    text = "a = dict(secret_key='hidden', b={\"password\": \"hidden\"}, key='seen')\n"
    masked = masked_text(f"{TEXT}{text}token = 'hidden'")
    assert "hidden" not in masked and "seen" in masked and "[CLS]" in masked
    assert masked_text(masked) == masked
    assert Config.fromstring(masked, ".py").a.secret_key == "<secret SECRET_KEY>"
