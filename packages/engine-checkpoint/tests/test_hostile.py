"""Files that want to run something: none of them does, and each is told by what it wanted."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from engine_checkpoint import CheckpointError, UnsafeCheckpointError, read_file

# What a pickle may want to call, each with a text that does something when it is called with it.
WANTED = {
    "os.system": "touch {}",
    "posix.system": "touch {}",
    "nt.system": "echo x > {}",
    "os.popen": "touch {}",
    "os.mkdir": "{}",
    "os.unlink": "{}",
    "subprocess.call": "touch {}",
    "subprocess.Popen": "touch {}",
    "subprocess.getoutput": "touch {}",
    "builtins.eval": "open({!r}, 'w')",
    "builtins.exec": "open({!r}, 'w')",
    "__builtin__.eval": "open({!r}, 'w')",
    "builtins.open": "{}",
    "builtins.__import__": "antigravity",
    "builtins.compile": "1",
    "builtins.print": "{}",
    "importlib.import_module": "antigravity",
    "runpy.run_path": "{}",
    "runpy.run_module": "antigravity",
    "shutil.rmtree": "{}",
    "pathlib.Path": "{}",
    "pathlib.Path.touch": "{}",
    "pty.spawn": "touch {}",
    "webbrowser.open": "file://{}",
    "pickle.loads": "cos\nsystem\n(S'touch {}'\ntR.",
    "_pickle.loads": "cos\nsystem\n(S'touch {}'\ntR.",
    "marshal.loads": "{}",
    "torch.load": "{}",
    "torch.jit.load": "{}",
    "torch.hub.load": "{}",
    "torch.utils.cpp_extension.load_inline": "{}",
    "numpy.load": "{}",
    "numpy.f2py.compile": "{}",
    "numpy.testing._private.utils.runstring": "open({!r}, 'w')",
    "operator.methodcaller": "{}",
    "operator.attrgetter": "{}",
    "functools.partial": "{}",
    "types.FunctionType": "{}",
    "ctypes.CDLL": "{}",
    "timeit.timeit": "open({!r}, 'w')",
    "cProfile.run": "open({!r}, 'w')",
    "pdb.run": "open({!r}, 'w')",
    "code.InteractiveInterpreter": "{}",
    "logging.FileHandler": "{}",
    "multiprocessing.util.log_to_stderr": "{}",
    "engine_checkpoint.publish_model": "{}",
}


def text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def split(name: str) -> tuple[str, str]:
    module, _, attribute = name.rpartition(".")
    return ("pathlib", "Path.touch") if name == "pathlib.Path.touch" else (module, attribute)


def by_global(name: str, argument: str) -> bytes:
    module, attribute = split(name)
    return f"c{module}\n{attribute}\n".encode() + b"(" + text(argument) + b"tR"


def by_stack_global(name: str, argument: str) -> bytes:
    module, attribute = split(name)
    return text(module) + text(attribute) + b"\x93" + text(argument) + b"\x85R"


def by_inst(name: str, argument: str) -> bytes:
    module, attribute = split(name)
    return b"(" + text(argument) + f"i{module}\n{attribute}\n".encode()


def by_newobj(name: str, argument: str) -> bytes:
    module, attribute = split(name)
    return f"c{module}\n{attribute}\n".encode() + text(argument) + b"\x85\x81"


def by_obj_in_a_dict(name: str, argument: str) -> bytes:
    module, attribute = split(name)
    return b"}" + text("k") + f"(c{module}\n{attribute}\n".encode() + text(argument) + b"os"


WAYS = [by_global, by_stack_global, by_inst, by_newobj, by_obj_in_a_dict]


def archive(body: bytes) -> bytes:
    """A zip file as torch writes it, with another pickle in it."""
    template, found = io.BytesIO(), io.BytesIO()
    torch.save({"w": torch.ones(1)}, template)
    with zipfile.ZipFile(template) as old, zipfile.ZipFile(found, "w") as new:
        for name in old.namelist():
            new.writestr(name, body if name.endswith("data.pkl") else old.read(name))
    return found.getvalue()


def legacy(body: bytes) -> bytes:
    """A file of torch's format before archives."""
    head = [torch.serialization.MAGIC_NUMBER, torch.serialization.PROTOCOL_VERSION]
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
    return b"".join(pickle.dumps(each, protocol=2) for each in [*head, system]) + body


FORMATS: list[Callable[[bytes], bytes]] = [archive, legacy]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wrap", FORMATS)
def test_whatever_a_pickle_wants_to_call_is_named_and_not_called(
    tmp_path: Path, way: Callable[[str, str], bytes], wrap: Callable[[bytes], bytes]
) -> None:
    canary, file = tmp_path / "canary", tmp_path / "bad.pth"
    for name, argument in WANTED.items():
        file.write_bytes(wrap(b"\x80\x02" + way(name, argument.format(canary)) + b"."))
        short = name.removeprefix("builtins.").removeprefix("__builtin__.")
        with pytest.raises(UnsafeCheckpointError, match=rf"bad\.pth .*names (\w+\.)?{short}\b"):
            read_file(file)
        assert not canary.exists(), name


