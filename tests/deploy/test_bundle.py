"""The offline bundle is built, checked, and installed with every connection refused; a damaged one is not installed."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from pilah_api.versions import pilah_version
from tests.deploy import wheelhouse

EXTRAS = ("postgres", "oidc")


@pytest.fixture(scope="session")
def bundler(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle", root / "deploy" / "bundle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def built(bundler: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bundle, made without a package index; what heavy libraries hold is left out."""
    base = tmp_path_factory.mktemp("bundle")
    (base / "links").mkdir()
    wheelhouse.fill(base / "links", extras=EXTRAS)
    arguments = ["--out", str(base / "out"), "--find-links", str(base / "links"), "--trial", "version"]
    assert bundler.main(arguments) == 0
    (archive,) = (base / "out").glob("*.tar")
    with tarfile.open(archive) as tar:
        tar.extractall(base / "unpacked", filter="data")
    return base / "unpacked" / archive.stem


def install(bundle: Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [bundle / "install.sh", folder],
        env={**os.environ, "PYTHON": sys.executable, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_bundle_holds_all_that_serving_needs_and_nothing_of_training(built: Path) -> None:
    wheels = {path.name.split("-")[0] for path in (built / "wheels").glob("*.whl")}
    expected = {one.metadata["Name"].lower().replace("-", "_") for one in wheelhouse.needed("pilah", EXTRAS)}
    assert wheels == {"pilah"} | expected
    assert not wheels & {"torch", "transformers", "scikit_learn", "datasets", "pytest"}
    own = next((built / "wheels").glob("pilah-*.whl"))
    assert own.stat().st_size > 2**20, "the model travels inside the wheel"
    assert (built / "pilah.service").exists()
    assert (built / "operations.md").exists()


def test_the_sbom_names_every_library_with_its_version(built: Path) -> None:
    content = json.loads((built / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert content["bomFormat"] == "CycloneDX"
    named = {one["name"].lower().replace("-", "_"): one["version"] for one in content["components"]}
    for path in (built / "wheels").glob("*.whl"):
        name, version = path.name.split("-")[:2]
        assert named.get(name) == version or content["metadata"]["component"]["name"] == name, name


def test_a_bundle_installs_with_every_connection_refused(built: Path, bundler: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(bundler.SEALED)
    called = subprocess.run(
        [sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', 9), timeout=1)"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "must install without a network" in called.stderr, "the seal holds"
    done = install(built, tmp_path / "pilah", PYTHONPATH=str(tmp_path), PIP_INDEX_URL="http://127.0.0.1:9/")
    assert done.returncode == 0, done.stderr
    assert f"pilah {pilah_version()}" in done.stdout
    again = install(built, tmp_path / "pilah")
    assert (again.returncode, "holds a Pilah already" in again.stderr) == (2, True)


def test_a_damaged_bundle_is_not_installed(built: Path, bundler: ModuleType, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", built, copy], check=True)
    wheel = next((copy / "wheels").glob("typer-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    done = install(copy, tmp_path / "pilah")
    assert (done.returncode, "does not have the checksum" in done.stderr) == (3, True)
    # Whoever changes the sums too still meets the hashes that pip asks for.
    bundler._note_sums(copy)
    done = install(copy, tmp_path / "pilah")
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert not (tmp_path / "pilah" / "bin" / "pilah").exists()


def test_the_installer_wants_one_folder(built: Path) -> None:
    done = subprocess.run([built / "install.sh"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.startswith("usage:")) == (2, True)
