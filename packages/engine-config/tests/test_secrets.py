"""Secrets of a config: masked where it is written or shown, given again by the environment."""

from __future__ import annotations

import argparse
import copy
import pickle
import traceback
from collections import ChainMap, OrderedDict, UserDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType

import pytest

from engine_config import Config, ConfigDict, ConfigError, ConfigLimitError, DictAction
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
    password1 api_key_1 hfToken2 auth basic_auth openai_key wandbKey s3_pass
    ｐａｓｓｗｏｒｄ ａｐｉ_ｋｅｙ
    wandb.api_key authorization Authorization refresh_token sasToken webhookUrl credential
    HFTOKEN hftoken WANDBAPIKEY apikeys dbpassword password_old password_v2 private_key_pem
    passwordNew passwordv2 mysecretkey rootpassword mytoken github_pat authorization_header
    client_secret_value X-Auth-Token pass_word _password password\u0301 pass\u200bword
    S3SecretKeyV2 tokenizer_api_token mask_auth_token hf_token_v2
"""
_ORDINARY = """
    cls_token clsToken mask_token num_tokens tokens pad-token bos_token image_token keys key
    meta_keys token_dim tokenizer password_field_name secretary keyword passed author authority
    sort_key map_key query_key mask_token2 first_pass bypass compass dataset_key img_key n_token
    ice_token avg_token num_part_tokens max_completion_tokens output_tokens token_type passage
    eos_token_id max_new_tokens passkey session_len custom_keys second_pass_max_age adv_key
