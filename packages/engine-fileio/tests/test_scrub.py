"""No secret of an address is in an error, its causes, or a line that is logged.

A canary stands where a secret would; every public operation meets every kind of failure.
"""

from __future__ import annotations

import logging
import socket
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fileio_servers import FileServer, certificate, connect, free_port
from hypothesis import given
from hypothesis import strategies as st

import engine_fileio as fileio
from engine_fileio import BaseStorageBackend, FileClient, FsspecBackend, HTTPBackend, io, retry
from engine_fileio.address import hide_secrets, shown
from engine_fileio.errors import UnreachableError
from engine_fileio.scrub import scrubbing

CANARY = "c4n4ry"
# where in an address a secret may stand; {} is host and path
SPOTS = {
    "login": "http://user:c4n4ry@{}",
    "login with odd marks": "http://user:a#b?c4n4ry@{}",
    "user alone": "http://c4n4ry@{}",
    "signature": "http://{}?X-Amz-Algorithm=a&X-Amz-Signature=c4n4ry",
    "sig": "http://{}?sv=1&sig=c4n4ry%3D",
    "token": "http://{}?token=c4n4ry",
    "odd name": "http://{}?odd=c4n4ry",
    "no name": "http://{}?c4n4ry",
    "semicolon": "http://{}?a=1;sig=c4n4ry",
    "fragment": "http://{}#access_token=c4n4ry",
    "after both": "http://{}?a#b?token=c4n4ry",
    "encoded name": "http://{}?%73ig%6eature=c4n4ry",
    "encoded mark": "http://{}?a%26token%3Dc4n4ry",
    "padding": "http://{}?c4n4ry==",
}
# what the server does about a path
FAULTS = ["404", "403", "401", "418", "500", "503", "drop:3", "loop", "away", "lie", "large"]


@pytest.fixture
def web(files: FileServer, monkeypatch: pytest.MonkeyPatch) -> FileServer:
    """A server that fails in every way, by the path."""
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.0)
    for fault in FAULTS:
        files.files[fault] = bytes(2000)
        files.faults[fault] = [fault] * 10_000 if fault[0].isdigit() else []
    files.faults["drop:3"] = ["drop:3", "503"] * 5_000
    files.redirects["loop"] = f"{files.url}/loop?token={CANARY}"
    files.redirects["away"] = f"http://user:{CANARY}@127.0.0.1:{free_port()}/x?token={CANARY}"
    files.redirects["lie"] = f"{files.url}/404?sig={CANARY}"
    return files


def operations(address: str, folder: Path, args: dict[str, Any]) -> Iterator[Callable[[], Any]]:
    """Every public operation, on an address."""
    put, local = "memory://x", folder / "local"
    arguments: dict[str, tuple[Any, ...]] = {
        "copy_if_symlink_fails": (address, address + "2"),
        "copyfile": (address, address + "2"),
        "copyfile_from_local": (folder / "file", address),
        "copyfile_to_local": (address, local),
        "copytree": (address, address + "2"),
        "copytree_from_local": (folder, address),
        "copytree_to_local": (address, local),
        "dump": ({}, address, "json"),
        "exists_many": ([address],),
        "get_many": ([address],),
        "load": (address, "json"),
        "put": (b"", address),
        "put_many": ([(address, b"")],),
        "put_text": ("", address),
        "register_handler": (),
    }
    for name in io.__all__:
        if name not in ("register_handler", "get_file_backend"):
            yield lambda name=name: used(
                getattr(fileio, name)(*arguments.get(name, (address,)), backend_args=args)
            )
    yield lambda: fileio.copyfile(address, put)
    yield lambda: fileio.copyfile(address, address, backend_args=args)
    yield lambda: fileio.copyfile_from_local(address, put)
    yield lambda: fileio.copyfile_to_local(put, address)
    yield lambda: fileio.load(address, backend_args=args)
    yield lambda: fileio.load(address, "pkl", backend_args=args)
    yield lambda: fileio.dump({}, address, backend_args=args)
    yield lambda: fileio.list_from_file(address, backend_args=args)
    yield lambda: fileio.dict_from_file(address, backend_args=args)
    yield lambda: fileio.put(b"", address, if_match="x", backend_args=args)
    yield lambda: fileio.put(b"", address, if_none_match=True, backend_args=args)
    yield lambda: fileio.get(address, backend_args={**args, "cache_dir": folder / "cache"})
    yield lambda: fileio.get(Path(address))
    yield lambda: FileClient.infer_client(uri=address).get(address)
    yield lambda: FileClient.infer_client(uri=address).list_dir_or_file(address).__next__()


