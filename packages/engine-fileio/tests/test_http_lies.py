"""A server that lies in every way its headers can: the bytes are right, or an error is raised."""

from __future__ import annotations

import gzip
import itertools
import re
import socketserver
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine_fileio import HTTPBackend, retry
from engine_fileio.errors import RemoteError, UnreachableError

OLD, NEW = bytes(range(256)) * 40, bytes(range(255, -1, -1)) * 50  # the file, before and after
CUT = 3000  # where the first answer breaks off
TAGS = {OLD: '"old"', NEW: '"new"'}
DATES = {OLD: "Sat, 01 Jan 2022 00:00:00 GMT", NEW: "Sun, 02 Jan 2022 00:00:00 GMT"}


def answer(status: int, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{key}: {value}" for key, value in headers.items())]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def whole(data: bytes, *, tag: bool = True, date: bool = True) -> bytes:
    return answer(200, {"Content-Length": str(len(data)), **version(data, tag, date)}, data)


def version(data: bytes, tag: bool, date: bool) -> dict[str, str]:
    own = {"ETag": TAGS[data]} if tag else {}
    return {**own, "Last-Modified": DATES[data]} if date else own


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


@dataclass
class Liar:
    """A server whose n-th answer is the n-th of ``answers``, and the last one ever after."""

    answers: list[bytes] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    url: str = ""

    def next(self, request: str) -> bytes:
        self.requests.append(request)
        return self.answers[min(len(self.requests), len(self.answers)) - 1]


@pytest.fixture(scope="module")
def server() -> Iterator[Liar]:
    liar = Liar()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            lines = list(iter(lambda: self.rfile.readline().decode().strip(), ""))
            if lines:
                self.wfile.write(liar.next("\n".join(lines)))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as tcp:
        tcp.daemon_threads = True
        liar.url = f"http://127.0.0.1:{tcp.server_address[1]}/x"
        threading.Thread(target=tcp.serve_forever, args=(0.01,), daemon=True).start()
        yield liar
        tcp.shutdown()


@pytest.fixture
def liar(server: Liar, monkeypatch: pytest.MonkeyPatch) -> Liar:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.0)
    server.answers, server.requests = [], []
    return server


@pytest.fixture
def store() -> Iterator[HTTPBackend]:
    store = HTTPBackend(read_timeout=5, retries=3)
    yield store
    store.close()


def outcome(read: Callable[[], bytes]) -> bytes | OSError:
    try:
        return read()
    except OSError as error:
        return error


# The second answer, to a request for what follows CUT: how it is put together.
RANGES = {
    "fits": lambda data: f"bytes {CUT}-{len(data) - 1}/{len(data)}",
    "begins before": lambda data: f"bytes {CUT - 10}-{len(data) - 1}/{len(data)}",
    "begins after": lambda data: f"bytes {CUT + 10}-{len(data) - 1}/{len(data)}",
    "ends beyond": lambda data: f"bytes {CUT}-{len(data)}/{len(data)}",
    "another total": lambda data: f"bytes {CUT}-{len(data) - 1}/{len(data) + 7}",
    "unknown total": lambda data: f"bytes {CUT}-{len(data) - 1}/*",
    "none": lambda data: None,
    "nonsense": lambda data: "bytes from the middle on",
    "another unit": lambda data: f"lines {CUT}-{len(data) - 1}/{len(data)}",
}
VERSIONS = {
    "both": (True, True),
    "tag": (True, False),
    "date": (False, True),
    "none": (False, False),
}


def part(data: bytes, span: str, given: str, length: str) -> bytes:
    """A 206 with what follows CUT; ``span`` may name other bytes, and those are sent then."""
    told = RANGES[span](data)
    start = {"begins before": CUT - 10, "begins after": CUT + 10}.get(span, CUT)
    body = data[start:]
    told_length = {"right": len(body), "short": len(body) + 5, "long": len(body) - 5}.get(length)
    headers = version(data, *VERSIONS[given])
    headers |= {"Content-Range": told} if told else {}
    headers |= {} if told_length is None else {"Content-Length": str(told_length)}
    return answer(206, headers, body)


