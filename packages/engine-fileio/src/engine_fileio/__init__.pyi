# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_fileio.__about__ import (
    __version__ as __version__,
)
from engine_fileio.backends import (
    BaseStorageBackend as BaseStorageBackend,
    FileInfo as FileInfo,
    FsspecBackend as FsspecBackend,
    HTTPBackend as HTTPBackend,
    LmdbBackend as LmdbBackend,
    LocalBackend as LocalBackend,
    MemcachedBackend as MemcachedBackend,
    MemoryBackend as MemoryBackend,
    PetrelBackend as PetrelBackend,
    S3Backend as S3Backend,
    register_backend as register_backend,
)
from engine_fileio.copying import (
    copy_if_symlink_fails as copy_if_symlink_fails,
    copyfile as copyfile,
    copyfile_from_local as copyfile_from_local,
    copyfile_to_local as copyfile_to_local,
    copytree as copytree,
    copytree_from_local as copytree_from_local,
    copytree_to_local as copytree_to_local,
)
from engine_fileio.file_client import (
    FileClient as FileClient,
    HardDiskBackend as HardDiskBackend,
)
from engine_fileio.handlers import (
    BaseFileHandler as BaseFileHandler,
    JsonHandler as JsonHandler,
    PickleHandler as PickleHandler,
    YamlHandler as YamlHandler,
    register_handler as register_handler,
)
from engine_fileio.io import (
    dump as dump,
    exists as exists,
    exists_many as exists_many,
    generate_presigned_url as generate_presigned_url,
    get as get,
    get_file_backend as get_file_backend,
    get_local_path as get_local_path,
    get_many as get_many,
    get_text as get_text,
    info as info,
    isdir as isdir,
    isfile as isfile,
    join_path as join_path,
    list_dir_or_file as list_dir_or_file,
    load as load,
    put as put,
    put_many as put_many,
    put_text as put_text,
    remove as remove,
    rmtree as rmtree,
)
from engine_fileio.parse import (
    dict_from_file as dict_from_file,
    list_from_file as list_from_file,
)