"""


@pytest.mark.parametrize("name", _SPELLINGS.split())
def test_a_secret_has_one_name_in_every_spelling(name: str) -> None:
    assert is_secret(name)
    assert "hidden" not in repr(ConfigDict({name: "hidden", "b": 1}).items())


@pytest.mark.parametrize("name", _ORDINARY.split())
def test_what_only_sounds_like_a_secret_is_shown(name: str) -> None:
    assert not is_secret(name)


def test_all_that_lies_in_a_secret_is_masked_and_given_again() -> None:
    value = {"api_keys": ["hid1", "hid2"], "password": 12345, "pwd": (b"hid3",), "a": "[CLS]"}
    value["credentials"] = {"type": "hid6", "user": "hid4", "values": [{"name": {"hid5"}}]}
    cfg = Config({"a": [value, value]})
    views = f"{cfg.a[0].items()}{cfg.a[0].values()}"
    for text in (repr(cfg), cfg.pretty_text, repr(cfg.a), views):
        assert "hid" not in text and "12345" not in text and "[CLS]" in text
    assert [*cfg.a[0].items()] == [*dict(cfg.a[0]).items()], "a program reads them"
    env = {"API_KEYS_1": "given", "PASSWORD": "x", "CREDENTIALS_USER": "me"}
    again = Config.fromstring(cfg.pretty_text, ".py", env=env)
    assert again.a[1].api_keys == ["<secret API_KEYS_0>", "given"]
    assert again.a[0].password == "x" and again.a[0].credentials.user == "me"
    assert masked({"n": [{"cls_token": "x"}]})["n"][0]["cls_token"] == "x"


def test_a_dict_whose_keys_may_be_secret_is_masked_whole_and_given_as_json() -> None:
    cfg = Config({"a": {"api_keys": {"hidden": 1, "b": ["hidden"]}}})
    assert cfg.pretty_text == "a = dict(api_keys='<secret API_KEYS as JSON>')\n"
    assert "hidden" not in f"{cfg}{cfg.a.api_keys}{cfg.a.api_keys.items()}{cfg.a.items()}"
    again = Config.fromstring(cfg.pretty_text, ".py", env={"API_KEYS": '{"hidden": 1}'})
    assert again.a.api_keys == {"hidden": 1} and "hidden" not in f"{again.a.api_keys}"
    assert [*missing_secrets(cfg.__masked__()._cfg_dict)] == [("a.api_keys", "API_KEYS")]
    with pytest.raises(ValueError, match=r"API_KEYS gives .* JSON"):
        Config.fromstring(cfg.pretty_text, ".py", env={"API_KEYS": "hidden"})


def test_a_token_that_a_model_may_have_is_shown_where_it_is_no_text() -> None:
    layer = {"type": "Embedding", "num_embeddings": 1}
    shown = {"speaker_token": layer, "scene_token": 5, "turn_token": "<turn>"}
    assert masked(shown) is shown
    for name in ("hf_token", "auth_token", "token", "access_token"):
        for value in (layer, 5, "<turn>", "[hidden]", "x", 0.5):
            assert masked({name: value}) != {name: value}
    assert masked({"speaker_token": "hidden"}) == {"speaker_token": "<secret SPEAKER_TOKEN>"}


class _List(list[object]):
    pass


class _Opaque:
    def __repr__(self) -> str:
        return "Opaque(hidden)"


_Pair = namedtuple("_Pair", "user password")


@dataclass
class _Login:
    password: str = "hidden"


_CONTAINERS = {
    "mapping": MappingProxyType,
    "chain": ChainMap,
    "user": UserDict,
    "default": lambda each: defaultdict(dict, each),
    "ordered": OrderedDict,
    "list": lambda each: _List([each]),
    "deque": lambda each: deque([each]),
    "namedtuple": lambda each: _Pair(1, *each.values()),
    "nested": lambda each: ({"x": [MappingProxyType({"y": (each,)})]},),
    "bytes": lambda each: {key.encode(): value for key, value in each.items()},
    "tuple": lambda each: {(key, 1): value for key, value in each.items()},
    "login": lambda each: _Login(),
}
_VALUES = [
    "hidden",
    b"hidden",
    bytearray(b"hidden"),
    PurePosixPath("hidden"),
    {"hidden"},
    frozenset({"hidden"}),
    deque(["hidden"]),
    _List(["hidden"]),
    _Pair("me", "hidden"),
    (("hidden",),),
    {"hidden": 1},
    {1: {"type": "hidden"}},
    {"type": "hidden"},
    {"type": "A", "value": "hidden"},
    MappingProxyType({"a": "hidden"}),
    "[hidden]",
    "<secret hidden>",
    _Login(),
    _Opaque(),
]


@pytest.mark.parametrize("name", ["password", "hf_token", "token", "api_keys", "AuthToken2"])
@pytest.mark.parametrize("outer", ["dict", *_CONTAINERS])
def test_a_secret_is_shown_in_no_container_and_of_no_kind(
    outer: str, name: str, tmp_path: Path
) -> None:
    for value in _VALUES:
        inner = {name: value}
        cfg = Config({"a": _CONTAINERS[outer](inner) if outer != "dict" else inner, "b": 1})
        own = cfg.a if outer == "dict" else cfg  # a foreign object shows itself as it likes
        shown = [repr(cfg), repr(own), repr(cfg.items()), repr(cfg.values()), str(cfg.diff(cfg))]
        shown += [*map(str, Config({}).diff(cfg)), *map(str, cfg.diff(Config({})))]
        for suffix in (".py", ".yaml", ".json"):
            try:
                cfg.dump(tmp_path / f"x{suffix}")
            except ConfigError as error:
                shown.append("".join(traceback.format_exception(error)))
            else:
                shown.append((tmp_path / f"x{suffix}").read_text())
        assert [text for text in shown if "hidden" in text] == [], value


def test_addresses_are_written_without_login_and_signature(tmp_path: Path) -> None:
    bare = {
        "https://me:hidden@host/a.pth?part=1": "https://host/a.pth?part=1",
        "https://host/a.pth?X-Amz-Signature=hidden&part=1": "https://host/a.pth?part=1",
        "https://host/a?X-Amz-Credential=hidden&X-Amz-Security-Token=hidden": "https://host/a",
        "s3://me:hid/den@bucket/key": "s3://bucket/key",
        "https://host/a?sv=2&sig=hidden#token=hidden": "https://host/a?sv=2",
        "postgres://me:hidden@host:5432/db": "postgres://host:5432/db",
        "https://host/a/b@c?d=e@f": "https://host/a/b@c?d=e@f",
        "tcp://127.0.0.1:29500": "tcp://127.0.0.1:29500",
    }
    for address, expected in bare.items():
        cfg = Config({"load_from": address, "a": [{"x": (address,)}]}, f"x = {address!r}")
        assert f"load_from = {expected!r}" in cfg.pretty_text
        for suffix in (".py", ".yaml", ".json"):
            cfg.dump(tmp_path / f"x{suffix}")
            assert Config.fromfile(tmp_path / f"x{suffix}").a[0].x[0] == expected
        shown = f"{cfg}{cfg.items()}{cfg.a}{cfg.__masked__().text}{Config({}).diff(cfg)[0]}"
        assert "hid" not in shown and cfg.load_from == address


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
        "password, c = ('hid9', 1)\n"
    )
    cfg = Config.fromfile(path)
    text = cfg.__masked__().text
    assert "me" in text and "apiKey" in text and "hid" not in text
    assert "hid1" in cfg.text, "the config itself keeps it"
    assert Config({"a": 1}, "a = 1  # as it is").__masked__().text == "a = 1  # as it is"


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
    assert masked_text("a = 1  # as it is") == "a = 1  # as it is"
    assert masked_text("password = open('hidden').read()") == ""


_PYTHON = """
    {n} = 'X' + 1
    {n} = 'X
    {n} = 'X' b
    {n} = 0x12_X
    {n} += 'X' + 1
    {n}: str = 'X' / 2
    {n} = X
    {n} = b'X' + 1
    {n} = f'X{{nope}}'
    {n} = ['a', 'X' + 1]
    {n}, b = 'X', 2, 3
    b, *{n} = 'X' + 1
    {n} = b = 'X' + 1
    (b, {n}) = ('X' / 2, 1)
    [({n} := 'X'), nope]
    b = dict(|{n}='X', x=nope)
    b = dict(|{n}=|'X' + 1)
    b = dict(|{n}=[|1,|'X' + 1])
    b = {{'{n}': 'X', 'x': nope}}
    b = {{'{n}': {{'X': nope}}}}
    b = {{'{n}':|'X' - 1}}
    b = {{}}; b['{n}'] = 'X' - 1
    b = dict(); b.{n} = 'X' - 1
    b = {{}}; b.setdefault('{n}', 'X' + 1)
    b = {{}}; b.update([('{n}', 'X' + 1)])
    b = {{}}; b.update({n}='X', c=nope)
    b = set([('{n}', 'X'), []])
    {n} = 'X'|b = int({n})
    {n} = 'X'|b = float([{n}][0])
    {n} = 'X'|b = {{}}[{n}]
    {n} = 'X'|b = '%d' % {n}
    {n} = 'X'|b = '{{:d}}'.format({n})
    {n} = 'X'|b = 'a'.encode({n})
    {n} = 'X'|b = 'abc'.index({n})
    {n} = 'X'|b = sorted([{n}, 1])
    {n} = 'X'|c = {n}|b = int(c)
    x = 'X'|{n} = int(x)
    x = 'X' y|{n} = x
    {n} = 'X'|assert False, {n}
    {n} = 'X'|raise ValueError({n})
    {n} = 'X'|b = getattr(1, {n})
    {n} = 'X'|b = eval({n})
    {n} = 'X'|b = __import__({n})
    {n} = 'X'|b = [1][{n}]
    {n} = 'X'|del {{}}[{n}]
    {n} = 'X'|  b = 1
    def f({n}): return {n} + 1|b = f('X')
    def f({n}='X'): return {n} + 1|b = f()
    b = 1 + 'x'  # {n}=X
    {n} = 'X' * 10**12
    {n} = open('X').read()
    import os|{n} = os.environ['X']
    {n} = 'X {{{{ _base_.b }}}}'
    b = 'https://me:X@host/a' / 2
    b = 'https://host/a?sig=X' / 2
    with {n}: 'X' + 1
