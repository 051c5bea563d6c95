"""boto3's errors as the built-in ones that a caller expects."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine_fileio.address import Address, shown
from engine_fileio.errors import RemoteError, UnreachableError, no_such_file
from engine_fileio.optional import later
from engine_fileio.s3.client import S3Connection

_MISSING = {"404", "NoSuchKey", "NotFound", "NoSuchVersion"}
CONDITION_FAILED = {"412", "PreconditionFailed", "ConditionalRequestConflict"}
"""What a service says of a conditional request that it did not carry out."""
_DENIED = {
    "401",
    "403",
    "AccessDenied",
    "AllAccessDisabled",
    "ExpiredToken",
    "Forbidden",
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
}


_AGAIN = {429, 500, 502, 503, 504}  # boto3 has tried again, in vain
_AGAIN_CODES = {"InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown"}


@contextmanager
def telling(filepath: Address, connection: S3Connection) -> Iterator[None]:
    """Raise what boto3 raises as a built-in exception that names the address.

    Raises:
        FileNotFoundError: there is no such object, or no such bucket.
        PermissionError: the service refuses, or there are no credentials.
        UnreachableError: no answer until the last try.
        RemoteError: anything else that the service said.
    """
    try:
        yield
    except ImportError:
        raise
    except Exception as error:
        known = _translate(error, filepath, connection)
        if known is None:
            raise
        raise known from error


def _translate(error: Exception, filepath: Address, connection: S3Connection) -> Exception | None:
    known = later("botocore.exceptions")
    gave_up = later("s3transfer.exceptions").RetriesExceededError
    address = shown(filepath)
    if isinstance(error, known.ClientError):
        return _of_answer(error.response, address, connection)
    if isinstance(error, gave_up):
        return UnreachableError(f"{address!r} at {connection.where}: {error.last_exception}")
    if isinstance(error, known.NoCredentialsError | known.PartialCredentialsError):
        return PermissionError(
            errno.EACCES,
            f"{error}: give access_key= and secret_key=, profile=, anonymous=True, or set "
            f"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            address,
        )
    broken = known.HTTPClientError | known.ConnectionError | known.IncompleteReadError
    if isinstance(error, broken):
        return UnreachableError(f"{address!r} at {connection.where}: {error}")
    if isinstance(error, known.ParamValidationError | known.ProfileNotFound):
        return ValueError(f"{address!r} at {connection.where}: {error}")
    if isinstance(error, known.BotoCoreError):
        return RemoteError(f"{address!r} at {connection.where}: {error}")
    return None


def _of_answer(answer: dict[str, Any], address: str, connection: S3Connection) -> Exception:
    code = str(answer.get("Error", {}).get("Code", ""))
    said = answer.get("Error", {}).get("Message", "")
    if code == "NoSuchBucket":
        return no_such_file(address, f"no such bucket at {connection.where}")
    if code in _MISSING:
        return no_such_file(address, f"no such object at {connection.where}")
    if code in _DENIED:
        message = f"{connection.where} refuses: {said} ({code}); are the credentials right?"
        return PermissionError(errno.EACCES, message, address)
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = UnreachableError if status in _AGAIN or code in _AGAIN_CODES else RemoteError
    return kind(f"{address!r} at {connection.where}: {said} ({code})")
