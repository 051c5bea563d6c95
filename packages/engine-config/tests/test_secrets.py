"""Secrets of a config: masked where it is written or shown, given again by the environment."""

from __future__ import annotations

import copy
import pickle
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_config import Config, ConfigDict, ConfigError, ConfigLimitError
from engine_config.secret_text import excerpt_of, masked_text
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
    password1 api_key_1 hfToken2 auth basic_auth openai_key wandbKey s3_pass
    ｐａｓｓｗｏｒｄ ａｐｉ_ｋｅｙ
    wandb.api_key authorization Authorization refresh_token sasToken webhookUrl credential
"""
_ORDINARY = """
    cls_token clsToken mask_token num_tokens tokens pad-token bos_token image_token keys key
    meta_keys token_dim tokenizer password_field_name secretary keyword passed author authority
    sort_key map_key query_key mask_token2 first_pass bypass compass dataset_key img_key n_token
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


_PIECES = [
    "password",
    " = ",
    ": ",
    "'",
    '"',
    "'''",
    "hidden",
    "\n",
    "[",
    ")",
    "# ",
    "- ",
    "  ",
    "|",
    "1",
]
WRONG = [
    ("a = 1\nb = dict(hf_token='hidden', x=nope)", ".py"),
    ("b = dict(hf_token='hidden', x=(1", ".py"),
    ("b = dict(hf_token='hidden' 'hidden', x=1/0)", ".py"),
    ("password = 'hidden' + 1", ".py"),
    ("password = 'hidden", ".py"),
    ("password = [\n  'hidden',\n  nope]", ".py"),
    ("password = open('hidden')", ".py"),
    ("password = dict(user='hidden', word=nope)", ".py"),
    ("password = int('hidden')", ".py"),
    (f"password = int('hidden{'x' * 400}')", ".py"),
    ("password = {'a': 1}['hidden']", ".py"),
    ("pwd: str = 'hidden' / 2", ".py"),
    ("x = 'https://me:hidden@h/x?sig=hidden' / 2", ".py"),
    ('{"password": "hidden", }', ".json"),
    ('{"password": ["hidden" 1]}', ".json"),
    ("password: hidden: a", ".yaml"),
    ("password:\n  - a: hidden: b\n", ".yaml"),
    ("password: |\n  hidden\n x: y: z", ".yaml"),
    ("password: !!float hidden", ".yaml"),
]


@pytest.mark.parametrize(("text", "suffix"), WRONG)
@pytest.mark.parametrize("trust", [True, False])
def test_an_error_quotes_no_secret(text: str, suffix: str, trust: bool) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.fromstring(text, suffix, trust=trust)
    told = "".join(traceback.format_exception(caught.value))
    ours = told[told.index(".py", told.rfind("engine_config/")) :] if trust else told
    assert "hidden" not in f"{caught.value!r}{caught.value}"
    assert "hidden" not in ours.replace(text, "")


def test_the_caret_of_an_error_stays_below_its_place() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.fromstring("b = dict(hf_token='hid', x=nope, y=2)", ".py")
    line, caret = str(caught.value).splitlines()[1:]
    assert line[caret.index("^") :].startswith("nope, y=2)")


def test_what_a_config_prints_has_no_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    Config.fromstring("print(dict(hf_token='hidden', a=1), [dict(pwd='hidden')])", ".py")
    assert capsys.readouterr().out == (
        "{'hf_token': '<secret HF_TOKEN>', 'a': 1} [{'pwd': '<secret PWD>'}]\n"
    )


def test_a_part_of_a_secret_is_shown_no_more_than_the_whole() -> None:
    cfg = Config.fromstring(
        "password = dict(user='hid', more=[dict(a='hid')], b=dict(c='hid'))", ".py"
    )
    merged = Config({"x": 1})
    merged.merge_from_dict({"password": {"b": {"c": "hid"}}})
    for part in (cfg.password, cfg.password.b, cfg.password.more[0], merged.password.b):
        for each in (part, part.copy(), copy.deepcopy(part), pickle.loads(pickle.dumps(part))):
            assert "hid" not in f"{each!r}{each}{each.items()}{each.values()}"
    assert masked(cfg.password.b) == {"c": "<secret PASSWORD_B_C>"}
    assert cfg.password.b.c == "hid" and [*cfg.password.b.values()] == ["hid"]


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_masking_keeps_the_lines_of_any_text_and_is_done_once(text: str) -> None:
    assert masked_text(masked_text(text)) == masked_text(text)
    for number, line in enumerate(text.split("\n"), 1):
        shown, _, _ = excerpt_of(text, (number, 1), line)
        assert "\n" not in shown
        if "password = 'hidden'" in line:
            assert "hidden'" not in shown
