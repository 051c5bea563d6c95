"""Hostile checkpoints, by kinds: what a pickle may name times every way in which it may name it.

Pickles are put together from their instructions, since no program writes these. Each is a case
whose one file is a checkpoint, or a folder with a sharded one, an index or a ``last_checkpoint``.
"""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import torch
from instructions import as_global, as_number, as_text, as_tuple

__all__ = [
    "FORMATS",
    "NAMES",
    "PATHS",
    "WAYS",
    "CheckpointCase",
    "archive",
    "checkpoint_of",
    "configs",
    "costly",
    "indices",
    "named",
    "trained",
    "trainings",
    "with_config",
]


class CheckpointCase(NamedTuple):
    """One input.

    Attributes:
        name: its kind and what was multiplied.
        address: what is read, beneath the case's folder.
        files: bytes by name.
        links: what is no regular file.
        how: which function reads it.
        refused: whether reading it must end in an error.
    """

    name: str
    address: str
    files: dict[str, bytes]
    links: dict[str, str] = {}  # noqa: RUF012 - nobody changes it
    how: str = "read"
    refused: bool = False


_NONE, _EMPTY, _DICT, _LIST = b"N", b")", b"}", b"]"
_PATH = as_text("here")

NAMES = [
    "os.system", "posix.system", "subprocess.check_output", "builtins.eval", "builtins.exec",
    "builtins.open", "builtins.getattr", "builtins.__import__", "importlib.import_module",
    "stranger.run", "engine_config.Config", "engine_config.config.Config",
    "engine_config.LazyObject", "engine_config.lazy.LazyObject", "functools.partial",
    "operator.attrgetter", "numpy.load", "numpy.fromfile", "torch.load", "torch.hub.load",
    "pathlib.Path.read_text", "io.FileIO", "_io.FileIO", "tempfile.mkstemp", "socket.socket",
    "ctypes.CDLL", "code.interact", "types.FunctionType", "types.CodeType", "copyreg._extension",
    "_codecs.encode", "encodings.normalize_encoding", "torch.storage._load_from_bytes",
    "torch.jit._pickle.restore_type_tag", "pickle.loads", "marshal.loads", "shutil.rmtree",
    "webbrowser.open", "antigravity.fly", "timeit.timeit", "logging.FileHandler", "runpy.run_path",
]  # fmt: skip


def _reduce(name: str) -> bytes:
    return as_global(name) + as_tuple(_PATH) + b"R"


def _stacked(name: str) -> bytes:
    module, _, attribute = name.rpartition(".")
    return as_text(module) + as_text(attribute) + b"\x93" + as_tuple(_PATH) + b"R"


def _inst(name: str) -> bytes:
    module, _, attribute = name.rpartition(".")
    return b"(" + _PATH + f"i{module}\n{attribute}\n".encode()


