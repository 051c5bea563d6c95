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