@pytest.mark.parametrize("span", RANGES)
@pytest.mark.parametrize("data", [OLD, NEW], ids=["same file", "grown file"])
def test_a_rest_is_taken_only_if_it_is_the_rest(
    liar: Liar, store: HTTPBackend, span: str, data: bytes
) -> None:
    for first, second, length in itertools.product(VERSIONS, VERSIONS, ("right", "short", "long")):
        tag, date = VERSIONS[first]
        cut = whole(OLD, tag=tag, date=date)[: CUT - len(OLD)]
        liar.answers, liar.requests = [cut, part(data, span, second, length), whole(data)], []
        got = outcome(lambda: store.get(liar.url))
        assert got in (OLD, NEW), (first, second, length, got)


def test_a_rest_that_fits_is_not_asked_for_twice(liar: Liar, store: HTTPBackend) -> None:
    liar.answers = [whole(OLD)[: CUT - len(OLD)], part(OLD, "fits", "both", "right")]
    assert store.get(liar.url) == OLD
    assert f"Range: bytes={CUT}-" in liar.requests[1]
    assert len(liar.requests) == 2


@pytest.mark.parametrize(("first", "second"), [("both", "tag"), ("both", "date"), ("tag", "both")])
def test_a_part_need_not_repeat_what_its_version_implies(
    liar: Liar, store: HTTPBackend, first: str, second: str
) -> None:
    tag, date = VERSIONS[first]
    liar.answers = [
        whole(OLD, tag=tag, date=date)[: CUT - len(OLD)],
        part(OLD, "fits", second, "right"),
    ]
    assert store.get(liar.url) == OLD
    assert len(liar.requests) == 2


def test_parts_smaller_than_asked_for_are_gone_on_from(liar: Liar, store: HTTPBackend) -> None:
    bounds = [CUT, CUT + 1000, CUT + 3000, len(OLD)]
    parts = [
        answer(
            206,
            {**version(OLD, True, True), "Content-Range": f"bytes {a}-{b - 1}/{len(OLD)}"},
            OLD[a:b],
        )
        for a, b in itertools.pairwise(bounds)
    ]
    liar.answers = [whole(OLD)[: CUT - len(OLD)], *parts]
    assert store.get(liar.url) == OLD