WAYS: dict[str, Callable[[str], bytes]] = {
    "reduce": _reduce,
    "stacked": _stacked,
    "newobj": lambda name: as_global(name) + as_tuple(_PATH) + b"\x81",
    "newobj with": lambda name: as_global(name) + as_tuple(_PATH) + _DICT + b"\x92",
    "inst": _inst,
    "obj": lambda name: b"(" + as_global(name) + _PATH + b"o",
    "value": as_global,
    "key": lambda name: _DICT + as_global(name) + _NONE + b"s",
    "in a list": lambda name: _LIST + _reduce(name) + b"a",
    "in a tuple": lambda name: as_tuple(_reduce(name), _NONE),
    "state": lambda name: as_global("collections.OrderedDict") + _EMPTY + b"R"
    + _DICT + as_text("_metadata") + _reduce(name) + b"s" + b"b",
    "state of it": lambda name: as_global(name) + _EMPTY + b"\x81" + _DICT + as_text("x") + _PATH
    + b"s" + b"b",
    "class of a state": lambda name: as_global("collections.OrderedDict") + _EMPTY + b"R"
    + _DICT + as_text("__class__") + as_global(name) + b"s" + b"b",
    "factory": lambda name: as_global("collections.defaultdict") + as_tuple(as_global(name)) + b"R",
    "set item": lambda name: as_global(name) + _PATH + _NONE + b"s",
    "append": lambda name: as_global(name) + _PATH + b"a",
    "extend": lambda name: as_global(name) + b"(" + _PATH + b"e",
    "build on it": lambda name: as_global(name) + _DICT + as_text("x") + _NONE + b"s" + b"b",
    "tensor": lambda name: as_global("torch._utils._rebuild_tensor_v2") + as_tuple(_reduce(name)) + b"R",  # noqa: E501
    "parameter": lambda name: as_global("torch._utils._rebuild_parameter")
    + as_tuple(_reduce(name), b"\x88", _DICT) + b"R",
    "persistent": lambda name: as_tuple(as_text("storage"), _reduce(name)) + b"Q",
    "persistent class": lambda name: as_tuple(
        as_text("storage"), as_global(name), as_text("0"), as_text("cpu"), as_number(1)
    ) + b"Q",
    "array": lambda name: as_global("numpy.core.multiarray._reconstruct")
    + as_tuple(as_global(name), as_tuple(as_number(0)), as_text("b")) + b"R",
    "scalar": lambda name: as_global("numpy.core.multiarray.scalar")
    + as_tuple(_reduce(name), as_text("x")) + b"R",
    "dtype": lambda name: as_global("numpy.dtype") + as_tuple(_reduce(name)) + b"R",
    "history": lambda name: as_global("mmengine.logging.history_buffer.HistoryBuffer") + _EMPTY
    + b"\x81" + _DICT + as_text("_log_history") + _reduce(name) + b"s" + b"b",
    "counter": lambda name: as_global("collections.Counter") + as_tuple(_reduce(name)) + b"R",
    "twice": lambda name: as_global(name) + b"q\x00" + as_tuple(_PATH) + b"R0h\x00" + as_tuple(_PATH) + b"R",  # noqa: E501
}  # fmt: skip


def checkpoint_of(value: bytes) -> bytes:
    """A pickle of what a checkpoint is, with ``value`` in it."""
    meta = _DICT + as_text("epoch") + as_number(1) + b"s"
    return (
        b"\x80\x02" + _DICT + as_text("meta") + meta + b"s"
        + as_text("state_dict") + _DICT + as_text("w") + value + b"s" + b"s."
    )  # fmt: skip


def archive(
    content: bytes, others: dict[str, bytes] | None = None, *, squeeze: bool = False
) -> bytes:
    """A file of torch with a pickle."""
    file = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", kind) as written:
        entries = {"data.pkl": content, "byteorder": b"little", "version": b"3\n", **(others or {})}
        for name, data in entries.items():
            written.writestr(f"archive/{name}", data)
    return file.getvalue()


def _old(content: bytes, tail: bytes = b"") -> bytes:
    """A file of torch before archives."""
    facts = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
    head = b"".join(pickle.dumps(each, 2) for each in (0x1950A86A20F9469CFC6C, 1001, facts))
    return head + content + pickle.dumps([], 2) + tail


FORMATS: dict[str, Callable[[bytes], bytes]] = {
    "archive": archive,
    "old": _old,
    "pickle": lambda content: content,
}


def named() -> Iterator[CheckpointCase]:
    """Pickles that name what is no data."""
    for i, (name, (way, made)) in enumerate(product(NAMES, WAYS.items())):
        kind, shaped = [*FORMATS.items()][i % 2 if i % 9 else 2]
        data = shaped(checkpoint_of(made(name)))
        how = "load" if i % 5 == 0 else "read"
        yield CheckpointCase(f"{name}, {way}, {kind}", "a.pth", {"a.pth": data}, how=how)
    for name in NAMES:
        data = b"\x80\x02" + _reduce(name) + b"."
        yield CheckpointCase(f"{name}, pickle file", "a.pkl", {"a.pkl": data}, how="pickle")


