"""Where checkpoints come from."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch

from engine_checkpoint import (
    CheckpointError,
    CheckpointLoader,
    get_deprecated_model_names,
    get_external_models,
    get_mmcls_models,
    save_checkpoint,
)
from engine_fileio import retry

load = partial(CheckpointLoader.load_checkpoint, map_location="cpu", logger="silent")


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder, and keeps what was asked for."""

    server: Any  # see `site`

    def do_HEAD(self) -> None:
        if self.server.gone:
            self.close_connection = True
        else:
            super().do_HEAD()

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.logins.add(self.headers.get("Authorization"))
        super().do_GET()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        outputfile.write(source.read(100) if self.server.cut else source.read())

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A web server of the folder ``site``, with ``address`` and ``asked``."""
    folder = tmp_path / "site"
    save_checkpoint({"meta": {"from": "the web"}}, str(folder / "model.pth"))
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    server.asked, server.address = [], f"http://127.0.0.1:{server.server_port}"
    server.logins, server.gone, server.cut = set(), False, False
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Torch's and our homes are empty folders."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("MMENGINE_HOME", str(tmp_path / "home"))
    return tmp_path / "torch" / "hub" / "checkpoints"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where downloads are kept."""
    return tmp_path / "home" / "checkpoints"


@pytest.fixture
def _schemes_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CheckpointLoader, "_schemes", dict(CheckpointLoader._schemes))


def test_a_local_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.pth"
    save_checkpoint({"meta": 1}, str(file))
    assert load(str(file)) == load(file) == load(file.as_uri()) == {"meta": 1}


def test_a_missing_file_is_told_with_those_beside_it(tmp_path: Path) -> None:
    save_checkpoint({}, str(tmp_path / "epoch_2.pth"))
    with pytest.raises(
        FileNotFoundError, match=r"no checkpoint .*epoch_3\.pth; .* holds epoch_2\.pth"
    ):
        load(str(tmp_path / "epoch_3.pth"))
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere"):
        load(str(tmp_path / "nowhere" / "epoch_3.pth"))


def test_a_file_on_the_web_is_fetched_once(site: Any, kept: Path) -> None:
    for _ in range(2):
        assert load(f"{site.address}/model.pth") == {"meta": {"from": "the web"}}
    assert site.asked == ["/model.pth"]
    assert len(list(kept.glob("files/*/*"))) == 1


def test_two_addresses_with_one_file_name_are_two_checkpoints(site: Any, tmp_path: Path) -> None:
    save_checkpoint({"meta": "another"}, str(tmp_path / "site" / "b" / "model.pth"))
    assert load(f"{site.address}/model.pth") == {"meta": {"from": "the web"}}
    assert load(f"{site.address}/b/model.pth") == {"meta": "another"}


def test_a_file_that_the_web_has_anew_is_fetched_anew(site: Any, tmp_path: Path) -> None:
    assert load(f"{site.address}/model.pth") == {"meta": {"from": "the web"}}
    file = tmp_path / "site" / "model.pth"
    save_checkpoint({"meta": "new"}, str(file))
    os.utime(file, (1, 1))  # the server tells versions apart by the second
    assert load(f"{site.address}/model.pth") == {"meta": "new"}


def test_a_damaged_copy_is_fetched_again(site: Any, kept: Path) -> None:
    load(f"{site.address}/model.pth")
    (file,) = kept.glob("files/*/*")
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert load(f"{site.address}/model.pth") == {"meta": {"from": "the web"}}


def test_where_the_server_is_gone_what_was_fetched_before_is_read(site: Any) -> None:
    address = f"{site.address}/model.pth"
    load(address)
    site.gone = True
    with pytest.warns(RuntimeWarning, match="going on with what was fetched before"):
        assert load(address) == {"meta": {"from": "the web"}}
    with pytest.raises(ConnectionError, match="other"):
        load(f"{site.address}/other.pth")


def test_what_torch_hub_fetched_is_used_if_its_name_has_its_digest(
    site: Any, cache: Path, tmp_path: Path
) -> None:
    save_checkpoint({"meta": "torch.hub's"}, str(tmp_path / "own.pth"))
    data = (tmp_path / "own.pth").read_bytes()
    digest = hashlib.sha256(data).hexdigest()[:8]
    cache.mkdir(parents=True)
    (cache / f"net-{digest}.pth").write_bytes(data)
    assert load(f"{site.address}/net-{digest}.pth") == {"meta": "torch.hub's"}
    assert site.asked == []
    for name in (f"net-{digest[::-1]}x.pth", "model.pth", f"model-{'0' * 8}.pth"):
        (cache / name).write_bytes(data)
        (tmp_path / "site" / name).write_bytes((tmp_path / "site" / "model.pth").read_bytes())
        assert load(f"{site.address}/{name}") == {"meta": {"from": "the web"}}


