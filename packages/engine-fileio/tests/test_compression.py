"""Compression by suffix."""

from __future__ import annotations

import bz2
import gzip
import lzma

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from engine_fileio.compression import SUFFIXES, compress, decompress, split


@given(st.binary(max_size=2000), st.sampled_from(SUFFIXES))
def test_bytes_come_back(data: bytes, suffix: str) -> None:
    assert decompress(compress(data, suffix), suffix) == data


def test_what_other_tools_write_is_read_and_the_other_way_round() -> None:
    data = b"some data" * 100
    frames = zstandard.ZstdCompressor()
    theirs = {
        "bz2": (bz2.compress, bz2.decompress),
        "gz": (gzip.compress, gzip.decompress),
        "xz": (lzma.compress, lzma.decompress),
        "zst": (frames.compress, zstandard.ZstdDecompressor().decompress),
    }
    for suffix, (squeeze, unsqueeze) in theirs.items():
        assert decompress(squeeze(data) + squeeze(data), suffix) == data * 2  # as `cat` joins them
        assert unsqueeze(compress(data, suffix)) == data


DATA = bytes(range(256)) * 3 + b"some text that repeats, some text that repeats" * 5


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_damaged_is_an_error_or_reads_the_same(suffix: str) -> None:
    whole = compress(DATA, suffix)
    for place in range(len(whole)):
        for change in (1, 128, 255):
            damaged = bytearray(whole)
            damaged[place] ^= change
            try:
                read = decompress(bytes(damaged), suffix)
            except ValueError:
                continue
            assert read == DATA, place  # a date, say


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_cut_off_empty_or_followed_by_something_else_is_an_error(suffix: str) -> None:
    whole = compress(DATA, suffix)
    for length in range(len(whole)):
        with pytest.raises(ValueError, match=f"not a .{suffix} file, or a damaged one"):
            decompress(whole[:length], suffix)
    for more in (b"x", b"more", whole[:-1], whole[1:]):
        with pytest.raises(ValueError, match="a damaged one"):
            decompress(whole + more, suffix)


@pytest.mark.parametrize("suffix", ["gz", "xz"])
def test_zeros_may_follow(suffix: str) -> None:
    assert decompress(compress(DATA, suffix) + bytes(8), suffix) == DATA


def test_a_zst_frame_has_a_checksum_and_one_without_the_length_that_it_tells() -> None:
    assert zstandard.get_frame_parameters(compress(DATA, "zst")).has_checksum
    bare = zstandard.ZstdCompressor(write_checksum=False).compress(DATA)
    assert decompress(bare, "zst") == DATA
    assert zstandard.get_frame_parameters(bare).content_size == len(DATA)
    at = bare.index((len(DATA) - 256).to_bytes(2, "little"))  # as the header has it
    for length in (0, 100, len(DATA) - 257, len(DATA)):
        other = bare[:at] + length.to_bytes(2, "little") + bare[at + 2 :]
        with pytest.raises(ValueError, match="a damaged one"):
            decompress(other, "zst")


def test_zst_frames_to_be_passed_over_are() -> None:
    passed_over = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
    assert decompress(passed_over + compress(DATA, "zst"), "zst") == DATA
    assert decompress(compress(DATA, "zst") + passed_over, "zst") == DATA


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.json", ("json", None)),
        ("a.json.gz", ("json", "gz")),
        ("a.b.yaml.zst", ("yaml", "zst")),
        ("json", ("json", None)),
        ("json.xz", ("json", "xz")),
        ("gz", (None, "gz")),
        ("a.", (None, None)),
    ],
)
def test_a_name_says_format_and_compression(name: str, parts: tuple[str, str]) -> None:
    assert split(name) == parts