def _tensor(size: bytes, stride: bytes, number: int = 1) -> bytes:
    storage = as_tuple(
        as_text("storage"), as_global("torch.FloatStorage"), as_text("0"), as_text("cpu"), as_number(number)  # noqa: E501
    ) + b"Q"  # fmt: skip
    return (
        as_global("torch._utils._rebuild_tensor_v2")
        + as_tuple(storage, as_number(0), size, stride, b"\x89", _DICT)
        + b"R"
    )


def costly() -> Iterator[CheckpointCase]:
    """Checkpoints that want time or memory, or are damaged."""
    shared = b"N" + b"".join(b"q" + bytes([i]) + b"h" + bytes([i]) + b"\x86" for i in range(200))
    lists = (
        _LIST
        + b"q\x00"
        + b"".join(
            _LIST + b"q" + bytes([i + 1]) + (b"h" + bytes([i]) + b"a") * 10 for i in range(60)
        )
    )
    huge = struct.pack("<q", 2**40)
    values = {
        "shared tuples": shared,
        "shared lists": lists,
        "shared tuples as a key": _DICT + shared + _NONE + b"s",
        "shared tuples in a set": b"\x8f" + b"(" + shared + b"\x90",
        "deep lists": _LIST * 50_000 + b"a" * 49_999,
        "deep tuples": b"N" + b"\x85" * 50_000,
        "deep dicts": (_DICT + as_text("a")) * 20_000 + _NONE + b"s" * 20_000,
        "far memo": b"Nr" + struct.pack("<I", 2**31 - 1),
        "itself": _LIST + b"q\x00h\x00a",
        "itself in a tuple": _LIST + b"q\x00(h\x00ta",
        "long text": b"\x8d" + huge,
        "long bytes": b"\x8e" + huge,
        "long bytearray": b"\x96" + huge,
        "long number": b"\x8b" + struct.pack("<i", 2**30),
        "negative number": b"\x8b" + struct.pack("<i", -1),
        "number as text": b"I" + b"9" * 200_000 + b"\n",
        "number as long": b"L" + b"9" * 200_000 + b"L\n",
        "frame": b"\x95" + huge,
        "keys of equal hash": _DICT + b"(" + b"".join(
            b"\x8a\x0a" + (i * (2**61 - 1)).to_bytes(10, "little", signed=True) + b"N"
            for i in range(1, 20_000)) + b"u",
        "complex keys of equal hash": _DICT + b"(" + b"".join(
            as_global("builtins.complex")
            + as_tuple(b"G" + struct.pack(">d", -1000003.0 * i), as_number(i)) + b"RN"
            for i in range(1, 20_000)) + b"u",
        "fractions of equal hash": _DICT + b"(" + b"".join(
            as_global("fractions.Fraction") + as_tuple(as_text(str(i * (2**61 - 1)))) + b"RN"
            for i in range(1, 6_000)) + b"u",
        "counter of a range": as_global("collections.Counter")
        + as_tuple(as_global("builtins.range") + as_tuple(as_number(2**31 - 1)) + b"R") + b"R",
        "many values": _LIST + b"(" + b"N" * 2_000_000 + b"e",
        "many marks": b"(" * 500_000,
        "pops": b"N" + b"2" * 1_000_000 + b"0" * 1_000_000,
        "huge tensor": _tensor(as_tuple(as_number(2**30), as_number(2**30)), as_tuple(as_number(0), as_number(0))),  # noqa: E501
        "long tensor": _tensor(as_tuple(as_number(2**30)), as_tuple(as_number(1))),
        "negative tensor": _tensor(as_tuple(as_number(-5)), as_tuple(as_number(1))),
        "tensor of many sizes": _tensor(as_tuple(*[as_number(1)] * 5000), as_tuple(*[as_number(1)] * 5000)),  # noqa: E501
        "huge storage": _tensor(as_tuple(as_number(1)), as_tuple(as_number(1)), 2**31 - 1),
        "huge array": as_global("numpy.core.multiarray._reconstruct")
        + as_tuple(as_global("numpy.ndarray"), as_tuple(as_number(2**30), as_number(2**30)), as_text("b")) + b"R",  # noqa: E501
        "wide dtype": as_global("numpy.dtype") + as_tuple(as_text("V2000000000"), b"\x89", b"\x88") + b"R",  # noqa: E501
        "range": as_global("builtins.range") + as_tuple(as_number(0), as_number(2**30)) + b"R",
        "list of a range": as_global("builtins.list")
        + as_tuple(as_global("builtins.range") + as_tuple(as_number(0), as_number(2**30)) + b"R") + b"R",  # noqa: E501
        "bytearray of a number": as_global("builtins.bytearray") + as_tuple(as_number(2**30)) + b"R",  # noqa: E501
        "bytes of a number": as_global("builtins.bytes") + as_tuple(as_number(2**30)) + b"R",
        "text times": as_global("builtins.str") + as_tuple(as_text("x")) + b"R",
        "decimal": as_global("decimal.Decimal") + as_tuple(as_text("1e999999999")) + b"R",
        "fraction": as_global("fractions.Fraction") + as_tuple(as_text("1e9999999")) + b"R",
        "counter": as_global("collections.Counter") + as_tuple(as_text("x" * 100_000)) + b"R",
        "set of a text": as_global("builtins.set") + as_tuple(as_text("x" * 100_000)) + b"R",
        "deque": as_global("collections.deque") + as_tuple(_LIST, as_number(-1)) + b"R",
        "path": as_global("pathlib.PosixPath") + as_tuple(*[as_text("a")] * 10_000) + b"R",
        "date": as_global("datetime.datetime") + as_tuple(as_text("x" * 10)) + b"R",
        "slice": as_global("builtins.slice") + as_tuple(_NONE, _NONE, _NONE) + b"R",
        "extension": b"\x84" + struct.pack("<i", 1),
        "unknown": b"\xff",
        "stop": b".",
        "no stack": b"0000",
        "protocol": b"\x80\x09N",
        "buffer": b"\x97",
        "codec": as_global("_codecs.encode") + as_tuple(as_text("x"), as_text("stranger")) + b"R",
        "squeezing codec": as_global("_codecs.encode") + as_tuple(as_text("x"), as_text("zlib")) + b"R",  # noqa: E501
    }  # fmt: skip
    for (name, value), (kind, shaped) in product(values.items(), FORMATS.items()):
        data = shaped(checkpoint_of(value))
        yield CheckpointCase(f"cost: {name}, {kind}", "a.pth", {"a.pth": data})
    for name, value in values.items():
        data = b"\x80\x02" + value + b"."
        yield CheckpointCase(f"cost: {name}, pickle file", "a.pkl", {"a.pkl": data}, how="pickle")
    whole = archive(checkpoint_of(_NONE), {"data/0": bytes(4)})
    files = {
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "text": b"hello",
        "zeros": bytes(100_000),
        "squeezed zeros": archive(
            checkpoint_of(_NONE), {"data/0": bytes(400_000_000)}, squeeze=True
        ),
        "many entries": archive(checkpoint_of(_NONE), {f"data/{i}": b"" for i in range(30_000)}),
        "names outside": archive(checkpoint_of(_NONE), {"../../here": b"x", "/here": b"x"}),
        "no content": whole.replace(b"data.pkl", b"date.pkl"),
        "two contents": archive(
            checkpoint_of(_NONE), {"x/data.pkl": checkpoint_of(_reduce("os.system"))}
        ),
        "size of 2**63": whole.replace(struct.pack("<I", 4), b"\xff\xff\xff\x7f"),
        "far beginning": whole[:-6] + b"\xff\xff\xff\x7f" + whole[-2:],
    }
    for (name, data), how in product(files.items(), ("read", "load")):
        yield CheckpointCase(f"file: {name}, {how}", "a.pth", {"a.pth": data}, how=how)
    for target, how in product(("fifo", "/dev/zero", "/dev/urandom", "/proc/self/mem", "loop"),
                               ("read", "load", "infer")):  # fmt: skip
        yield CheckpointCase(
            f"link: {target}, {how}", "a.pth", {}, {"a.pth": target}, how=how, refused=True
        )


