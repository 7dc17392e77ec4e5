"""Builds the offline bundle: wheels of Pilah and all that serving needs, their checksums, an installer, an SBOM.

The bundle is installed once, with every network connection refused, before it is called finished; the SBOM lists what was installed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = "postgres,oidc"
WHEELS, SUMS, LOCK, SBOM, INSTALLER = "wheels", "SHA256SUMS", "requirements.txt", "sbom.cdx.json", "install.sh"
DEPLOYED = ("pilah.service", "pilah-worker.service")
GUIDES = ("operations.md", "cases.md", "permissions.md", "data-flow.md", "dpia.md")
SEALED = """\
# Imported by every Python that starts while the bundle is tried: whatever calls out fails.
import socket


def refuse(self, address, *rest):
    raise OSError(f"the bundle must install without a network, but something calls {address!r}")


socket.socket.connect = refuse
socket.socket.connect_ex = refuse
"""


def main(arguments: Sequence[str]) -> int:
    """Build the bundle in a folder and pack it beside; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder that receives bundle and archive")
    parser.add_argument(
        "--trial", default="classify 'Apel pagi berjalan lancar'", help="what the installed pilah must do"
    )
    parser.add_argument("--find-links", type=Path, help="folder of wheels to take instead of asking a package index")
    given = parser.parse_args(arguments)
    wheel_name = f"py{sys.version_info.major}{sys.version_info.minor}-{sysconfig.get_platform().replace('-', '_')}"
    with tempfile.TemporaryDirectory(prefix="pilah-bundle-") as work:
        bundle = Path(work) / "bundle"
        (bundle / WHEELS).mkdir(parents=True)
        own = _collect(bundle / WHEELS, given.find_links)
        for name in (INSTALLER, *DEPLOYED):
            if (ROOT / "deploy" / name).exists():
                shutil.copy2(ROOT / "deploy" / name, bundle / name)
        for name in GUIDES:
            shutil.copy2(ROOT / "docs" / name, bundle / name)
        (bundle / LOCK).write_text(_lock(bundle / WHEELS), encoding="ascii")
        _note_sums(bundle)
        _try_out(bundle, Path(work), shlex.split(given.trial))
        _note_sums(bundle)
        final = given.out / f"pilah-{own.name.split('-')[1]}-offline-{wheel_name}"
        shutil.rmtree(final, ignore_errors=True)
        given.out.mkdir(parents=True, exist_ok=True)
        shutil.move(bundle, final)
    archive = final.with_name(final.name + ".tar")
    with tarfile.open(archive, "w") as tar:
        tar.add(final, final.name)
    print(f"{archive} holds {len(list((final / WHEELS).iterdir()))} wheels; unpack it and run ./{INSTALLER} FOLDER")
    print(f"sha256 {_hash(archive)}")
    return 0


def _collect(wheels: Path, links: Path | None) -> Path:
    """Fill the folder with Pilah's own wheel and those of all it needs; return its own."""
    source = [] if links is None else ["--no-index", "--find-links", str(links), "--no-build-isolation"]
    _pip("wheel", "--no-deps", "--wheel-dir", str(wheels), *source, str(ROOT))
    (own,) = wheels.glob("pilah-*.whl")
    _pip("wheel", "--only-binary", ":all:", "--wheel-dir", str(wheels), *source, f"{own}[{EXTRAS}]")
    return own


def _lock(wheels: Path) -> str:
    """Return the requirements that name every wheel by version and hash, so that pip installs these and no others."""
    lines = []
    for wheel in sorted(wheels.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        extras = f"[{EXTRAS}]" if name == "pilah" else ""
        lines.append(f"{name}{extras}=={version} --hash=sha256:{_hash(wheel)}\n")
    return "".join(lines)


def _note_sums(bundle: Path) -> None:
    files = sorted(path for path in bundle.rglob("*") if path.is_file() and path.name != SUMS)
    lines = [f"{_hash(path)}  {path.relative_to(bundle).as_posix()}\n" for path in files]
    (bundle / SUMS).write_text("".join(lines), encoding="ascii")


def _try_out(bundle: Path, work: Path, trial: Sequence[str]) -> None:
    """Install the bundle without a network, let it do something, and write the SBOM of what is installed."""
    sealed, prefix = work / "sealed", work / "prefix"
    sealed.mkdir()
    (sealed / "sitecustomize.py").write_text(SEALED, encoding="ascii")
    environment = {**os.environ, "PYTHONPATH": str(sealed), "PILAH_HOME": str(work / "home"), "PYTHON": sys.executable}
    _run([bundle / INSTALLER, prefix], environment)
    _run([prefix / "bin" / "pilah", *trial], environment)
    environment.pop("PYTHONPATH")
    _run(
        [
            sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", ROOT / "pyproject.toml",
            "--output-reproducible", "--output-file", bundle / SBOM, prefix / "bin" / "python",
        ],
        environment,
    )  # fmt: skip


def _pip(*arguments: str) -> None:
    _run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], dict(os.environ))


def _run(command: Sequence[object], environment: dict[str, str]) -> None:
    words = [str(word) for word in command]
    if subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit(f"the bundle is not made: this failed, see above: {' '.join(words)}")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