"""
_YAML = """
    {n}: 'X
    {n}: X: x
    a: [{n}: X
    {n}: !!python/object:X a
    {n}: !X x
    {n}: *X
    {n}: &X [*Y]
    {n}: X|{n}: X
    {n}: ||   X|  x
    {n}: "X\\q"
    {n}: X|\tb: 1
    {{{n}: X, b: }}}}
    {n}: !!float X
    {n}: !!int {{X: 1}}
    ? [{n}, X]|: 1
    - {n}: X
    {n}: X {{{{ _base_.x }}}}
    _base_: ['{n}', 1, X]
    {n}: {{X: 1, X: 2}}
    <<: {n} X
"""
_JSON = """
    {{"{n}": "X" "b"}}
    {{"{n}": "X\\q"}}
    {{"{n}": "X", "{n}": "X"}}
    {{"{n}": X}}
    {{"{n}": "X}}
    {{"{n}": "X",
    {{"{n}": ["X" 1]}}
    {{"{n}": {{"X": 1, "X": 2}}}}
    ["{n}", "X"]
    {{"a": {{"{n}": "X"}}, "_base_": 5}}
"""
_SHAPES = [
    (shape.strip(), suffix)
    for shapes, suffix in ((_PYTHON, ".py"), (_YAML, ".yaml"), (_JSON, ".json"))
    for shape in shapes.strip().split("\n")
]


def _told(read: Callable[[], object]) -> str:
    """All that is told of what ``read`` raises, but for lines of this file."""
    try:
        read()
    except Exception as error:
        seen, more = "", [error]
        while more:
            each = more.pop()
            if each is None:
                continue
            more += [each.__cause__, each.__context__]
            seen += f"{each!s}{each!r}{each.args}{vars(each)}{getattr(each, '__notes__', '')}"
        return seen + "".join(traceback.format_exception(error))
    return ""


@pytest.mark.parametrize("name", ["password", "HFTOKEN", "dbPassword_v2", "x"])
@pytest.mark.parametrize(("shape", "suffix"), _SHAPES)
def test_an_error_tells_nothing_of_a_config_with_a_secret(
    shape: str, suffix: str, name: str, tmp_path: Path
) -> None:
    text = shape.format(n=name).replace("||", "\0").replace("|", "\n").replace("\0", "|\n")
    path = tmp_path / f"config{suffix}"
    for secret in ("hunter2zz", "71829364"):
        path.write_text(text.replace("X", secret))
        told = _told(partial(Config.fromfile, path))
        told += _told(partial(Config.fromfile, path, trust=False))
        told += _told(partial(Config.fromstring, path.read_text(), suffix, trust=False))
        if name != "x" or "://" in shape:
            assert secret not in told
        elif secret == "hunter2zz":
            assert told, "the shape is to be wrong"


def test_an_error_of_a_child_tells_no_secret_of_its_base(tmp_path: Path) -> None:
    (tmp_path / "base.py").write_text("a = dict(password='hidden')\n")
    for line in (
        "b = int(_base_.a.get(*_base_.a))",
        "b = {}[str(_base_)]",
        "a = dict(password=1 0",
    ):
        (tmp_path / "child.py").write_text(f"_base_ = 'base.py'\n{line}\n")
        for trust in (True, False):
            told = _told(partial(Config.fromfile, tmp_path / "child.py", trust=trust))
            assert told and "hidden'" not in told


def test_an_error_without_secrets_tells_what_python_does() -> None:
    with pytest.raises(ConfigError, match=r"ValueError: .*'hidden'\n    b = int") as caught:
        Config.fromstring("a = 1\nb = int('hidden')", ".py")
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(ConfigError, match=r"^<text>:2:5: ValueError \(the rest is hidden"):
        Config.fromstring("pwd = 1\nb = int('hidden')", ".py")


def test_an_argument_that_is_a_secret_is_not_told() -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--o", nargs="+", action=DictAction)
    for text in ("a.password=[hidden,(", "apiKey=(hidden,[", "password:hidden", "password=x,(hid]"):
        with pytest.raises(argparse.ArgumentError) as caught:
            parser.parse_args(["--o", text])
        told = f"{caught.value}{caught.value!r}{caught.value.__cause__}"
        assert "hid" not in told and caught.value.__suppress_context__ is ("=" in text)


def test_what_a_config_prints_has_no_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    Config.fromstring("print(dict(hf_token='hidden', a=1), [dict(pwd='hidden')])", ".py")
    assert capsys.readouterr().out == (
        "{'hf_token': '<secret HF_TOKEN>', 'a': 1} [{'pwd': '<secret PWD>'}]\n"
    )


def test_a_part_of_a_secret_is_shown_no_more_than_the_whole() -> None:
    cfg = Config.fromstring(
        "password = dict(user='hid', values=[dict(url='hid')], value=dict(id='hid'))", ".py"
    )
    merged = Config({"x": 1})
    merged.merge_from_dict({"password": {"value": {"id": "hid"}}})
    for part in (
        cfg.password,
        cfg.password.value,
        cfg.password["values"][0],
        merged.password.value,
    ):
        for each in (part, part.copy(), copy.deepcopy(part), pickle.loads(pickle.dumps(part))):
            assert "hid" not in f"{each!r}{each}{each.items()}{each.values()}"
    assert masked(cfg.password.value) == {"id": "<secret PASSWORD_VALUE_ID>"}
    assert cfg.password.value.id == "hid" and [*cfg.password.value.values()] == ["hid"]