def trained() -> dict[str, Any]:
    """A checkpoint of the training that it is put into."""
    weights = {"layer.weight": torch.ones(1, 1), "layer.bias": torch.ones(1)}
    group = {"lr": 0.1, "momentum": 0.9, "dampening": 0, "weight_decay": 0, "nesterov": False,
             "maximize": False, "foreach": None, "differentiable": False, "fused": None,
             "params": [0, 1]}  # fmt: skip
    return {
        "meta": {"epoch": 1, "iter": 4, "seed": 1, "cfg": "a = 1", "experiment_name": "x"},
        "state_dict": weights,
        "optimizer": {"state": {}, "param_groups": [group]},
        "param_schedulers": [{"last_step": 1, "base_values": [0.1]}],
        "message_hub": {"log_scalars": {}, "runtime_info": {"iter": 4}, "resumed_keys": {}},
        "train_state": {"epoch": 1, "iteration": 4, "batch_in_epoch": 0, "optimizer_steps": 4},
        "num_ranks": 1,
    }


_ODD = [None, -1, 10**30, 2**62, float("nan"), "x" * 1000, [], [[]] * 1000, {"x": {}}, True,
        {"epoch": 10**12}, torch.zeros(3), b"x", "../x", "stranger.run"]  # fmt: skip


