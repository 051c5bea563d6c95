"""What every back-end promises: a back-end's tests inherit what it can do.

They define the fixtures ``store``, the back-end, and ``root``, an address that is theirs alone.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import SameFileError
from threading import Barrier
from uuid import uuid4

import pytest

from engine_fileio import BaseStorageBackend
from engine_fileio.errors import ConflictError, UnsupportedError

MB = 1_000_000
Seed = Callable[[str, bytes], str]
NAMES = [
    "plain.bin",
    "with space.bin",
    "ünïcödé/文件 名.txt",
    "a+b&c=d%20#e.bin",
    "'quote'.bin",
    "what?.bin",
    "100%",
    "two\nlines.bin",
    "-dash.bin",
    "..dots..bin",
    "a/b..c/..d",
    "~tilde.bin",
    "cafe\N{COMBINING ACUTE ACCENT}.bin",  # two ways to write the same letters
    "caf\N{LATIN SMALL LETTER E WITH ACUTE}.bin",
    "n" * 255,
    "名" * 85,  # 255 bytes
]


def as_home(home: Path, path: Path) -> str:
    """A path in the home folder, written with ``~``."""
    return f"~/{path.relative_to(home).as_posix()}"


def as_file_address(home: Path, path: Path) -> str:
    """A path as a ``file://`` address."""
    return path.as_uri()