ALONE = {
    "a part nobody asked for": answer(
        206, {"Content-Range": f"bytes 0-99/{len(OLD)}", "Content-Length": "100"}, OLD[:100]
    ),
    "a part that is all": answer(206, {"Content-Range": f"bytes 0-{len(OLD) - 1}/{len(OLD)}"}, OLD),
    "416 to no range": answer(416, {"Content-Range": f"bytes */{len(OLD)}"}, b""),
    "no content": answer(204, {}, b""),
    "length abc": answer(200, {"Content-Length": "abc"}, OLD),
    "length -1": answer(200, {"Content-Length": "-1"}, OLD),
    "length of two minds": answer(200, {"Content-Length": f"{len(OLD)}, 7"}, OLD),
    "length too large": answer(200, {"Content-Length": str(len(OLD) + 1)}, OLD),
    "length empty": answer(200, {"Content-Length": ""}, OLD),
    "gzip cut": answer(200, {"Content-Encoding": "gzip"}, gzip.compress(OLD)[:-9]),
    "gzip cut, chunked": answer(
        200,
        {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"},
        chunked(gzip.compress(OLD)[:-9], b""),
    ),
    "gzip that is none": answer(200, {"Content-Encoding": "gzip"}, OLD),
    "gzip with a wrong sum": answer(
        200, {"Content-Encoding": "gzip"}, gzip.compress(OLD)[:-8] + b"12345678"
    ),
    "an encoding nobody knows": answer(200, {"Content-Encoding": "zip"}, OLD),
    "two encodings": answer(200, {"Content-Encoding": "gzip, gzip"}, OLD),
    "chunks that break off": answer(200, {"Transfer-Encoding": "chunked"}, chunked(OLD[:CUT])),
    "chunks of no number": answer(200, {"Transfer-Encoding": "chunked"}, b"zz\r\n" + OLD),
    "chunks and another length": answer(
        200, {"Transfer-Encoding": "chunked", "Content-Length": "7"}, chunked(OLD, b"")
    ),
    "chunks of 0x5 bytes": answer(
        200, {"Transfer-Encoding": "chunked"}, b"0x5\r\nhello\r\n0\r\n\r\n"
    ),
    "chunks of 1_0 bytes": answer(
        200, {"Transfer-Encoding": "chunked"}, b"1_0\r\n" + bytes(16) + b"\r\n0\r\n\r\n"
    ),
    "chunks of -5 bytes": answer(
        200, {"Transfer-Encoding": "chunked"}, b"-5\r\nhello\r\n0\r\n\r\n"
    ),
    "chunks of +5 bytes": answer(
        200, {"Transfer-Encoding": "chunked"}, b"+5\r\nhello\r\n0\r\n\r\n"
    ),
    "chunks that end elsewhere": answer(
        200, {"Transfer-Encoding": "chunked"}, b"5\r\nhelloXX5\r\nworld\r\n0\r\n\r\n"
    ),
    "chunks in folded words": answer(
        200, {"Transfer-Encoding": "chunked\r\n "}, chunked(OLD[:CUT], b"")
    ),
    "gzip on the way": answer(200, {"Transfer-Encoding": "gzip"}, gzip.compress(OLD)),
    "gzip on the way, chunked": answer(
        200, {"Transfer-Encoding": "gzip, chunked"}, chunked(gzip.compress(OLD), b"")
    ),
    "an unknown way": answer(200, {"Transfer-Encoding": "chunked, other"}, OLD),
    "interim answers alone": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50,
    "an interim answer and no other": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
    "switching protocols": b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + whole(OLD),
    "no status": b"hello\r\n\r\n" + OLD,
    "nothing at all": b"",
    "headers cut": b"HTTP/1.1 200 OK\r\nContent-Le",
    "headers cut between lines": b"HTTP/1.1 200 OK\r\nServer: x\r\n",
    "no body and no length": answer(200, {}, b""),
    **{
        f"a length behind {name!r}": b"HTTP/1.1 200 OK\r\n%sContent-Length: 300000\r\n\r\n" % name
        + OLD
        for name in (
            b"Server x\r\n",
            b"A: b\r\ngarbage\r\n",
            b" folded\r\n",
            b"A b: c\r\n",
            b": x\r\n",
            b"\x00: x\r\n",
            b"A: b\rC: d\r\n",
        )
    },
    "a length with a blank": b"HTTP/1.1 200 OK\r\nContent-Length : 300000\r\n\r\n" + OLD,
    "a length with a return": b"HTTP/1.1 200 OK\r\nA: b\rContent-Length: 5\r\n\r\n" + OLD,
    "a header too long": answer(200, {"A": "b" * 70000}, OLD),
}


@pytest.mark.parametrize("name", ALONE)
def test_an_answer_that_cannot_be_is_an_error_and_leaves_nothing(
    liar: Liar, store: HTTPBackend, tmp_path: Path, name: str
) -> None:
    liar.answers = [ALONE[name]]
    with pytest.raises((RemoteError, UnreachableError), match=r"127\.0\.0\.1"):
        store.get(liar.url)
    with pytest.raises((RemoteError, UnreachableError)):
        store.copyfile_to_local(liar.url, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ALONE)
def test_after_an_answer_that_cannot_be_the_bytes_are_right_or_it_is_an_error(
    liar: Liar, store: HTTPBackend, name: str
) -> None:
    liar.answers = [ALONE[name], whole(NEW)]
    got = outcome(lambda: store.get(liar.url))
    assert got == NEW or isinstance(got, OSError)
    liar.answers, liar.requests = [whole(OLD)[: CUT - len(OLD)], ALONE[name], whole(NEW)], []
    got = outcome(lambda: store.get(liar.url))
    assert got == NEW or isinstance(got, OSError)


@pytest.mark.parametrize(
    "told",
    [
        answer(200, {"Transfer-Encoding": "chunked"}, chunked(b"hello", b"world" * 4, b"")),
        answer(200, {"Content-Length": "20"}, b"world" * 4),
    ],
    ids=["chunked", "length"],
)
def test_wherever_an_answer_breaks_off_it_is_an_error(liar: Liar, told: bytes) -> None:
    store = HTTPBackend(read_timeout=5, retries=0)
    for end in range(len(told)):
        liar.answers = [told[:end]]
        with pytest.raises(UnreachableError):
            store.get(liar.url)
        if b"\r\n\r\n" not in told[:end]:
            with pytest.raises(UnreachableError):
                store.info(liar.url)
    store.close()


def test_what_came_of_a_chunk_is_not_asked_for_twice(liar: Liar, store: HTTPBackend) -> None:
    headers = {"Transfer-Encoding": "chunked", **version(OLD, True, True)}
    cut = answer(200, headers, b"%x\r\n" % len(OLD) + OLD[:CUT])
    liar.answers = [cut, part(OLD, "fits", "both", "right")]
    assert store.get(liar.url) == OLD
    assert f"Range: bytes={CUT}-" in liar.requests[1]


TRUE = {
    "gzip": answer(200, {"Content-Encoding": "gzip"}, gzip.compress(OLD)),
    "gzip of two members": answer(
        200, {"Content-Encoding": "gzip"}, gzip.compress(OLD[:CUT]) + gzip.compress(OLD[CUT:])
    ),
    "gzip with its length": answer(
        200,
        {"Content-Encoding": "gzip", "Content-Length": str(len(gzip.compress(OLD)))},
        gzip.compress(OLD),
    ),
    "chunked": answer(200, {"Transfer-Encoding": "chunked"}, chunked(OLD[:CUT], OLD[CUT:], b"")),
    "chunked with blanks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: \tChunked \t\r\n\r\n"
    + chunked(OLD, b""),
    "chunked with extensions and trailers": answer(
        200,
        {"Transfer-Encoding": "chunked"},
        b"%X ;a=b\r\n%s\r\n000;c\r\nDigest: x\r\nA: b\r\n\r\n" % (len(OLD), OLD),
    ),
    "folded lines": b"HTTP/1.1 200 OK\r\nA: b\r\n Content-Length: 5\r\n\t c\r\n\r\n" + OLD,
    "lines without a return": b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % len(OLD) + OLD,
    "an empty header": b"HTTP/1.1 200 OK\r\nA:\r\nContent-Length: %d\r\n\r\n" % len(OLD) + OLD,
    "after early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"
    + whole(OLD),
    "after three interim answers": b"HTTP/1.1 100 Continue\r\n\r\n"
    + b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 7\r\n\r\n"
    + whole(OLD),
    "no length": answer(200, {}, OLD),
    "length twice": answer(200, {"Content-Length": f"{len(OLD)}, {len(OLD)}"}, OLD),
    "more than its length": answer(200, {"Content-Length": str(len(OLD))}, OLD + b"more"),
}


@pytest.mark.parametrize("name", TRUE)
def test_an_unusual_answer_is_read(liar: Liar, store: HTTPBackend, name: str) -> None:
    liar.answers = [TRUE[name]]
    assert store.get(liar.url) == OLD


def test_a_compressed_download_that_breaks_off_begins_anew(liar: Liar, store: HTTPBackend) -> None:
    packed = {"Content-Encoding": "gzip", **version(OLD, True, True)}
    cut = answer(200, packed, gzip.compress(OLD)[:-20])
    liar.answers = [cut, part(OLD, "fits", "both", "right"), whole(OLD)]
    got = outcome(lambda: store.get(liar.url))
    assert got == OLD
    assert "Range" not in liar.requests[1]


def test_a_bomb_is_refused_before_it_is_unpacked(liar: Liar) -> None:
    store = HTTPBackend(max_bytes=2_000_000, retries=0)
    liar.answers = [answer(200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(200_000_000)))]
    with pytest.raises(OSError, match="max_bytes"):
        store.get(liar.url)
    store.close()


