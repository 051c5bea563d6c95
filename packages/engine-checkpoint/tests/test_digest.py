"""A checkpoint's digest: inside its file, and checked whenever it is read."""

from __future__ import annotations

import errno
import hashlib
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
import xxhash
from torch.serialization import set_crc32_options

from engine_checkpoint import CheckpointError, read_file, save_checkpoint
from engine_checkpoint.archive import damage_of
from engine_checkpoint.digest import DigestWriter

CONTENT = {"state_dict": {"w": torch.arange(5000.0), "b": torch.ones(3)}, "meta": {"epoch": 3}}


def same(found: Any) -> bool:
    weights = CONTENT["state_dict"]
    return (
        isinstance(found, dict)
        and list(found) == list(CONTENT)
        and found["meta"] == CONTENT["meta"]
        and list(found["state_dict"]) == list(weights)
        and all(torch.equal(found["state_dict"][key], weights[key]) for key in weights)
    )


@pytest.fixture(params=["with a digest", "without a digest"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "epoch_3.pth"
    if request.param == "with a digest":
        save_checkpoint(CONTENT, str(path))
    else:
        torch.save(CONTENT, path)
    return path


def test_the_file_is_one_of_torch_whose_archive_has_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "epoch_3.pth"
    save_checkpoint(CONTENT, str(path))
    for mmap in (False, True):
        assert same(torch.load(path, weights_only=True, mmap=mmap))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.comment.startswith(b"engine-runner xxh3-128-16m ")


def test_every_cut_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    for part in range(50):
        file.write_bytes(whole[: len(whole) * part // 50])
        with pytest.raises(CheckpointError, match=r"epoch_3\.pth is no checkpoint, or damaged"):
            read_file(file)


def test_a_flipped_bit_is_refused_also_in_the_digest_and_its_mark(file: Path) -> None:
    whole, draw = file.read_bytes(), random.Random(0)
    places = [draw.randrange(len(whole)) for _ in range(100)]
    places += range(len(whole) - 120, len(whole))
    has_digest, refused = b"engine-runner " in whole, 0
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << draw.randrange(8)
        file.write_bytes(changed)
        try:
            found = read_file(file)
        except CheckpointError as error:
            assert "epoch_3.pth" in str(error)
            refused += 1
        else:
            assert same(found) and not has_digest, f"byte {place} of {len(whole)}"
    assert refused > 50


def test_a_changed_weight_is_told_from_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "epoch_3.pth"
    save_checkpoint(CONTENT, str(path))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert not same(torch.load(path, weights_only=True))  # torch itself doesn't notice
    with pytest.raises(CheckpointError, match=r"its XXH3-128 is \w{12}…, and was \w{12}… when"):
        read_file(path)
    with path.open("rb") as opened, pytest.raises(CheckpointError, match="its XXH3-128"):
        read_file(opened)


def test_a_file_with_a_sha256_as_earlier_versions_wrote_it_is_read_and_checked(
    tmp_path: Path,
) -> None:
    buffer, path = io.BytesIO(), tmp_path / "old.pth"
    torch.save(CONTENT, buffer)
    body = buffer.getvalue()[:-2] + (len(b"engine-runner sha256 ") + 64).to_bytes(2, "little")
    path.write_bytes(body + b"engine-runner sha256 " + hashlib.sha256(body).hexdigest().encode())
    assert same(read_file(path))
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)
    with pytest.raises(CheckpointError, match="its SHA-256 is"):
        read_file(path)


def test_a_file_with_one_digest_of_all_its_bytes_is_read_and_checked(tmp_path: Path) -> None:
    buffer, path = io.BytesIO(), tmp_path / "old.pth"
    torch.save(CONTENT, buffer)
    mark = b"engine-runner xxh3-128 "
    body = buffer.getvalue()[:-2] + (len(mark) + 32).to_bytes(2, "little")
    path.write_bytes(body + mark + xxhash.xxh3_128(body).hexdigest().encode())
    assert same(read_file(path))
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)
    with pytest.raises(CheckpointError, match="its XXH3-128 is"):
        read_file(path)


def test_a_file_of_several_parts_is_read_by_several_threads_and_each_is_checked(
    tmp_path: Path,
) -> None:
    path = tmp_path / "large.pth"
    tensors = {f"{size}": torch.arange(size, dtype=torch.int32) for size in (9, 6_000_000, 300_000)}
    save_checkpoint({"state_dict": tensors}, str(path))
    size = path.stat().st_size
    assert size > 1 << 24
    for source in (path, io.BytesIO(path.read_bytes())):
        found = read_file(source)["state_dict"]
        assert all(torch.equal(found[key], each) for key, each in tensors.items())
    with path.open("r+b") as file:
        for place in (5_000_000, (1 << 24) - 1, 1 << 24, size - 2000):
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ 4]))
            file.flush()
            with pytest.raises(CheckpointError, match="its XXH3-128 is"):
                read_file(path)
            file.seek(place)
            file.write(bytes([byte]))
    assert read_file(path)


def test_a_file_that_was_saved_without_sums_is_read_but_not_one_that_had_a_digest(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "unsummed.pth"
    set_crc32_options(False)
    try:
        torch.save(CONTENT, path)
        with caplog.at_level("DEBUG", "engine_checkpoint.archive"):
            assert same(read_file(path))
        save_checkpoint(CONTENT, str(path))
    finally:
        set_crc32_options(True)
    assert "its archive has no sums" in caplog.text
    content = path.read_bytes()
    path.write_bytes(content.replace(b"engine-runner xxh3", b"engine-runner yxh3"))
    with pytest.raises(CheckpointError, match="its digest is damaged"):
        read_file(path)


def test_a_missing_digest_is_noted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    torch.save(CONTENT, tmp_path / "copied.pth")
    with caplog.at_level("DEBUG", "engine_checkpoint.archive"):
        assert same(read_file(tmp_path / "copied.pth"))
    assert "has no digest" in caplog.text


def test_pieces_of_any_length_make_the_same_file() -> None:
    buffer = io.BytesIO()
    torch.save(CONTENT, buffer)
    whole, results = buffer.getvalue(), set()
    for size in (1, 7, 21, 22, 23, 1000, len(whole)):
        target = io.BytesIO()
        writer = DigestWriter(target)
        for start in range(0, len(whole), size):
            writer.write(whole[start : start + size])
        writer.finish()
        results.add(target.getvalue())
    (written,) = results
    assert damage_of(io.BytesIO(written)) is None
    assert written[: len(whole) - 2] == whole[:-2]


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_failing_write_is_raised_wherever_it_fails(error: int) -> None:
    class Failing(io.BytesIO):
        def __init__(self, left: int) -> None:
            super().__init__()
            self.left = left

        def write(self, data: Any) -> int:
            self.left -= 1
            if self.left < 0:
                raise OSError(error, "injected")
            return super().write(data)

    left = 0
    while True:
        writer = DigestWriter(Failing(left))
        torch.save(CONTENT, writer)
        try:
            writer.finish()
        except OSError as told:
            assert told.errno == error
            left += 1
        else:
            break
    assert left > 10