def trainings() -> Iterator[CheckpointCase]:
    """Checkpoints for ``load_from`` and ``resume``: one part of each is not what it should be."""
    places = [(key,) for key in trained()]
    places += [(key, inner) for key, part in trained().items() if isinstance(part, dict)
               for inner in part]  # fmt: skip
    for i, (place, value) in enumerate(product(places, _ODD)):
        made = trained()
        owner = made
        for key in place[:-1]:
            owner = owner[key]
        owner[place[-1]] = value
        file = io.BytesIO()
        torch.save(made, file)
        how = "load_from" if i % 4 == 0 else "resume"
        name = f"training: {'.'.join(place)} is {value!r:.40}, {how}"
        yield CheckpointCase(name, "a.pth", {"a.pth": file.getvalue()}, how=how)
    ways = product(("os.system", "stranger.run"), WAYS.items(), ("load_from", "resume"))
    for name, (way, written), how in ways:
        data = archive(checkpoint_of(written(name)))
        yield CheckpointCase(f"training: {name}, {way}, {how}", "a.pth", {"a.pth": data}, how=how)


_META = "default_scope = 'engine'\ntest_dataloader = dict(dataset=dict(pipeline=[]))\n"
_MODEL = "model = dict(type='torch.nn.Linear', in_features=1, out_features=1)\n"
_ROLES = {
    "model": "model = dict(type={0}, args=['touch', 'here'])\n",
    "part of a model": _MODEL + "model['bias'] = dict(type={0}, args=['touch', 'here'])\n"
    "data_preprocessor = dict(type={0}, args=['touch', 'here'])\n",
    "loss": _MODEL + "loss = dict(type={0}, args=['touch', 'here'])\n",
    "transform": _MODEL + "test_dataloader = dict(dataset=dict(pipeline=[dict(type={0}, "
    "args=['touch', 'here'])]))\n",
    "collate_fn": _MODEL + "test_dataloader = dict(collate_fn={0}, dataset=dict(pipeline=[]))\n",
    "collate_fn of a dict": _MODEL + "test_dataloader = dict(collate_fn=dict(type={0}, "
    "args=['touch', 'here']), dataset=dict(pipeline=[]))\n",
    "visualizer": _MODEL + "visualizer = dict(type={0}, args=['touch', 'here'])\n",
    "back-end": _MODEL + "visualizer = dict(type='Visualizer', vis_backends=[dict(type={0}, "
    "args=['touch', 'here'])])\n",
    "initialisation": _MODEL + "model['init_cfg'] = dict(type={0})\n",
    "list of models": "model = [dict(type={0}, args=['touch', 'here'])]\n",
    "scope": "default_scope = 'stranger'\n" + _MODEL,
    "scope of a name": "model = dict(type='stranger.' + {0})\n",
    "scope in a dict": "model = dict(type='Linear', _scope_='stranger', args={0})\n",
    "custom imports": _MODEL + "custom_imports = dict(imports=['stranger', {0}])\n",
    "compile": _MODEL + "compile = dict(backend={0})\n",
}
_TYPES = [
    "'subprocess.check_output'", "'os.system'", "'stranger.run'", "'builtins.eval'", "'torch.load'",
    "'torch.nn.Module.__init__'", "'torch.nn.init.os.system'", "'engine_config.Config.fromfile'",
    "'importlib.import_module'", "'torch.hub.load'",
]  # fmt: skip