def used(answer: Any) -> None:
    """Run what has only been begun."""
    if hasattr(answer, "__enter__"):
        with answer:
            pass
    elif hasattr(answer, "__next__"):
        list(answer)


def told(act: Callable[[], object], log: pytest.LogCaptureFixture) -> str:
    """All that a person could read of an operation."""
    log.clear()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            act()
            text = ""
        except Exception as error:
            text = "\n".join([str(error), repr(error), *traceback.format_exception(error)])
            if isinstance(error, OSError):
                text += f"{error.filename!r} {error.filename2!r} {error.strerror!r}"
    return "\n".join([text, log.text, *(str(one.message) for one in warned)])


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "file").write_bytes(b"x")
    return tmp_path


def closed(args: dict[str, Any], folder: Path) -> None:
    for more in ({}, {"cache_dir": folder / "cache"}):
        fileio.get_file_backend(backend_args={**args, **more}, enable_singleton=True).close()  # type: ignore[attr-defined]


def test_no_operation_on_the_web_tells_a_secret(
    web: FileServer, folder: Path, log: pytest.LogCaptureFixture
) -> None:
    args = {"backend": "http", "retries": 0, "max_bytes": 1000, "connect_timeout": 2.0}
    for fault in FAULTS:
        address = SPOTS["signature"].format(f"{web.url[7:]}/{fault}")
        for operation in operations(address, folder, args):
            assert CANARY not in told(operation, log), fault
    closed(args, folder)
    with pytest.warns(DeprecationWarning):
        FileClient.infer_client(uri="http://h").client.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("spot", SPOTS)
def test_no_failure_on_the_web_tells_a_secret(
    web: FileServer, folder: Path, log: pytest.LogCaptureFixture, spot: str
) -> None:
    args = {"backend": "http", "retries": 0, "max_bytes": 1000, "connect_timeout": 2.0}
    places = [f"{web.url[7:]}/{fault}" for fault in FAULTS]
    places += ["127.0.0.1:1/x", "[::1/x", "127.0.0.1:port/x", "a..b/x", "/x"]
    for place in places:
        address = SPOTS[spot].format(place)
        assert CANARY not in told(lambda address=address: fileio.get(address, args), log), address
        assert CANARY not in told(lambda address=address: fileio.info(address, args), log), address
        assert CANARY not in hide_secrets(f"reading {address!r} went wrong")
        assert CANARY not in shown(address)
    closed(args, folder)


@pytest.mark.parametrize("spot", SPOTS)
def test_no_operation_of_fsspec_tells_a_secret(
    web: FileServer, folder: Path, log: pytest.LogCaptureFixture, spot: str
) -> None:
    log.set_level(logging.INFO)  # fsspec logs addresses, on the level of DEBUG
    store = FsspecBackend()
    for fault in ("404", "403", "503", "loop"):
        address = SPOTS[spot].format(f"{web.url[7:]}/{fault}")
        for act in (store.get, store.info, store.isfile, store.remove, store.get_text):
            assert CANARY not in told(lambda act=act, address=address: act(address), log), act


