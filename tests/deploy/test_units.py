"""The systemd units: what they forbid, what systemd says of them, and that a server runs under the hardest of it."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from pilah_api import cli
from pilah_api.setting_list import unknown_variables
from tests.conftest import skip_aloud
from tests.deploy.recipes import unit

UNITS = ("pilah.service", "pilah-worker.service")
REQUIRED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectControlGroups": "yes",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
    "IPAddressDeny": "any",
    "IPAddressAllow": "localhost",
    "StateDirectoryMode": "0700",
}
_PR_SET_MDWE, _PR_GET_MDWE = 65, 66


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_forbids_what_a_server_does_not_need(root: Path, name: str) -> None:
    service = unit(root / "deploy" / name)["Service"]
    assert {key: service[key][-1] for key in REQUIRED} == REQUIRED
    assert service["User"] == ["pilah"]
    words = service["ExecStart"][0].split()
    assert words[0] == "/opt/pilah/bin/pilah"
    assert words[1] in {
        command.name or getattr(command.callback, "__name__", "") for command in cli.build().registered_commands
    }
    given = dict(pair.split("=", 1) for line in service["Environment"] for pair in line.split())
    assert unknown_variables(given) == []
    assert given["PILAH_HOME"] == "/var/lib/" + service["StateDirectory"][0]


@pytest.mark.parametrize("name", UNITS)
def test_systemd_itself_finds_nothing_wrong_and_little_exposed(root: Path, name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        skip_aloud("systemd-analyze is not installed")
    content = (root / "deploy" / name).read_text(encoding="utf-8")
    copy = tmp_path / name
    # A program that is there takes the place of the one that an installation brings.
    copy.write_text(content.replace("/opt/pilah/bin/pilah", sys.executable).replace("=pilah\n", "=root\n"))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if name in line]
    assert ours == []
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", root / "deploy" / name],
        capture_output=True,
        text=True,
        check=False,
    )
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert level is not None, done.stderr
    assert float(level.group(1)) < 2


def test_a_server_runs_where_no_memory_is_both_written_and_executed(root: Path, tmp_path: Path) -> None:
    libc = ctypes.CDLL(None)
    if libc.prctl(_PR_GET_MDWE, 0, 0, 0, 0) < 0:
        skip_aloud("this kernel cannot forbid memory that is written and executed (Linux 6.3 can)")
    code = (
        f"import ctypes, sys; assert ctypes.CDLL(None).prctl({_PR_SET_MDWE}, 1, 0, 0, 0) == 0;"
        "from pilah_api.cli import run; sys.exit(run(['serve', '--port', '0']))"
    )
    path = os.pathsep.join(str(root / part) for part in ("data", "model", "api"))
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        env={**os.environ, "PYTHONPATH": path, "PILAH_HOME": str(tmp_path / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        umask=0o077,
    )
    try:
        assert process.stdout
        address = re.search(r"http://\S+/", process.stdout.readline())
        assert address is not None
        request = urllib.request.Request(  # noqa: S310 - our own server
            address.group() + "v1/classify", b'{"texts": ["Apel pagi lancar"]}', {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            assert answer.status == 200
        # A sign-in hashes a password, in C of its own.
        request = urllib.request.Request(  # noqa: S310
            address.group() + "v1/session", b'{"login": "x", "password": "y"}', {"content-type": "application/json"}
        )
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(request, timeout=60)  # noqa: S310
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert not [path for path in (tmp_path / "home").rglob("*") if path.stat().st_mode & 0o077]