def configs() -> Iterator[CheckpointCase]:
    """Checkpoints with a config that wants something built, for ``Inferencer(weights=...)``."""
    for role, kind in product(_ROLES, _TYPES):
        text = _META + _ROLES[role].format(kind)
        yield with_config(f"config: {role}, {kind}", text)
    strange = {
        "import": "import stranger\nmodel = dict(type=stranger.run)\n",
        "from": "from stranger import run\nmodel = dict(type=run, args=['touch', 'here'])\n",
        "call": "import os\nx = os.system('touch here')\n",
        "base": "_base_ = '/etc/hostname.py'\n",
        "base beside it": "_base_ = './outside.py'\n",
        "base of a library": "_base_ = 'yaml::x.py'\n",
        "variable": "x = '{{ $HOME }}'\n",
        "loop": "for i in range(10**9):\n    pass\n",
        "bomb": "x = 'a' * 10**10\n",
        "nothing": "",
        "no config": "(",
    }
    for name, text in strange.items():
        yield with_config(f"config: {name}", text)
    for value in (_NONE, as_number(1), _LIST, _reduce("os.system")):
        content = (
            b"\x80\x02" + _DICT + as_text("meta") + _DICT + as_text("cfg") + value + b"s" + b"s."
        )
        yield CheckpointCase("config: no text", "a.pth", {"a.pth": archive(content)}, how="infer")


def with_config(name: str, text: str) -> CheckpointCase:
    """A checkpoint of a small layer whose training's config is a text."""
    meta = _DICT + as_text("cfg") + as_text(text) + b"s"
    weight = _tensor(as_tuple(as_number(1), as_number(1)), as_tuple(as_number(1), as_number(1)))
    bias = _tensor(as_tuple(as_number(1)), as_tuple(as_number(1)))
    weights = _DICT + b"(" + as_text("weight") + weight + as_text("bias") + bias + b"u"
    content = (
        b"\x80\x02"
        + _DICT
        + as_text("meta")
        + meta
        + b"s"
        + as_text("state_dict")
        + weights
        + b"s."
    )
    file = archive(content, {"data/0": bytes(4)})
    return CheckpointCase(name, "a.pth", {"a.pth": file}, how="infer")


# fmt: off
PATHS = ["../outside.pth", "/etc/hostname", "sub/../../outside.pth", "a\0b", "x" * 5000, "", ".",
          "..", "~/x", "//host/x", "http://127.0.0.1:9/x", "file:///etc/hostname", "pipe"]
# fmt: on


