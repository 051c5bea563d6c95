"""What is built of a config that nobody has trusted: registered names, no import paths."""

from __future__ import annotations

import pytest

from engine_registry import Registry, UntrustedNameError, build_from_cfg, is_trusted, trusting


class Strange(dict):
    """A config that a stranger wrote."""

    def __trusted__(self) -> bool:
        return False


class Holder:
    """Builds what it is given in turn."""

    def __init__(self, inner: object = None, registry: Registry | None = None) -> None:
        self.trusted = is_trusted()
        self.inner = registry.build(inner) if registry is not None and inner else inner


@pytest.fixture
def registry() -> Registry:
    made = Registry("thing", scope="test_of_trust")
    made.register_module(module=Holder)
    return made


def test_a_registered_name_is_built(registry: Registry) -> None:
    built = registry.build(Strange(type="Holder"))
    assert not built.trusted and is_trusted()
    assert registry.build({"type": "Holder"}).trusted


def test_an_import_path_is_named_and_refused(registry: Registry) -> None:
    path = "collections.OrderedDict"
    assert registry.build({"type": path}) == {}
    with pytest.raises(UntrustedNameError, match=r"would import .*OrderedDict.*trust=True"):
        registry.build(Strange(type=path))
    with pytest.raises(UntrustedNameError):
        registry.build(Strange(type="Holder", inner={"type": path}, registry=registry))
    with pytest.raises(UntrustedNameError):
        build_from_cfg({"inner": 1}, registry, Strange(type=path))
    assert registry.build(Strange(type=path), trust=True) == {}
    with pytest.raises(UntrustedNameError):
        registry.build({"type": path}, trust=False)


def test_who_said_so_first_decides(registry: Registry) -> None:
    path = "collections.OrderedDict"
    inner = Strange(type=path)
    built = registry.build(Strange(type="Holder", inner=inner, registry=registry), trust=True)
    assert built.inner == {}
    with trusting(False), pytest.raises(UntrustedNameError):
        registry.build({"type": path})
    with trusting(True):
        assert registry.build(inner) == {}


def test_no_scope_is_imported_for_a_stranger(registry: Registry) -> None:
    with pytest.raises(UntrustedNameError, match=r"would import .*json\.registry"):
        registry.build(Strange(type="json.Decoder"))