def test_they_would_have_been_called(tmp_path: Path) -> None:
    for index, way in enumerate(WAYS):
        body = b"\x80\x02" + way("os.mkdir", str(tmp_path / f"{index}")) + b"."
        if way is not by_newobj:
            pickle.loads(body)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "2", "4"]


@pytest.mark.parametrize("wrap", FORMATS)
def test_a_cut_or_changed_one_is_refused_or_harmless(
    tmp_path: Path, wrap: Callable[[bytes], bytes]
) -> None:
    canary, file = tmp_path / "canary", tmp_path / "bad.pth"
    body = b"\x80\x02" + by_global("os.system", f"touch {canary}") + b"."
    whole = wrap(body)
    start = whole.index(body)
    for place in range(len(body)):
        file.write_bytes(whole[: start + place])
        with pytest.raises(CheckpointError, match=r"bad\.pth"):
            read_file(file)
        for bit in (0, 3, 6):
            changed = bytearray(body)
            changed[place] ^= 1 << bit
            file.write_bytes(wrap(bytes(changed)))
            try:
                read_file(file)
            except CheckpointError as error:
                assert "bad.pth" in str(error)
        assert not canary.exists()


def call(name: str, *arguments: bytes) -> bytes:
    module, attribute = split(name)
    return f"c{module}\n{attribute}\n".encode() + b"(" + b"".join(arguments) + b"tR"


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def kind(code: str, state: bytes = b"") -> bytes:
    return call("numpy.dtype", text(code)) + state


def fields(code: str, offset: int, flags: int) -> bytes:
    """What makes numpy's type of eight bytes one with a field."""
    one = text("a") + b"(" + kind(code) + number(offset) + b"t"
    names = b"(" + text("a") + b"t"
    head = b"(" + number(3) + text("|") + b"N" + names + b"}" + one + b"s"
    return head + number(8) + number(1) + number(flags) + b"tb"


def array(of: bytes, length: int, data: bytes) -> bytes:
    made = call(
        "numpy.core.multiarray._reconstruct", b"cnumpy\nndarray\n", number(0) + b"\x85", text("b")
    )
    return made + b"(" + number(1) + number(length) + b"\x85" + of + b"\x89" + data + b"tb"


SIZE = b"(" + number(3) + text("|") + b"NNN" + number(2**31 - 1) + number(1) + number(0) + b"tb"


@pytest.mark.parametrize(
    "body",
    [
        array(kind("V8", fields("O8", 0, 0)), 5, text("A" * 40)),  # pointers of the file's choice
        array(kind("V8", fields("O8", 0, 0)), 5, b"]"),
        array(kind("V8", fields("f8", 2**30, 0)), 1, text("A" * 8)),  # beyond the end
        array(kind("O8"), 5, text("A" * 40)),
        array(kind("f8"), 2**30, text("A" * 8)),
        array(kind("f8"), -1, text("A" * 8)),
        array(text("f8"), 1, text("A" * 8)),
        kind("V8", fields("O8", 0, 0)),
        kind("f8,O8"),
        kind("os.system"),
        call("numpy.dtype", b"}" + text("names") + b"]s"),
        call("numpy.core.multiarray.scalar", kind("O8"), text("AAAAAAAA")),
        call("numpy.core.multiarray.scalar", kind("f8"), text("A")),
        call("numpy._core.multiarray.scalar", text("f8"), text("AAAAAAAA")),
    ],
)
def test_forged_types_of_numpy_are_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "bad.pth").write_bytes(archive(b"\x80\x02" + body + b"."))
    with pytest.raises(CheckpointError, match=r"bad\.pth is no checkpoint, or damaged"):
        read_file(tmp_path / "bad.pth")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (call("numpy.core.multiarray._reconstruct", b"cnumpy\nndarray\n"), "array([], dtype=int8)"),
        (call("builtins.getattr", b"cnumpy\nndarray\n", text("__class__")), "'__class__'"),
        (kind("V8", SIZE), "dtype('V8')"),
    ],
)
def test_what_is_read_is_made_by_us(tmp_path: Path, body: bytes, expected: str) -> None:
    (tmp_path / "odd.pth").write_bytes(archive(b"\x80\x02" + body + b"."))
    assert repr(read_file(tmp_path / "odd.pth")) == expected


def test_arrays_inside_anything_are_numpys_own(tmp_path: Path) -> None:
    objects = np.array([None, np.ones(2)], dtype=object)
    inside = {"list": [np.ones(2)], "tuple": ({"a": np.zeros(1)},), "objects": objects}
    torch.save({**inside, "type": np.dtype(">i2")}, tmp_path / "a.pth")
    found = read_file(tmp_path / "a.pth")
    arrays = [found["list"][0], found["tuple"][0]["a"], found["objects"], found["objects"][1]]
    assert {type(each) for each in arrays} == {np.ndarray}
    assert found["type"] == np.dtype(">i2")
