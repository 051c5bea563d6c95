"""What is yours stays yours, and what a stranger wrote stays data, through several packages."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import engine_fileio.address
import engine_logging.formats
from engine_config import Config
from engine_config.addresses import bare_address
from engine_config.secrets import SECRET_NAMES, is_secret
from engine_registry import UntrustedNameError
from engine_runner import Runner
from engine_runner.cli.main import main

_NAMES = frozenset(SECRET_NAMES)  # before a test adds one
_KEYS_OF_ALL = {"access_key", "api_key", "secret_key", "private_key", "account_key"}
SECRET = "model = None\nbackend_args = dict(backend='s3', secret_key='hidden')\n"
ADDRESSES = [
    ("https://me:hidden@host/a.pth?X-Amz-Signature=hidden&part=1", "https://host/a.pth?X-Amz-"),
    (
        "read s3://hidden@bucket/key, then https://host/a?token=hidden#x",
        "read s3://bucket/key, then",
    ),
    ("openmmlab:s3://bucket/key and /a/b@c?d=e", "openmmlab:s3://bucket/key and /a/b@c?d=e"),
]


@pytest.mark.parametrize(("text", "shown"), ADDRESSES)
def test_addresses_show_no_secrets(text: str, shown: str) -> None:
    for hide in (engine_fileio.address.hide_secrets, engine_logging.formats.hide_secrets):
        assert hide(text).startswith(shown) and "hidden" not in hide(text)
    record = logging.LogRecord("x", logging.INFO, "", 0, "from %s", (text,), None)
    for formatter in (engine_logging.formats.LineFormatter(), logging.Formatter()):
        line = formatter.format(record)
    assert "hidden" not in engine_logging.formats.LineFormatter().format(record), line


@given(st.text("ab:/@?=&#' .", max_size=30).map(lambda text: f"s3://{text}"))
def test_the_log_and_the_errors_hide_the_same(text: str) -> None:
    shown = engine_fileio.address.hide_secrets(text)
    assert shown == engine_logging.formats.hide_secrets(text)


@given(st.lists(st.sampled_from(["hidden", "a", *"/@?=&#;%:'"]), max_size=8).map("".join))
def test_a_log_alone_shows_of_an_address_no_more_than_the_errors(text: str) -> None:
    address = f"reading https://me:hidden@host/a?sig=hidden{text} now"
    shown = engine_logging.formats._hide_in_addresses(address)
    assert shown.startswith("reading https://host/a") or "@" in text
    if "hidden" not in engine_fileio.address.hide_secrets(address):
        assert "hidden" not in shown


@given(st.lists(st.sampled_from(["hidden", "a", *"/@?=&#;%:"]), max_size=8).map("".join))
def test_a_config_writes_of_an_address_no_more_than_errors_show(text: str) -> None:
    for address in (
        f"https://me:hidden@host/a?sig=hidden{text}",
        f"s3://hidden@b/k?token=hidden{text}",
    ):
        if "hidden" not in engine_fileio.address.hide_secrets(address).partition("?")[0]:
            assert "hidden" not in bare_address(address).partition("?")[0]
    for name in ("sig", "X-Amz-Signature", "X-Amz-Credential", "token", "AWSAccessKeyId", "key"):
        assert bare_address(f"https://host/a?b=1&{name}=hidden&c") == "https://host/a?b=1&c"


def test_addresses_and_configs_have_the_same_names_of_secrets() -> None:
    for name in _NAMES:
        for spelt in (name, name.upper(), name.replace("_", "-"), f"my_{name}", f"{name}_2"):
            if not name.endswith(("_key", "_pass")) or name in _KEYS_OF_ALL:
                shown = engine_fileio.address.hide_secrets(f"at s3://b/k#{spelt}=hidden&a=1")
                assert "hidden" not in shown, spelt
            assert is_secret(spelt)


def test_a_run_writes_no_secret_and_asks_for_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.py"
    address = "https://me:hidden@host/a.pth?X-Amz-Signature=hidden&part=1"
    path.write_text(f"{SECRET}load_from = {address!r}\nproxies = [dict(http={address!r})]\n")
    Runner(nn.Linear(1, 1), str(tmp_path / "work"), cfg=Config.fromfile(path))
    written = [each for each in (tmp_path / "work").rglob("*") if each.is_file()]
    assert {each.name for each in written} >= {"mine.py", "config.py"}
    assert all(b"hidden" not in each.read_bytes() for each in written)
    again = Config.fromfile(tmp_path / "work" / "mine.py")
    assert again.load_from == again.proxies[0].http == "https://host/a.pth?part=1"
    loader = {"dataset": {"backend_args": again.backend_args}}
    with pytest.raises(ValueError, match=r"backend_args\.secret_key: set the .* SECRET_KEY, or"):
        Runner(nn.Linear(1, 1), str(tmp_path / "b"), test_dataloader=loader)
    monkeypatch.setenv("SECRET_KEY", "hidden")
    assert Config.fromfile(tmp_path / "work" / "mine.py").backend_args.secret_key == "hidden"


def test_a_runner_follows_no_import_path_of_a_stranger(tmp_path: Path) -> None:
    text = f"model = dict(type='subprocess.check_output', args=['true'])\nwork_dir = '{tmp_path}'"
    with pytest.raises(UntrustedNameError, match=r"subprocess\.check_output"):
        Runner.from_cfg(Config.fromstring(text, ".py", trust=False))


def test_looking_at_a_config_executes_it_only_with_trust(tmp_path: Path) -> None:
    path = tmp_path / "needs.py"
    path.write_text("a = 1\nb = type(1).__name__\n")
    for command in (["show", path], ["explain", path, "b"], ["check", path], ["diff", path, path]):
        arguments = ["config", *map(str, command)]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code and "needs.py:2:" in result.output, result.output
        assert "on the command line that is --trust" in result.output
        trusted = CliRunner().invoke(main, [*arguments, "--trust"])
        assert "needs.py:2:" not in trusted.output or command[0] == "explain", trusted.output
    assert "b = 'int'" in CliRunner().invoke(main, ["config", "show", str(path), "--trust"]).output


def test_an_array_shows_no_secret_either() -> None:
    for held in (np.array(["hidden"]), np.array([{"password": "hidden"}], dtype=object)):
        cfg = Config({"a": {"password": held, "b": [held] if held.dtype == object else 1}})
        assert "hidden" not in repr(cfg) + repr(cfg.a.items()) + str(Config({}).diff(cfg))
