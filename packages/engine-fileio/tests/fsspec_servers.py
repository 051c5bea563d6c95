"""Real servers that fsspec's drivers talk to: sshd, WebDAV, Google's storage."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fileio_servers import free_port, running, script


@contextmanager
def sshd(folder: Path) -> Iterator[dict[str, object]]:
    """Run OpenSSH's server for this user and give the driver's options."""
    port = free_port()
    for key in ("host", "user"):
        command = [script("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
        subprocess.run(command, check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where the server leaves its rights
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "user.pub",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "Subsystem": "sftp internal-sftp",
        "MaxStartups": 100,
        "MaxSessions": 100,
    }
    (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    with running([script("sshd"), "-D", "-e", "-f", str(folder / "config")], port):
        yield {
            "host": "127.0.0.1",
            "port": port,
            "username": getpass.getuser(),
            "key_filename": str(folder / "user"),
        }


@contextmanager
def webdav(folder: Path) -> Iterator[dict[str, object]]:
    """Serve ``folder`` by WsgiDAV and give the driver's options."""
    port = free_port()
    command = [script("wsgidav"), "--host", "127.0.0.1", "--port", str(port), "--no-config"]
    with running([*command, "--root", str(folder), "--auth", "anonymous"], port):
        yield {"base_url": f"http://127.0.0.1:{port}"}


@contextmanager
def google() -> Iterator[dict[str, object]]:
    """Run an emulator of Google's storage and give the driver's options."""
    # the driver's newest part talks gRPC over TLS to Google itself
    os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"
    port = free_port()
    command = [sys.executable, "-c", "from gcp_storage_emulator.__main__ import main; main()"]
    own = ["start", "--host", "127.0.0.1", "--port", str(port), "--in-memory"]
    own += ["--default-bucket", "bucket"]
    with running([*command, *own], port):
        yield {"endpoint_url": f"http://127.0.0.1:{port}", "token": "anon"}