def indices() -> Iterator[CheckpointCase]:
    """Indices, manifests and ``last_checkpoint`` that lead out, are none, or cost much."""
    pipe = {"pipe": "fifo"}
    index = "model.safetensors.index.json"
    for path in (*PATHS, 5, None, ["x"], {"a": 1}):
        text = json.dumps({"weight_map": {"w": path}}).encode()
        yield CheckpointCase(
            f"index: {path!r:.40}", index, {index: text}, pipe, how="load", refused=True
        )
    for name, text in {
        "no json": b"{",
        "a list": b"[]",
        "no map": b"{}",
        "a map of lists": b'{"weight_map": [1]}',
        "deep": b"[" * 100_000,
        "long": b'{"weight_map": {' + b",".join(b'"%d": "x"' % i for i in range(300_000)) + b"}}",
        "number": b'{"weight_map": ' + b"9" * 100_000 + b"}",
    }.items():
        yield CheckpointCase(f"index: {name}", index, {index: text}, how="load", refused=True)
        manifest = {"ck/manifest.json": text, "ck/content.pth": archive(checkpoint_of(_NONE))}
        yield CheckpointCase(f"manifest: {name}", "ck", manifest, how="load", refused=True)
        marked = {"ck/.metadata": text, "ck/manifest.json": b'{"files": {}}'}
        yield CheckpointCase(f"layout: {name}", "ck", marked, how="load", refused=True)
    for path in PATHS:
        said = json.dumps({"files": {path: {"size": 1, "sha256": "0" * 64}}}).encode()
        yield CheckpointCase(
            f"manifest: {path[:40]}", "ck", {"ck/manifest.json": said}, how="load", refused=True
        )
        if "://" not in path:  # a work_dir says which store its checkpoints are in
            yield CheckpointCase(
                f"last: {path[:40]}", ".", {"last_checkpoint": path.encode()}, pipe, how="newest"
            )
    for target, how, name in product(
        ("fifo", "/dev/zero", "/proc/self/mem", "loop"),
        ("load",),
        ("ck/manifest.json", "ck/.metadata", index, "model.safetensors", "ck/content.pth"),
    ):
        address = name.split("/")[0]
        beside = {} if name.startswith("model") else {"ck/x": b""}
        yield CheckpointCase(
            f"link: {name} to {target}", address, beside, {name: target}, how=how, refused=True
        )
    for target in ("fifo", "/dev/zero", "/dev/urandom", "/proc/self/mem", "loop"):
        yield CheckpointCase(
            f"last: link to {target}", ".", {"a": b""}, {"last_checkpoint": target}, how="newest"
        )
        yield CheckpointCase(
            f"newest: link to {target}", ".", {"last_checkpoint": b"epoch_1.pth"},
            {"epoch_1.pth": target}, how="newest",
        )  # fmt: skip
    for name, way in WAYS.items():
        data = b"\x80\x02" + way("os.system") + b"."
        yield CheckpointCase(
            f"layout: {name}", "ck", {"ck/.metadata": data}, how="load", refused=True
        )
    memo = {"ck/.metadata": b"\x80\x02Nr" + struct.pack("<I", 2**31 - 1) + b"."}
    yield CheckpointCase("layout: far memo", "ck", memo, how="load", refused=True)
    for name, head in {
        "long header": struct.pack("<Q", 2**60) + b"{}",
        "header of nothing": struct.pack("<Q", 0),
        "deep header": struct.pack("<Q", 90_000) + b"[" * 90_000,
        "far tensor": _safetensors({"w": _entry(0, 2**50)}),
        "huge tensor": _safetensors({"w": {**_entry(0, 4), "shape": [2**40, 2**40]}}),
        "overlap": _safetensors({"w": _entry(0, 4), "v": _entry(2, 6)}),
        "negative": _safetensors({"w": _entry(-4, 0)}),
        "strange kind": _safetensors({"w": {**_entry(0, 4), "dtype": "X1"}}),
        "strange meta": _safetensors({"__metadata__": {"meta": "[" * 50_000}}),
        "many": _safetensors({f"w{i}": {**_entry(0, 0), "shape": [0]} for i in range(50_000)}),
    }.items():
        file = {"model.safetensors": head}
        yield CheckpointCase(f"safetensors: {name}", "model.safetensors", file, how="load")


def _entry(begin: int, end: int) -> dict[str, object]:
    return {"dtype": "F32", "shape": [1], "data_offsets": [begin, end]}


def _safetensors(header: dict[str, object]) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(4)