def test_a_login_and_a_signature_are_used_and_not_told(
    site: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    address = site.address.replace("://", "://user:secret@") + "/model.pth?signature=hidden"
    CheckpointLoader.load_checkpoint(address, "cpu", logger=None)
    assert site.logins == {"Basic dXNlcjpzZWNyZXQ="}
    with pytest.raises(OSError, match=r"nothing\.pth") as caught:
        CheckpointLoader.load_checkpoint(address.replace("model", "nothing"), logger=None)
    told = capsys.readouterr().out + str(caught.value)
    assert "model.pth?signature=..." in told
    assert "secret" not in told
    assert "hidden" not in told


def test_a_file_that_the_web_lacks_leaves_nothing_behind(site: Any, kept: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        load(f"{site.address}/nothing.pth")
    assert list(kept.glob("files/*/*")) == []


def test_a_download_that_breaks_off_leaves_nothing_behind(site: Any, kept: Path) -> None:
    site.cut = True
    with pytest.raises(OSError, match="broke after 100 bytes"):
        load(f"{site.address}/model.pth")
    assert list(kept.glob("files/*/*")) == []
    site.cut = False
    assert load(f"{site.address}/model.pth") == {"meta": {"from": "the web"}}


def test_a_page_in_place_of_a_checkpoint_is_told(site: Any, tmp_path: Path) -> None:
    (tmp_path / "site" / "page.pth").write_text("<html>Sign in</html>", "utf-8")
    with pytest.raises(CheckpointError, match=r"page\.pth is no checkpoint, or damaged"):
        load(f"{site.address}/page.pth")


@pytest.mark.parametrize("scheme", ["open-mmlab", "openmmlab", "mmcls"])
def test_published_models_are_found_by_name(site: Any, tmp_path: Path, scheme: str) -> None:
    home = tmp_path / "home"
    save_checkpoint({"meta": "local"}, str(home / "deep" / "own.pth"))
    models = {"toy/own": f"{site.address}/model.pth", "toy/local": "deep/own.pth"}
    name = "mmcls.json" if scheme == "mmcls" else "open_mmlab.json"
    (home / name).write_text(json.dumps(models), "utf-8")
    assert load(f"{scheme}://toy/own") == {"meta": {"from": "the web"}}
    assert load(f"{scheme}://toy/local") == {"meta": "local"}
    with pytest.raises(CheckpointError, match=r"no model 'toy/owm'; close names: .*toy/own"):
        load(f"{scheme}://toy/owm")


def test_a_former_name_leads_to_the_new_one_and_is_told(site: Any, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "open_mmlab.json").write_text(json.dumps({"new": f"{site.address}/model.pth"}), "utf-8")
    (home / "deprecated.json").write_text(json.dumps({"former": "new"}), "utf-8")
    assert load("open-mmlab://former") == {"meta": {"from": "the web"}}


def test_mmengines_names_of_models_are_known() -> None:
    assert "detectron/resnet50_caffe" in get_external_models()
    assert "vgg16" in get_mmcls_models()
    assert get_deprecated_model_names()["resnet50_caffe"] == "detectron/resnet50_caffe"
    for models in (get_external_models(), get_mmcls_models()):
        assert all(address.startswith("https://") for address in models.values())


def test_the_longest_prefix_that_fits_reads(_schemes_as_before: None) -> None:
    @CheckpointLoader.register_scheme("store://")
    def store(filename: str, map_location: Any = None) -> Any:
        return {"store": filename, "where": map_location}

    CheckpointLoader.register_scheme(
        ["store://own/", "other:"], lambda filename, map_location=None: {"own": filename}
    )
    assert store("x") == {"store": "x", "where": None}
    assert load("store://a") == {"store": "store://a", "where": "cpu"}
    assert load("store://own/a") == {"own": "store://own/a"}
    assert load("other:a") == {"own": "other:a"}


def test_a_scheme_is_replaced_only_by_force(_schemes_as_before: None) -> None:
    def first(filename: str, map_location: Any = None) -> int:
        return 1

    def second(filename: str, map_location: Any = None) -> int:
        return 2

    CheckpointLoader.register_scheme("own://", first)
    with pytest.raises(KeyError, match="give force=True to replace it"):
        CheckpointLoader.register_scheme("own://", second)
    assert load("own://a") == 1
    CheckpointLoader.register_scheme("own://", second, force=True)
    assert load("own://a") == 2


def test_torchvision_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision.models", None)
    with pytest.raises(ImportError, match=r"torchvision:// needs .*pip install torchvision"):
        load("torchvision://resnet18")


def test_where_it_came_from_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.pth"
    torch.save({}, file)
    CheckpointLoader.load_checkpoint(file.as_uri(), logger=None)
    assert capsys.readouterr().out == f"Loads checkpoint by storage from path: {file.as_uri()}\n"