@pytest.mark.parametrize(
    ("headers", "size"),
    [
        ({"Content-Length": "7"}, 7),
        ({"Content-Length": "7", "Content-Encoding": "gzip"}, -1),
        ({}, -1),
    ],
)
def test_the_size_is_what_the_server_tells(
    liar: Liar, store: HTTPBackend, headers: dict[str, str], size: int
) -> None:
    liar.answers = [answer(200, headers, b"")]
    assert store.info(liar.url).size == size


@pytest.mark.parametrize(
    ("status", "headers", "size"),
    [
        (206, {"Content-Range": "bytes 0-0/7", "Content-Length": "1"}, 7),
        (416, {"Content-Range": "bytes */0"}, 0),
        (206, {"Content-Range": "bytes 1-1/7"}, None),
        (206, {}, None),
        (200, {"Content-Length": "abc"}, None),
    ],
)
def test_where_head_is_refused_the_first_byte_tells_the_size(
    liar: Liar, store: HTTPBackend, status: int, headers: dict[str, str], size: int | None
) -> None:
    liar.answers = [answer(403, {}, b""), answer(status, headers, b"")]
    if size is not None:
        assert store.info(liar.url).size == size
    else:
        with pytest.raises(RemoteError, match=r"127\.0\.0\.1"):
            store.info(liar.url)


