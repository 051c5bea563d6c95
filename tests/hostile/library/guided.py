"""Search for hostile configs, led by coverage: ``hatch run fuzz-guided -max_total_time=600``.

atheris (libFuzzer) chooses the bytes; the grammar draws its random numbers from them, so that what
it tries are configs, and it keeps those that reach new lines of engine_config. Options are
libFuzzer's. An input that runs something, takes 20 s (of this slow run) or 1 GB, or ends in
any error but a `ConfigError`, is written down, and given again by its file's name.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import atheris
import yaml  # noqa: F401
from judge import Watch

with atheris.instrument_imports(include=["engine_config"]):
    import engine_config.data_file
    import engine_config.json_file
    import engine_config.write  # noqa: F401
    from engine_config import Config, ConfigError

from grammar import data_text, program

_FOLDER = tempfile.TemporaryDirectory()
_NAMED = ["stranger", "subprocess", "code", "ctypes", "antigravity"]
_WATCH = Watch([_FOLDER.name], _NAMED, follows=False)


class _Drawn(Random):
    """Random numbers that are drawn from an input's bytes; zeros when these are used up."""

    def __init__(self, provider: Any) -> None:
        super().__init__()
        self._provider = provider

    def random(self) -> float:
        return float(self._provider.ConsumeProbability())

    def getrandbits(self, k: int) -> int:
        return int(self._provider.ConsumeUInt((k + 7) // 8)) & ((1 << k) - 1)


def _text(provider: Any, suffix: str) -> str:
    """The text that an input stands for: of the grammar, or as it is."""
    if provider.ConsumeBool():
        return str(provider.ConsumeUnicode(2000))
    drawn = _Drawn(provider)
    return program(drawn) if suffix == ".py" else data_text(drawn, suffix[1:])


def try_one(data: bytes) -> None:
    """Load, read and show the config that some bytes stand for."""
    provider = atheris.FuzzedDataProvider(data)
    suffix = (".py", ".py", ".yaml", ".json")[provider.ConsumeIntInRange(0, 3)]
    text = _text(provider, suffix)
    _WATCH.on = True
    try:
        cfg = Config.fromstring(text, suffix, trust=False, base_folders=[_FOLDER.name])
        str(cfg), cfg.to_dict(), cfg.pretty_text
    except ConfigError:
        pass
    finally:
        _WATCH.on = False
        if _WATCH.seen:
            raise AssertionError(f"{_WATCH.seen} of {text!r:.2000}")


def main() -> None:
    """Search until libFuzzer's options, or a finding, end it."""
    (Path(_FOLDER.name) / "base.json").write_text('{"a": [1, {"b": "c"}]}')
    found = f"-artifact_prefix={Path.cwd()}/"
    os.chdir(_FOLDER.name)
    sys.addaudithook(_WATCH)
    limits = [found, "-timeout=20", "-rss_limit_mb=1000", "-max_len=4096", "-len_control=0"]
    atheris.Setup([sys.argv[0], *limits, *sys.argv[1:]], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
