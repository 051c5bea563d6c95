"""One way to read and write, wherever the bytes are."""

from importlib import import_module

_NAMES = {
    "engine_fileio.__about__": ["__version__"],
    "engine_fileio.backends": [
        "BaseStorageBackend",
        "FileInfo",
        "FsspecBackend",
        "HTTPBackend",
        "LmdbBackend",
        "LocalBackend",
        "MemcachedBackend",
        "MemoryBackend",
        "PetrelBackend",
        "S3Backend",
        "register_backend",
    ],
    "engine_fileio.copying": [
        "copy_if_symlink_fails",
        "copyfile",
        "copyfile_from_local",
        "copyfile_to_local",
        "copytree",
        "copytree_from_local",
        "copytree_to_local",
    ],
    "engine_fileio.file_client": ["FileClient", "HardDiskBackend"],
    "engine_fileio.handlers": [
        "BaseFileHandler",
        "JsonHandler",
        "PickleHandler",
        "YamlHandler",
        "register_handler",
    ],
    "engine_fileio.io": [
        "dump",
        "exists",
        "exists_many",
        "generate_presigned_url",
        "get",
        "get_file_backend",
        "get_local_path",
        "get_many",
        "get_text",
        "info",
        "isdir",
        "isfile",
        "join_path",
        "list_dir_or_file",
        "load",
        "put",
        "put_many",
        "put_text",
        "remove",
        "rmtree",
    ],
    "engine_fileio.parse": ["dict_from_file", "list_from_file"],
}
__all__ = sorted(name for names in _NAMES.values() for name in names)


def __getattr__(name: str) -> object:
    """Import what is asked for, when it is."""
    for module, names in _NAMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(module), name)
            return found
    if name in ("backends", "handlers"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