class ReadContract:
    """What can be read."""

    without: tuple[str, ...] = ()
    """Names that the test's server can't have, for a reason that the subclass tells."""

    peak = 64 * MB
    """Bytes of Python's memory that the transfer of a file of 100 MB may take."""

    @pytest.fixture
    def seed(self, store: BaseStorageBackend, root: str) -> Seed:
        """Put a file into the store and return its address."""

        def put(name: str, data: bytes) -> str:
            store.put(data, store.join_path(root, name))
            return store.join_path(root, name)

        return put

    def test_bytes_come_back(self, store: BaseStorageBackend, seed: Seed) -> None:
        data = bytes(range(256)) * 300
        assert store.get(seed("a/b.bin", data)) == data

    def test_text_comes_back(self, store: BaseStorageBackend, seed: Seed) -> None:
        address = seed("text.txt", "zwölf Boxkämpfer\n漢字".encode())
        assert store.get_text(address) == "zwölf Boxkämpfer\n漢字"

    def test_text_of_another_encoding_comes_back(
        self, store: BaseStorageBackend, seed: Seed
    ) -> None:
        assert store.get_text(seed("latin.txt", b"\xe4"), encoding="latin-1") == "ä"

    def test_an_empty_file_comes_back(self, store: BaseStorageBackend, seed: Seed) -> None:
        address = seed("empty", b"")
        assert store.get(address) == b""
        assert store.isfile(address)

    @pytest.mark.parametrize("name", NAMES)
    def test_any_name_comes_back(self, store: BaseStorageBackend, seed: Seed, name: str) -> None:
        if name in self.without:
            pytest.skip("the test's server can't have such a name")
        address = seed(name, name.encode())
        assert store.get(address) == name.encode()
        assert store.isfile(address)
        with store.get_local_path(address) as path:
            assert Path(path).name == name.rsplit("/", 1)[-1]
            assert Path(path).read_bytes() == name.encode()

    def test_a_missing_address_raises_file_not_found(
        self, store: BaseStorageBackend, root: str, tmp_path: Path
    ) -> None:
        address = store.join_path(root, "nowhere.bin")
        with pytest.raises(FileNotFoundError, match=r"nowhere\.bin"):
            store.get(address)
        with pytest.raises(FileNotFoundError, match=r"nowhere\.bin"):
            store.copyfile_to_local(address, tmp_path / "copy")
        assert list(tmp_path.glob("*copy*")) == []
        assert not store.exists(address)
        assert not store.isfile(address)

    def test_a_local_path_has_the_name_and_the_bytes(
        self, store: BaseStorageBackend, seed: Seed
    ) -> None:
        address = seed("folder/image one.jpg", b"jpg")
        with store.get_local_path(address) as path:
            assert Path(path).read_bytes() == b"jpg"
            assert Path(path).name == "image one.jpg"

    def test_a_copy_goes_under_its_name_into_a_folder(
        self, store: BaseStorageBackend, seed: Seed, tmp_path: Path
    ) -> None:
        address = seed("one.bin", b"1")
        assert store.copyfile_to_local(address, str(tmp_path)) == str(tmp_path / "one.bin")
        assert Path(store.copyfile_to_local(address, tmp_path / "new" / "x")) == (
            tmp_path / "new" / "x"
        )
        assert (tmp_path / "new" / "x").read_bytes() == b"1"

    @pytest.mark.parametrize("spell", [as_home, as_file_address])
    def test_the_local_side_may_be_of_the_home_folder_or_a_file_address(
        self,
        store: BaseStorageBackend,
        seed: Seed,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        *,
        spell: Callable[[Path, Path], str],
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        address, there = seed("spelt.bin", b"1"), tmp_path / "a b" / "spelt.bin"
        where = spell(tmp_path, there)
        assert store.copyfile_to_local(address, where) == str(there)
        assert there.read_bytes() == b"1"
        assert store.copyfile_to_local(address, where.rpartition("/")[0]) == str(there)
        assert list(tmp_path.glob("~*")) == []

    def test_the_local_side_is_no_address_of_a_store(
        self, store: BaseStorageBackend, seed: Seed
    ) -> None:
        with pytest.raises(ValueError, match="no local path"):
            store.copyfile_to_local(seed("x", b"1"), "s3://bucket/x")

    def test_progress_ends_at_the_size(
        self, store: BaseStorageBackend, seed: Seed, tmp_path: Path
    ) -> None:
        told: list[tuple[int, int | None]] = []
        address = seed("long.bin", bytes(MB))
        store.copyfile_to_local(address, tmp_path / "x", progress=lambda *at: told.append(at))
        assert told[-1] == (MB, MB)
        assert told == sorted(told)

    def test_the_progress_of_an_empty_file_ends_too(
        self, store: BaseStorageBackend, seed: Seed, tmp_path: Path
    ) -> None:
        told: list[tuple[int, int | None]] = []
        address = seed("empty.bin", b"")
        store.copyfile_to_local(address, tmp_path / "x", progress=lambda *at: told.append(at))
        assert told[-1] == (0, 0)

    def test_a_file_of_100_mb_is_read_in_bounded_memory(
        self, store: BaseStorageBackend, seed: Seed, tmp_path: Path, large: Path
    ) -> None:
        address = seed("large.bin", large.read_bytes())
        with at_most(self.peak):
            store.copyfile_to_local(address, tmp_path / "copy")
        assert digest(tmp_path / "copy") == digest(large)
        (tmp_path / "copy").unlink()

    def test_it_travels_to_another_process(self, store: BaseStorageBackend, seed: Seed) -> None:
        address = seed("seen.bin", b"x")
        store.get(address)
        copy = pickle.loads(pickle.dumps(store))
        assert copy.get(address) == b"x"
        if hasattr(copy, "close"):
            copy.close()

    def test_many_threads_may_read(self, store: BaseStorageBackend, seed: Seed) -> None:
        addresses = [seed(f"many/{n}", str(n).encode()) for n in range(40)]
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(store.get, addresses)) == [str(n).encode() for n in range(40)]


class ReadOnlyContract(ReadContract):
    """What can only be read says so."""

    def test_writing_is_refused_in_words(self, store: BaseStorageBackend, root: str) -> None:
        address = store.join_path(root, "x")
        for act in (
            lambda: store.put(b"", address),
            lambda: store.put_text("", address),
            lambda: store.remove(address),
            lambda: store.rmtree(address),
            lambda: store.generate_presigned_url(address),
            lambda: list(store.list_dir_or_file(address)),
        ):
            with pytest.raises(UnsupportedError, match=f"{store.name} does not support"):
                act()