@pytest.mark.parametrize(
    "address",
    [
        "s3://user:c4n4ry@bucket/x?sig=c4n4ry",
        "memory://x?token=c4n4ry",
        "unknown://user:c4n4ry@host/x?sig=c4n4ry",
        "petrel://bucket/x?sig=c4n4ry",
        "gs://bucket/x?sig=c4n4ry;token=c4n4ry",
        "file://FOLDER/x?token=c4n4ry",
    ],
)
def test_no_operation_of_another_store_tells_a_secret(
    folder: Path, log: pytest.LogCaptureFixture, address: str
) -> None:
    args: dict[str, Any]
    log.set_level(logging.INFO)  # boto3 logs requests whole, on the level of DEBUG
    address, args = address.replace("FOLDER", folder.as_posix()), {}
    if address.startswith("s3://"):
        endpoint = f"http://user:{CANARY}@127.0.0.1:{free_port()}"
        args = {"backend": "s3", "endpoint_url": endpoint, "retries": 0}
        args |= {"access_key": "key", "secret_key": CANARY, "session_token": CANARY}
    if address.startswith("gs://"):
        args = {"backend": "lmdb", "db_path": folder / "base"}
    for operation in operations(address, folder, args):
        assert CANARY not in told(operation, log)


def test_a_secret_key_with_a_line_end_is_told_without_it() -> None:
    with pytest.raises(ValueError, match="session_token has white space") as caught:
        connect("http://127.0.0.1:1", session_token=f"{CANARY}\n")
    assert CANARY not in str(caught.value)


