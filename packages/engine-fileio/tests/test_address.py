"""What an address says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine_fileio.address import base_name, join, map_path, split_prefix


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("a/b", ("", "")),
        ("s3://b/x", ("", "s3")),
        ("one:s3://b/x", ("one", "s3")),
        ("http://h:80/x", ("", "http")),
        ("C:\\a", ("", "")),
        ("C://a", ("", "")),
        ("c:/a", ("", "")),
        ("1://a", ("", "1")),
        (Path("a"), ("", "")),
    ],
)
def test_a_prefix_and_a_cluster_stand_before_the_slashes(
    address: str, parts: tuple[str, str]
) -> None:
    assert split_prefix(address) == parts


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        (("s3://a/", "/b", "c/"), "s3://a/b/c/"),
        (("s3://a", "b", "c"), "s3://a/b/c"),
        (("s3://a/",), "s3://a"),
        (("s3://a//", "//b"), "s3://a//b"),
        (("s3://a", ""), "s3://a/"),
        (("s3://a", "b\\c"), "s3://a/b/c"),
    ],
)
def test_addresses_join_as_mmengine_joins_them(parts: tuple[str, ...], joined: str) -> None:
    assert join(*parts) == joined


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("s3://b/a?b#c.txt", "a?b#c.txt"),
        ("http://h/a%20b.txt?q=/x#f", "a b.txt"),
        ("a/b/", "b"),
        ("a\\b", "b" if os.name == "nt" else "a\\b"),
        ("s3://b/a\\b", "b"),
        ("http://h/%2Fabs%2Fprecious", "_abs_precious"),
        ("http://h/..%2F..%2Fevil", ".._.._evil"),
        ("http://h/a/..", ""),
        ("http://h/.", ""),
        ("http://h/%00x", "_x"),
        ("http://h/" + "n" * 300 + ".pth", "n" * 251 + ".pth"),
    ],
)
def test_the_last_name_is_a_files_name(address: str, name: str) -> None:
    assert base_name(address) == name


def test_the_longest_beginning_is_mapped_once() -> None:
    mapping = {"data/": "s3://b/data/", "./data/": "s3://c/", "data/coco/": "s3://coco/"}
    assert map_path("data/x", mapping) == "s3://b/data/x"
    assert map_path("./data/x", mapping) == "s3://c/x"
    assert map_path("data/coco/x", mapping) == "s3://coco/x"
    assert map_path("/mnt/data/x", mapping) == "/mnt/data/x"