@pytest.mark.parametrize("wait", ["\u00b2", "\u0663", "-1", "1e9", "soon", "", "0"])
def test_an_odd_retry_after_is_no_error(liar: Liar, store: HTTPBackend, wait: str) -> None:
    told = answer(503, {}, b"").replace(
        b"Connection", b"Retry-After: " + wait.encode("latin-1", "replace") + b"\r\nConnection"
    )
    liar.answers = [told, whole(OLD)]
    assert store.get(liar.url) == OLD


@pytest.mark.parametrize("interim", [b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"])
def test_a_head_that_comes_in_drips_has_an_end(interim: bytes) -> None:
    done = threading.Event()

    class Dripping(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.wfile.write(interim + b"HTTP/1.1 200 OK\r\nX-Long: ")
                while not done.wait(0.05):
                    self.wfile.write(b"x")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dripping) as tcp:
        tcp.daemon_threads = True
        threading.Thread(target=tcp.serve_forever, args=(0.01,), daemon=True).start()
        store = HTTPBackend(read_timeout=0.4, retries=0)
        with pytest.raises(UnreachableError, match=r"127\.0\.0\.1"):
            store.get(f"http://127.0.0.1:{tcp.server_address[1]}/x")
        done.set()
        store.close()
        tcp.shutdown()


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1/x",
        "http://]/x",
        "http://",
        "http:///x",
        "http://h:port/x",
        "http://h:99999/x",
        "http://[v1.x]:1:2/x",
        "http://a..b/x",
        f"http://{'n' * 64}.b/x",
        "http://\ud800/x",
    ],
)
def test_what_is_no_url_is_told(store: HTTPBackend, url: str) -> None:
    with pytest.raises(ValueError, match=r"not a URL: .http://"):
        store.get(url)
    with pytest.raises(ValueError, match="not a URL"):
        store.isfile(url)


@pytest.mark.parametrize("mark", "/?#@[")
def test_a_password_that_is_not_escaped_is_told_nowhere(store: HTTPBackend, mark: str) -> None:
    for login in (f"u:canary{mark}x", f"u:x{mark}canary"):
        with pytest.raises((ValueError, OSError)) as caught:
            store.get(f"http://{login}@127.0.0.1:1/x")
        text = "".join(traceback.format_exception(caught.value))
        assert "canary" not in re.sub("(?m)^    .*$", "", text)
        assert "canary" not in repr(caught.value.__context__)


@pytest.mark.parametrize(
    "place",
    ["http://[::bad", "http://u:canary/x@h/", "http://h:99999/", "http://a..b/", "file:///x"],
)
def test_where_an_answer_leads_that_is_no_url_is_told(
    liar: Liar, store: HTTPBackend, place: str
) -> None:
    liar.answers = [answer(302, {"Location": place}, b"")]
    for act in (store.get, store.info):
        with pytest.raises(
            RemoteError, match=r"127\.0\.0\.1.*redirects to what is no URL"
        ) as caught:
            act(liar.url)
        assert "canary" not in repr(caught.value.__context__)


@pytest.mark.parametrize("value", ["canary\n", "canary\r\nX: y", "canary\u4e2d", b"canary"])
def test_a_header_that_cannot_be_sent_is_told_without_its_value(value: str) -> None:
    with pytest.raises(ValueError, match="'X-Token' can't be sent") as caught:
        HTTPBackend(headers={"X-Token": value})
    assert "canary" not in str(caught.value)


def test_headers_of_ones_own_stay_with_the_host_they_were_given_for(liar: Liar) -> None:
    away = liar.url.replace("127.0.0.1", "localhost")
    liar.answers = [answer(302, {"Location": away}, b""), whole(OLD)]
    store = HTTPBackend(headers={"X-Api-Key": "k", "User-Agent": "me"})
    assert store.get(liar.url) == OLD
    assert "X-Api-Key: k" in liar.requests[0]
    assert "X-Api-Key" not in liar.requests[1]
    assert "User-Agent: me" in liar.requests[1]
    store.close()


@pytest.mark.parametrize("how", ["get", "download"])
def test_a_file_that_became_empty_meanwhile_is_empty(
    liar: Liar, store: HTTPBackend, tmp_path: Path, how: str
) -> None:
    emptied = answer(200, {"Content-Length": "0", "ETag": '"empty"'}, b"")
    liar.answers = [whole(OLD)[: CUT - len(OLD)], emptied]
    if how == "get":
        assert store.get(liar.url) == b""
    else:
        store.copyfile_to_local(liar.url, tmp_path / "x")
        assert (tmp_path / "x").read_bytes() == b""