class WriteContract(ReadContract):
    """What can be written."""

    conditional = True
    """Whether ``overwrite=False`` is known."""

    whole = True
    """Whether who reads while others write sees one of the files that were written."""

    exclusive = True
    """Whether of several conditional writers at once exactly one wins."""

    looks_first = False
    """Whether the test's server looks at a condition before it writes, so that several may win."""

    renewed = True
    """Whether equal bytes that are written again are another version."""

    versioned = False
    """Whether ``put_if_match`` is known, and excludes other writers."""

    def test_a_file_is_overwritten(self, store: BaseStorageBackend, seed: Seed) -> None:
        seed("x.bin", b"long before")
        address = seed("x.bin", b"now")
        assert store.get(address) == b"now"

    def test_text_is_written(self, store: BaseStorageBackend, root: str) -> None:
        address = store.join_path(root, "t.txt")
        store.put_text("é\n", address)
        assert store.get(address) == "é\n".encode()

    def test_overwrite_false_keeps_what_is_there(
        self, store: BaseStorageBackend, root: str
    ) -> None:
        address = store.join_path(root, "once")
        if not self.conditional:
            with pytest.raises(UnsupportedError):
                store.put(b"1", address, overwrite=False)
            return
        store.put(b"1", address, overwrite=False)
        with pytest.raises(FileExistsError, match="once"):
            store.put(b"2", address, overwrite=False)
        assert store.get(address) == b"1"

    def test_of_writers_who_want_no_file_one_wins(
        self, store: BaseStorageBackend, root: str
    ) -> None:
        if not (self.conditional and self.exclusive):
            pytest.skip("the store ignores conditions on writes, or has none")
        address = store.join_path(root, "lock")
        won = race(lambda data: store.put(data, address, overwrite=False), FileExistsError)
        assert store.get(address) in won
        assert len(won) == 1 or self.looks_first

    def test_a_file_is_replaced_if_it_is_the_one_that_was_read(
        self, store: BaseStorageBackend, seed: Seed, root: str
    ) -> None:
        address = seed("pointer", b"1")
        if not self.versioned:
            with pytest.raises(UnsupportedError, match=r"if_match|info"):
                store.put_if_match(b"2", address, "v")
            return
        before = store.info(address).version
        store.put_if_match(b"2", address, before)
        assert store.get(address) == b"2"
        with pytest.raises(ConflictError, match=r"somebody else.*pointer") as caught:
            store.put_if_match(b"3", address, before)
        assert store.info(address).version in str(caught.value)
        assert store.get(address) == b"2"
        if self.renewed:
            again = store.info(address).version
            store.put_if_match(b"2", address, again)  # a lock that is taken anew
            with pytest.raises(ConflictError):
                store.put_if_match(b"3", address, again)
        with pytest.raises(FileNotFoundError, match="nothing"):
            store.put_if_match(b"3", store.join_path(root, "nothing"), before)

    def test_of_writers_who_replace_the_same_version_one_wins(
        self, store: BaseStorageBackend, seed: Seed
    ) -> None:
        if not (self.versioned and self.exclusive):
            pytest.skip("the store ignores conditions on writes, or has none")
        address = seed("counter", b"start")
        for _ in range(5):
            write = partial(put_if, store, address, store.info(address).version)
            won = race(write, ConflictError)
            assert store.get(address) in won
            assert len(won) == 1 or self.looks_first

    def test_a_removed_file_is_gone(self, store: BaseStorageBackend, seed: Seed) -> None:
        address = seed("gone/file", b"x")
        store.remove(address)
        assert not store.exists(address)
        with pytest.raises(FileNotFoundError, match="gone/file"):
            store.remove(address)

    def test_a_file_is_copied_within(
        self, store: BaseStorageBackend, seed: Seed, root: str
    ) -> None:
        address, target = seed("src ü.bin", b"data"), store.join_path(root, "to/dst ü.bin")
        assert store.copyfile(address, target) == target
        assert store.get(target) == b"data"
        with pytest.raises(SameFileError):
            store.copyfile(address, address)
        with pytest.raises(FileNotFoundError, match="nothing"):
            store.copyfile(store.join_path(root, "nothing"), target)

    def test_a_local_file_is_copied_in(
        self, store: BaseStorageBackend, root: str, tmp_path: Path
    ) -> None:
        (tmp_path / "l.bin").write_bytes(b"local")
        target = store.join_path(root, "in/l.bin")
        assert store.copyfile_from_local(tmp_path / "l.bin", target) == target
        assert store.get(target) == b"local"
        (tmp_path / "l.bin").write_bytes(b"")
        told: list[tuple[int, int | None]] = []
        store.copyfile_from_local(tmp_path / "l.bin", target, progress=lambda *at: told.append(at))
        assert told[-1] == (0, 0)
        assert store.get(target) == b""

    @pytest.mark.parametrize("spell", [as_home, as_file_address])
    def test_what_is_copied_in_may_be_of_the_home_folder_or_a_file_address(
        self,
        store: BaseStorageBackend,
        root: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        *,
        spell: Callable[[Path, Path], str],
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        there = tmp_path / "a b" / "l#.bin"
        there.parent.mkdir()
        there.write_bytes(b"local")
        target = store.join_path(root, "in/x")
        assert store.copyfile_from_local(spell(tmp_path, there), target) == target
        assert store.get(target) == b"local"

    def test_a_file_of_100_mb_is_written_in_bounded_memory(
        self, store: BaseStorageBackend, root: str, tmp_path: Path, large: Path
    ) -> None:
        told: list[tuple[int, int | None]] = []
        target = store.join_path(root, "large.bin")
        with at_most(self.peak):
            store.copyfile_from_local(large, target, progress=lambda *at: told.append(at))
        assert told[-1] == (large.stat().st_size,) * 2
        store.copyfile_to_local(target, tmp_path / "back")
        assert digest(tmp_path / "back") == digest(large)
        (tmp_path / "back").unlink()
        store.remove(target)

    def test_of_concurrent_writers_one_wins_whole(
        self, store: BaseStorageBackend, seed: Seed, root: str
    ) -> None:
        if not self.whole:
            pytest.skip("the test's server shows files that are half-written")
        written = [bytes([n]) * (200_000 + n) for n in range(8)]
        address = seed("raced", written[0])
        with ThreadPoolExecutor(8) as pool:
            writers = [pool.submit(store.put, data, address) for data in written * 3]
            seen = [store.get(address) for _ in range(10)]
            for writer in writers:
                writer.result()
        assert all(data in written for data in [*seen, store.get(address)])


class FolderContract(WriteContract):
    """What has folders."""

    hides = False
    """Whether listings leave out files whose name begins with a dot."""

    @pytest.fixture
    def tree(self, seed: Seed, store: BaseStorageBackend, root: str) -> str:
        """A small tree of files; the address of its folder."""
        for name in ("a.txt", "b.json", "sub/c.txt", "sub/deep/d e.txt", "sübway/f.txt"):
            seed(f"tree/{name}", name.encode())
        return store.join_path(root, "tree")

    def test_a_folder_is_listed(self, store: BaseStorageBackend, tree: str) -> None:
        assert sorted(store.list_dir_or_file(tree)) == ["a.txt", "b.json", "sub", "sübway"]
        assert sorted(store.list_dir_or_file(tree + "/", list_dir=False)) == ["a.txt", "b.json"]
        assert sorted(store.list_dir_or_file(tree, list_file=False)) == ["sub", "sübway"]

    @pytest.mark.parametrize("name", NAMES)
    def test_any_name_is_listed_copied_and_removed(
        self, store: BaseStorageBackend, seed: Seed, root: str, tmp_path: Path, name: str
    ) -> None:
        if name in self.without:
            pytest.skip("the test's server can't have such a name")
        address, folder = seed(f"names/{name}", name.encode()), store.join_path(root, "names")
        found = store.list_dir_or_file(folder, list_dir=False, recursive=True)
        is_hidden = self.hides and name.rsplit("/", 1)[-1].startswith(".")
        assert [one.replace(os.sep, "/") for one in found] == [name] * (not is_hidden)
        copy = store.copyfile(address, store.join_path(root, "copies", name))
        assert store.get(copy) == name.encode()
        store.copytree_to_local(folder, tmp_path / "local")
        assert (tmp_path / "local" / name).read_bytes() == name.encode()
        target = store.copytree_from_local(tmp_path / "local", store.join_path(root, "back"))
        assert store.get(store.join_path(target, name)) == name.encode()
        store.remove(address)
        assert not store.exists(address)

    def test_a_tree_is_listed(self, store: BaseStorageBackend, tree: str) -> None:
        found = [name.replace("\\", "/") for name in store.list_dir_or_file(tree, recursive=True)]
        files = ["a.txt", "b.json", "sub/c.txt", "sub/deep/d e.txt", "sübway/f.txt"]
        assert sorted(found) == sorted([*files, "sub", "sub/deep", "sübway"])
        assert found.index("sub") < found.index("sub/deep") < found.index("sub/deep/d e.txt")
        text = store.list_dir_or_file(tree, list_dir=False, suffix=".txt", recursive=True)
        assert len(list(text)) == 4
        both = store.list_dir_or_file(tree, list_dir=False, suffix=(".txt", ".json"))
        assert sorted(both) == ["a.txt", "b.json"]

    def test_a_suffix_of_folders_makes_no_sense(self, store: BaseStorageBackend, tree: str) -> None:
        with pytest.raises(TypeError, match="list_dir=False"):
            list(store.list_dir_or_file(tree, suffix=".txt"))
        with pytest.raises(TypeError, match="tuple of str"):
            list(store.list_dir_or_file(tree, list_dir=False, suffix=1))  # type: ignore[arg-type]

    def test_a_missing_folder_is_named(self, store: BaseStorageBackend, root: str) -> None:
        missing = store.join_path(root, "no folder")
        with pytest.raises(FileNotFoundError, match="no folder"):
            list(store.list_dir_or_file(missing))
        with pytest.raises(FileNotFoundError, match="no folder"):
            store.rmtree(missing)
        assert not store.isdir(missing)

    def test_folders_and_files_are_told_apart(self, store: BaseStorageBackend, tree: str) -> None:
        file = store.join_path(tree, "sub/c.txt")
        assert store.isdir(store.join_path(tree, "sub"))
        assert store.exists(store.join_path(tree, "sub"))
        assert not store.isfile(store.join_path(tree, "sub"))
        assert store.isfile(file)
        assert not store.isdir(file)
        assert not store.isdir(store.join_path(tree, "su"))
        with pytest.raises(IsADirectoryError, match="sub"):
            store.remove(store.join_path(tree, "sub"))

    def test_a_tree_is_removed(self, store: BaseStorageBackend, tree: str, root: str) -> None:
        store.put(b"", store.join_path(root, "treehouse/x"))
        store.rmtree(tree)
        assert not store.exists(tree)
        assert store.exists(store.join_path(root, "treehouse/x"))

    def test_a_tree_is_copied_within(self, store: BaseStorageBackend, tree: str, root: str) -> None:
        target = store.join_path(root, "tree two")
        assert store.copytree(tree, target) == target
        assert sorted(store.list_dir_or_file(target, recursive=True)) == sorted(
            store.list_dir_or_file(tree, recursive=True)
        )
        assert store.get_text(store.join_path(target, "sub/deep/d e.txt")) == "sub/deep/d e.txt"
        with pytest.raises(FileExistsError, match="tree two"):
            store.copytree(tree, target)

    def test_a_tree_that_is_copied_into_itself_is_copied_once(
        self, store: BaseStorageBackend, tree: str
    ) -> None:
        names = sorted(store.list_dir_or_file(tree, list_dir=False, recursive=True))
        copy = store.join_path(tree, "zz/copy")
        store.copytree(tree, copy)
        assert sorted(store.list_dir_or_file(copy, list_dir=False, recursive=True)) == names

    def test_a_tree_is_copied_out_and_in(
        self, store: BaseStorageBackend, tree: str, root: str, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        assert store.copytree_to_local(tree, str(out)) == str(out)
        assert (out / "sub" / "deep" / "d e.txt").read_text() == "sub/deep/d e.txt"
        target = store.join_path(root, "back")
        assert store.copytree_from_local(out, target) == target
        assert store.get_text(store.join_path(target, "sübway/f.txt")) == "sübway/f.txt"
        with pytest.raises(FileExistsError, match="back"):
            store.copytree_from_local(out, target)

    @pytest.mark.parametrize("spell", [as_home, as_file_address])
    def test_a_tree_of_the_home_folder_is_copied_out_and_in(
        self,
        store: BaseStorageBackend,
        tree: str,
        root: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        *,
        spell: Callable[[Path, Path], str],
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        out, target = tmp_path / "the tree", store.join_path(root, "back")
        assert store.copytree_to_local(tree, spell(tmp_path, out)) == str(out)
        assert (out / "sub" / "deep" / "d e.txt").read_text() == "sub/deep/d e.txt"
        assert store.copytree_from_local(spell(tmp_path, out), target) == target
        assert store.get_text(store.join_path(target, "sub/deep/d e.txt")) == "sub/deep/d e.txt"
        assert list(tmp_path.glob("~*")) == []

    def test_the_progress_of_a_tree_adds_up(
        self, store: BaseStorageBackend, tree: str, root: str, tmp_path: Path
    ) -> None:
        told: list[tuple[int, int | None]] = []
        store.copytree_to_local(tree, tmp_path / "out", progress=lambda *at: told.append(at))
        size = sum(path.stat().st_size for path in (tmp_path / "out").rglob("*") if path.is_file())
        assert [done for done, _ in told] == sorted(done for done, _ in told)
        assert told[-1][0] == size > 0
        told.clear()
        target = store.join_path(root, "back")
        store.copytree_from_local(tmp_path / "out", target, progress=lambda *at: told.append(at))
        assert [done for done, _ in told] == sorted(done for done, _ in told)
        assert told[-1] in [(size, size), (size, None)]

    def test_a_file_is_copied_into_a_folder(self, store: BaseStorageBackend, tree: str) -> None:
        source, folder = store.join_path(tree, "a.txt"), store.join_path(tree, "sub")
        target = store.join_path(folder, "a.txt")
        assert store.copyfile(source, folder) == target
        assert store.get_text(target) == "a.txt"

    def test_a_link_or_a_copy_reads_the_same(self, store: BaseStorageBackend, tree: str) -> None:
        source, target = store.join_path(tree, "a.txt"), store.join_path(tree, "link")
        assert store.copy_if_symlink_fails(source, target) == store.allow_symlink
        assert store.get_text(target) == "a.txt"


def put_if(store: BaseStorageBackend, address: str, version: str, data: bytes) -> None:
    store.put_if_match(data, address, version)


def race(write: Callable[[bytes], None], lost: type[OSError]) -> list[bytes]:
    """Let eight writers write at once; what those wrote who weren't told that they lost."""
    ready = Barrier(8)

    def attempt(data: bytes) -> bytes | None:
        ready.wait()
        try:
            write(data)
        except lost:
            return None
        return data

    with ThreadPoolExecutor(8) as pool:
        found = pool.map(attempt, [f"{n} {uuid4()}".encode() for n in range(8)])
        return [data for data in found if data is not None]


@contextmanager
def at_most(limit: int) -> Iterator[None]:
    """Fail if the block has more of Python's memory at once than ``limit`` bytes."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < limit, f"{peak / MB:.0f} MB of memory, more than {limit / MB:.0f}"


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
