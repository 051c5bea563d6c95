"""fileio on local files: texts, bytes, lists, formats, copies."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from literals import values

_START = """import io, os
from mmengine.fileio import *
import mmengine, mmengine.utils
from mmengine.utils import *
"""
_PATHS = ["a.txt", "d/b.txt", "d/e/c.json", "n.yaml", "p.pkl", "d", "nothing", "d/../a.txt"]


@st.composite
def programs(draw: Any) -> str:
    """Calls one after another, on the same few paths."""
    lines = []
    for _ in range(draw(st.integers(2, 8))):
        path, other = draw(st.sampled_from(_PATHS)), draw(st.sampled_from(_PATHS))
        value = draw(
            st.one_of(values(3), st.dictionaries(st.sampled_from("ab"), values(2), max_size=2))
        )
        text = draw(st.sampled_from(["", "x\n", "a\nb\nc\n", "1 one\n2 two x\n", "é"]))
        lines.append(
            draw(
                st.sampled_from(
                    [
                        f"put_text({text!r}, {path!r})",
                        f"put({text.encode()!r}, {path!r})",
                        f"get_text({path!r})",
                        f"get({path!r})",
                        f"exists({path!r}), isdir({path!r}), isfile({path!r})",
                        f"sorted(list_dir_or_file({path!r}, recursive={draw(st.booleans())}))",
                        "sorted(list_dir_or_file('.', list_dir=False, suffix='.txt', recursive=True))",
                        "sorted(list_dir_or_file('.', list_dir=False, suffix=('.txt', 'json'), recursive=True))",
                        f"dump({value!r}, {path!r})",
                        f"load({path!r})",
                        f"dump({value!r}, file_format='json')",
                        f"dump({value!r}, file_format='yaml')",
                        f"dump({value!r}, {path!r}, file_format='json')",
                        f"load({path!r}, file_format='json')",
                        f"list_from_file({path!r}, prefix='p', offset=1, max_num=2)",
                        f"dict_from_file({path!r})",
                        f"dict_from_file({path!r}, key_type=int)",
                        f"copyfile({path!r}, {other!r})",
                        f"copy_if_symlink_fails({path!r}, 'link')",
                        f"remove({path!r})",
                        f"rmtree({path!r})",
                        f"join_path('a', {path!r})",
                        "copytree('d', 'copied')",
                        f"copyfile_from_local({path!r}, {other!r})",
                        f"copyfile_to_local({path!r}, {other!r})",
                        f"get_file_backend({path!r}).name, type(get_file_backend({path!r})).__name__",
                        f"FileClient.infer_client(uri={path!r}).name",
                        f"FileClient('disk').get_text({path!r})",
                        f"check_file_exist({path!r})",
                        f"mkdir_or_exist({path!r})",
                        "sorted(scandir('.', suffix='.txt', recursive=True))",
                        f"is_filepath({path!r}), fopen is not None",
                        f"load(io.StringIO({text!r}), file_format='json')",
                    ]
                )
            )
        )
    return _START + "\n".join(
        [*lines, "sorted(str(p) for p in __import__('pathlib').Path('.').rglob('*'))"]
    )
