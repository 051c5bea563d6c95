"""Names of MMEngine's `mmengine.fileio.backends.petrel_backend`, from engine_fileio."""

from engine_fileio import PetrelBackend

__all__ = ["PetrelBackend"]