def test_a_certificate_that_is_not_trusted_tells_no_secret(
    tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    certificate(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = HTTPBackend(retries=0, read_timeout=0.2, connect_timeout=0.2)
        address = f"https://user:{CANARY}@127.0.0.1:{silent.getsockname()[1]}/x?sig={CANARY}"
        text = told(lambda: store.get(address), log)
    assert "UnreachableError" in text or "RemoteError" in text
    assert CANARY not in text
    store.close()


def test_the_causes_stay_without_their_secrets(web: FileServer) -> None:
    store = HTTPBackend(retries=0)
    with pytest.raises(UnreachableError) as caught:
        store.get(f"http://127.0.0.1:{free_port()}/x?X-Amz-Signature={CANARY}")
    text = "".join(traceback.format_exception(caught.value))
    assert "MaxRetryError" in text
    assert "X-Amz-Signature=..." in text
    store.close()


class Stubborn(Exception):
    """An error whose text can't be changed."""

    def __str__(self) -> str:
        return f"http://h/?sig={CANARY}"


@pytest.mark.parametrize(
    "raised",
    [
        OSError("no http://u:c4n4ry@h/x, alas"),
        OSError(5, "no http://u:c4n4ry@h/x, alas"),
        OSError(5, "no such thing, alas", "http://u:c4n4ry@h/x"),
        OSError(5, "alas", "/plain", None, "http://u:c4n4ry@h/x"),
        UnreachableError("no http://h/x?sig=c4n4ry, alas"),
        FileNotFoundError(2, "alas", Path("http://h/x?token=c4n4ry")),
        KeyError("http://h/x?sig=c4n4ry, alas"),
        UnicodeDecodeError("utf-8", b"alas", 0, 1, "http://u:c4n4ry@h/x"),
    ],
    ids=repr,
)
def test_an_error_says_the_same_without_its_secrets(raised: Exception) -> None:
    class Own(BaseStorageBackend):
        def get(self, filepath: Any) -> bytes:
            raise raised

    with pytest.raises(type(raised)) as caught:
        Own().get("x")
    text = "".join(traceback.format_exception(caught.value))
    assert CANARY not in text + repr(caught.value)
    assert "None" not in str(caught.value)
    assert "h/x" in text
    if not isinstance(raised, UnicodeDecodeError):
        assert "alas" in text


def test_an_error_that_cannot_be_changed_is_told_in_another() -> None:
    class Own(BaseStorageBackend):
        def get(self, filepath: Any) -> bytes:
            raise Stubborn

        def isfile(self, filepath: Any) -> bool:
            raise KeyError("x") from Stubborn()

    for act in (Own().get, Own().isfile):
        with pytest.raises((OSError, KeyError)) as caught:
            act("x")
        assert CANARY not in "".join(traceback.format_exception(caught.value))


class Gone(UnreachableError):
    """Another one, of a family, that wants what nobody else has."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(one, two)

    def __str__(self) -> str:
        return f"http://h/?sig={CANARY}"


@pytest.mark.parametrize(
    ("raised", "family"),
    [(Gone(1, 2), UnreachableError), (Stubborn(), OSError)],
    ids=["of a family", "of none"],
)
def test_what_stands_for_an_error_is_of_its_family(
    raised: Exception, family: type[Exception]
) -> None:
    class Own(BaseStorageBackend):
        def get(self, filepath: Any) -> bytes:
            raise raised

    with pytest.raises(family, match="http://h/") as caught:
        Own().get("x")
    assert CANARY not in str(caught.value) + repr(caught.value)


@given(st.text("'\"\\ ab?=&;#/@:", max_size=30))
def test_what_was_hidden_stays_as_it_is_in_a_repr(end: str) -> None:
    text = hide_secrets(f"could not read 'http://u:p@h/f?sig=x': (\"n'o\"){end}")
    assert hide_secrets(repr(OSError(text))) == repr(OSError(text))


def test_a_dead_proxy_is_told_as_a_server_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    for login in ("", f"u:{CANARY}@"):
        monkeypatch.setenv("http_proxy", f"http://{login}127.0.0.1:1")
        monkeypatch.setenv("no_proxy", "")
        store = HTTPBackend(retries=0)
        with pytest.raises(UnreachableError, match="proxy") as caught:
            store.get(f"http://h.example/f?sig={CANARY}")
        assert CANARY not in "".join(traceback.format_exception(caught.value))
        assert caught.value.__cause__ is not None
        store.close()


def test_a_text_that_cannot_be_decoded_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff http://u:p@h/?sig=in_the_text")
    with pytest.raises(UnicodeDecodeError):
        fileio.get_text(tmp_path / "x")


def test_what_the_block_of_a_local_path_raises_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with (
        pytest.raises(ValueError, match=r"sig=mine"),
        fileio.get_local_path(tmp_path / "x"),
    ):
        raise ValueError("http://h/?sig=mine")


def test_local_paths_are_told_as_they_are(tmp_path: Path) -> None:
    for name in ("token=3/x", "a@b:c/x", "session=1;2"):
        with pytest.raises(FileNotFoundError) as caught:
            fileio.get(tmp_path / name)
        assert str(caught.value.filename) == str(tmp_path / name)


def test_an_operation_keeps_its_name_and_arguments() -> None:
    assert fileio.LocalBackend.get.__name__ == "get"
    assert scrubbing(fileio.LocalBackend.get).__doc__ == fileio.LocalBackend.get.__doc__


@given(st.text(max_size=60) | st.from_regex(r"[a-z]{1,5}://[^\n]{0,30}", fullmatch=True))
def test_hiding_twice_hides_no_more(text: str) -> None:
    assert hide_secrets(hide_secrets(text)) == hide_secrets(text)


@pytest.mark.parametrize(
    "text",
    [
        f"Max retries exceeded with url: /f?sig=ab'{CANARY}&x=1 (Caused by X)",
        f'"GET /f?sig=ab\'{CANARY}&x=1 HTTP/1.1" 403',
        f"http:user:{CANARY}@host/f",
        f"no such file: 's3:user:{CANARY}@bucket/key'",
        f"https:me:a/{CANARY}@host",
    ],
)
def test_no_secret_is_shown_of_what_is_hardly_an_address(text: str) -> None:
    assert CANARY not in hide_secrets(text)
    assert hide_secrets(hide_secrets(text)) == hide_secrets(text)


@pytest.mark.parametrize("status", ["403", "418", "503"])
def test_a_servers_own_words_for_a_status_are_not_repeated(web: FileServer, status: str) -> None:
    web.phrase = f"no token={CANARY}"
    with pytest.raises(OSError, match=f"answered {status}") as caught:
        HTTPBackend().get(f"{web.url}/{status}")
    assert CANARY not in "".join(traceback.format_exception(caught.value))
