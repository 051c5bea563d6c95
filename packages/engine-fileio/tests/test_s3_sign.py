"""Our signature is botocore's."""

from __future__ import annotations

from unittest.mock import patch

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from engine_fileio.s3.sign import Keys, Signer

words = st.text("abcXYZ019/+=", min_size=1, max_size=40)


@given(
    access=words, secret=words, token=st.none() | words, path=st.text("abc/%20.~-_", max_size=30)
)
def test_it_signs_as_botocore_signs(access: str, secret: str, token: str | None, path: str) -> None:
    request = AWSRequest("GET", f"http://host.example:9000/bucket/{path}")
    request.context["client_config"] = None
    S3SigV4Auth(Credentials(access, secret, token), "s3", "eu-west-1").add_auth(request)
    now = request.context["timestamp"]
    signer = Signer("host.example:9000", "eu-west-1")
    with patch("time.strftime", return_value=now):  # at the same second
        lines = signer.headers(f"/bucket/{path}", Keys(access, secret, token))
    ours = dict(line.split(":", 1) for line in lines.lower().split("\r\n") if line)
    assert ours.pop("host") == "host.example:9000"
    assert ours == {name.lower(): value.lower() for name, value in request.headers.items()}


def test_a_new_day_has_a_new_key() -> None:
    signer, keys = Signer("h", "r"), Keys("a", "s", None)
    one = signer._at("/x", keys, "20260101T235959Z")
    two = signer._at("/x", keys, "20260102T000000Z")
    assert signer._at("/x", keys, "20260101T235959Z") == one != two
