"""AWS Signature Version 4 of a GET without a query, in microseconds.

Source: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from engine_fileio.optional import later

_EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing


class Keys(NamedTuple):
    """What signs: two keys, and perhaps a token."""

    access: str
    secret: str
    token: str | None


class Signer:
    """Signs GETs of one host with one day's key, which it derives anew when the day ends."""

    def __init__(self, host: str, region: str) -> None:
        self._host = host
        self._region = region
        self._derived: tuple[Keys, str, bytes] | None = None
        self._hmac: Any = later("hmac")
        self._sha256: Any = later("hashlib").sha256

    def headers(self, path: str, keys: Keys) -> str:
        """Return the header lines that a GET of the percent-encoded ``path`` needs."""
        return self._at(path, keys, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()))

    def _at(self, path: str, keys: Keys, now: str) -> str:
        day = now[:8]
        scope = f"{day}/{self._region}/s3/aws4_request"
        token = f"x-amz-security-token:{keys.token}\n" if keys.token else ""
        signed = "host;x-amz-content-sha256;x-amz-date" + (
            ";x-amz-security-token" if keys.token else ""
        )
        lines = f"host:{self._host}\nx-amz-content-sha256:{_EMPTY}\nx-amz-date:{now}\n{token}"
        request = f"GET\n{path}\n\n{lines}\n{signed}\n{_EMPTY}"
        digest = self._sha256(request.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{digest}"
        mac = self._hmac.new(self._key(keys, day), to_sign.encode(), "sha256").hexdigest()
        return lines.replace("\n", "\r\n") + (
            f"authorization:AWS4-HMAC-SHA256 Credential={keys.access}/{scope}, "
            f"SignedHeaders={signed}, Signature={mac}\r\n"
        )

    def _key(self, keys: Keys, day: str) -> bytes:
        if self._derived is None or self._derived[:2] != (keys, day):
            key = b"AWS4" + keys.secret.encode()
            for part in (day, self._region, "s3", "aws4_request"):
                key = self._hmac.digest(key, part.encode(), "sha256")
            self._derived = keys, day, key
        return self._derived[2]
