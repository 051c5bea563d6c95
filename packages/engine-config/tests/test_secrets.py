"""Secrets of a config: masked where it is written or shown, given again by the environment."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from engine_config import Config, ConfigDict, ConfigLimitError
from engine_config.secret_text import masked_text
from engine_config.secrets import add_secret_names, is_secret, masked, missing_secrets

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


_SPELLINGS = """
    hf_token hfToken HF_TOKEN hf-token secretKey secret-key SecretKey AWSSecretAccessKey apiKey
    api-key APIKey api_keys accessTokens pwd dbPwd DB_PASSWORD passwords clientSecret
    secretkey SECRETKEY accesskey passWord
    wandb.api_key authorization Authorization refresh_token sasToken webhookUrl credential
"""
_ORDINARY = """
    cls_token clsToken mask_token num_tokens tokens pad-token bos_token image_token keys key
    meta_keys token_dim tokenizer password_field_name secretary keyword passed author authority
    bypass compass dataset_key img_key n_token
"""


@pytest.mark.parametrize("name", _SPELLINGS.split())
def test_a_secret_has_one_name_in_every_spelling(name: str) -> None:
    assert is_secret(name)
    assert "hidden" not in repr(ConfigDict({name: "hidden", "b": 1}).items())


@pytest.mark.parametrize("name", _ORDINARY.split())
def test_what_only_sounds_like_a_secret_is_shown(name: str) -> None:
    assert not is_secret(name)


def test_all_that_lies_in_a_secret_is_masked_and_given_again() -> None:
    value = {"api_keys": ["hid1", "hid2"], "password": 12345, "pwd": (b"hid3",), "token": "[CLS]"}
    value["credentials"] = {"type": "account", "user": "hid4", "more": [{"x": {"hid5"}}]}
    cfg = Config({"a": [value, value]})
    views = f"{cfg.a[0].items()}{cfg.a[0].values()}"
    for text in (repr(cfg), cfg.pretty_text, repr(cfg.a), views):
        assert "hid" not in text and "12345" not in text and "[CLS]" in text and "account" in text
    assert [*cfg.a[0].items()] == [*dict(cfg.a[0]).items()], "a program reads them"
    env = {"API_KEYS_1": "given", "PASSWORD": "x", "CREDENTIALS_USER": "me"}
    again = Config.fromstring(cfg.pretty_text, ".py", env=env)
    assert again.a[1].api_keys == ["<secret API_KEYS_0>", "given"]
    assert again.a[0].password == "x" and again.a[0].credentials.user == "me"
    assert masked({"n": [{"cls_token": "x"}]})["n"][0]["cls_token"] == "x"


def test_what_is_no_secret_is_not_filled_from_the_environment() -> None:
    cfg = Config.fromstring("a = '<secret HOME>'\nb = dict(c=['<secret HOME>'])", ".py")
    assert cfg.a == cfg.b.c[0] == "<secret HOME>"


def test_the_text_of_a_masked_config_tells_no_secret(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text("s3:\n  - apiKey: hid1\n    user: me\nlist: {pwd: hid7, a: 1}\n")
    path = tmp_path / "child.py"
    path.write_text(
        "_base_ = './base.yaml'\nmore = dict(secret_key='hid2', user='me')\n"
        "more['password'] = \"hid3\"\nmore.update(hf_token=f'hid4')\n"
        "b = {'api-keys': ['hid5', '''hid6''']}\npwd: str = 'hid8'\n"
    )
    cfg = Config.fromfile(path)
    text = cfg.__masked__().text
    assert "me" in text and "apiKey" in text
    assert [f"hid{i}" for i in range(1, 9) if f"hid{i}" in text] == []
    assert "hid1" in cfg.text, "the config itself keeps it"


def test_an_integer_of_many_digits_is_shown_as_it_is_written() -> None:
    text = "x = 0x" + "f" * 5000 + "\ny = [x, (x,), {x}, {x: x}]\n"
    cfg = Config.fromstring(text, ".py")
    assert "0xffff" in repr(cfg) and "0xffff" in str(cfg.diff(Config({"x": 1}))[0])
    assert "-x = 0xffff" in Config.diff(cfg, Config({}))
    cfg.merge_from_dict({"z": cfg.x})
    assert "override z=0xffff" in str(cfg.origin("z"))
    assert Config.fromstring(cfg.pretty_text, ".py") == cfg
    with pytest.raises(ConfigLimitError, match="bits"):
        Config.fromstring(text, ".py", trust=False)


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
