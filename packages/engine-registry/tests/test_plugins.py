"""With distributions that are really installed: a dist-info on the path of a fresh Python."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """``install("dist", entry="value", ...)`` lays out an installed distribution."""

    def lay_out(distribution: str, modules: dict[str, str], **entries: str) -> None:
        folder = tmp_path / f"{distribution.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", encoding="utf-8"
        )
        points = "\n".join(f"{name} = {value}" for name, value in entries.items())
        text = f"[engine.registry]\n{points}\n"
        (folder / "entry_points.txt").write_text(text, encoding="utf-8")
        for name, source in modules.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(source), encoding="utf-8")

    return lay_out


REGISTERS = """
print("importing", __name__)
from engine_registry import HOOKS
@HOOKS.register_module()
class PluggedHook:
    def __init__(self, every=1):
        self.every = every
"""


def test_a_plug_in_is_imported_at_the_first_miss_and_once(install: Install, run_code: Any) -> None:
    install("plug-one", {"plug_one": REGISTERS}, hooks="plug_one")
    out = run_code(
        """
        import sys
        from engine_registry import HOOKS, MODELS
        HOOKS.register_module("Known", module=list)
        HOOKS.build({"type": "Known"})
        assert "plug_one" not in sys.modules
        print(HOOKS.build({"type": "PluggedHook", "every": 3}).every)
        print(MODELS.get("Nothing"))
        """
    )
    assert out.splitlines() == ["importing plug_one", "3", "None"]


def test_a_function_is_called_and_its_lazy_names_import_nothing(
    install: Install, run_code: Any
) -> None:
    source = """
    from engine_registry import HOOKS
    def register():
        print("called")
        HOOKS.register_lazy("LateHook", "late_module:LateHook")
    """
    install(
        "plug-two",
        {"plug_two": source, "late_module": "class LateHook: pass"},
        hooks="plug_two:register",
    )
    out = run_code(
        """
        import sys
        from engine_registry import HOOKS
        assert HOOKS.get("Nothing") is None
        assert "LateHook" in HOOKS and "late_module" not in sys.modules
        print(HOOKS.build({"type": "engine.LateHook"}).__class__.__module__)
        """
    )
    assert out.splitlines() == ["called", "late_module"]


def test_a_broken_plug_in_is_shown_when_something_is_missed_and_only_then(
    install: Install, run_code: Any
) -> None:
    install("plug-good", {"plug_good": REGISTERS}, good="plug_good")
    broken = REGISTERS.replace("PluggedHook", "HalfHook") + "import no_such_module\n"
    install("plug-bad", {"plug_bad": broken}, bad="plug_bad")
    out = run_code(
        """
        import logging, traceback
        logging.basicConfig(level=0)
        from engine_registry import HOOKS, UnknownNameError
        HOOKS.build({"type": "PluggedHook"})
        print("found without a word")
        assert "HalfHook" not in HOOKS.names
        for _ in range(2):
            try:
                HOOKS.build({"type": "HalfHook"})
            except UnknownNameError as error:
                print(error)
                print("".join(traceback.format_exception(error)))
        """
    )
    before, after = out.split("found without a word")
    assert "no_such_module" not in before
    assert before.count("importing plug_bad") + after.count("importing plug_bad") == 1
    assert "plug-in good" in after
    assert "failed to import: plug-in bad of plug-bad (plug_bad) (ModuleNotFoundError" in after
    assert 'plug_bad.py", line' in after  # the original traceback


def test_threads_that_miss_together_all_find_the_plug_ins_names(
    install: Install, run_code: Any
) -> None:
    source = """
    from engine_registry import HOOKS
    class SharedHook: pass
    def register():
        HOOKS.register_module(module=SharedHook)
    """
    install("plug-three", {"plug_three": source}, hooks="plug_three:register")
    out = run_code(
        """
        import threading
        from engine_registry import HOOKS
        start = threading.Barrier(8)
        built = []
        def look_up():
            start.wait()
            built.append(type(HOOKS.build({"type": "SharedHook"})).__name__)
        threads = [threading.Thread(target=look_up) for _ in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        print(built == ["SharedHook"] * 8)
        """
    )
    assert out == "True\n"


def test_a_plug_in_may_look_up_names_while_it_is_loaded(install: Install, run_code: Any) -> None:
    source = """
    from engine_registry import HOOKS
    assert HOOKS.get("AnotherHook") is None
    HOOKS.register_module("OwnHook", module=list)
    """
    install("plug-four", {"plug_four": source}, hooks="plug_four")
    assert run_code('from engine_registry import HOOKS; print(HOOKS.get("OwnHook"))') == (
        "<class 'list'>\n"
    )


def test_a_child_scope_that_a_plug_in_makes_is_found(install: Install, run_code: Any) -> None:
    source = """
    from engine_registry import HOOKS, Registry
    OWN = Registry("hook", parent=HOOKS, scope="mylib")
    OWN.register_module("OwnHook", module=list)
    """
    install("plug-five", {"plug_five": source}, hooks="plug_five")
    code = 'from engine_registry import HOOKS; print(HOOKS.build({"type": "mylib.OwnHook"}))'
    assert run_code(code) == "[]\n"
    code = code.replace('"mylib.OwnHook"', '"OwnHook", "_scope_": "mylib"')
    assert run_code(code) == "[]\n"
