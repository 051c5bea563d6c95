"""What mmocr's annotations name."""

from types import SimpleNamespace

meta = SimpleNamespace(Augmenter=object)
