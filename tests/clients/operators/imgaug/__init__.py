"""Stands for imgaug, which fails with numpy 2: mmocr imports it; nothing of it is called here."""
