"""The container's recipe, without a container engine: its steps are run in a folder, its promises are read from it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from pilah_api import cli
from pilah_api.setting_list import unknown_variables
from pilah_api.settings import Settings
from pilah_api.versions import pilah_version
from tests.deploy import wheelhouse
from tests.deploy.recipes import Step, steps


@pytest.fixture(scope="module")
def recipe(root: Path) -> list[Step]:
    return steps(root / "api" / "Containerfile")


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((root / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    return content


def of(recipe: list[Step], word: str, stage: int) -> list[str]:
    return [step.rest for step in recipe if (step.word, step.stage) == (word, stage)]


def variables(recipe: list[Step], stage: int) -> dict[str, str]:
    return dict(pair.split("=", 1) for rest in of(recipe, "ENV", stage) for pair in shlex.split(rest))


def test_the_steps_of_the_build_install_a_pilah_that_its_entry_point_starts(
    recipe: list[Step], root: Path, tmp_path: Path
) -> None:
    source, prefix, links = tmp_path / "src", tmp_path / "opt", tmp_path / "links"
    links.mkdir()
    wheelhouse.fill(links, extras=("postgres", "oidc"))
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        **variables(recipe, 0),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(links),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }

    def here(text: str) -> str:
        return text.replace("/opt/pilah", str(prefix)).replace("/src", str(source))

    for rest in of(recipe, "COPY", 0):
        *origins, target = rest.split()
        _copy(root, origins, source / target)
    for command in of(recipe, "RUN", 0):
        if " install " in command:
            # In the image the build's own tools come from the index; here they are those of the tests.
            build = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w"]
            wheel = [sys.executable, *build, str(links), str(source)]
            subprocess.run(wheel, env=environment, check=True)
            line = command.replace("/src[", f"{next(links.glob('pilah-*.whl'))}[")
        else:
            line = command
        words = shlex.split(here(line))
        subprocess.run(words, cwd=source, env=environment, check=True, stdout=subprocess.DEVNULL)
    (entry,) = of(recipe, "ENTRYPOINT", 1)
    started = [here(word) for word in json.loads(entry)]
    done = subprocess.run([*started, "version"], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"pilah {pilah_version()}\n"
    installed = {path.name.split("-")[0] for path in prefix.glob("lib/*/site-packages/*.dist-info")}
    assert not installed & {"torch", "transformers", "datasets", "pytest", "hatchling"}
    assert {"psycopg", "psycopg_binary", "authlib"} <= installed
    assert list(prefix.glob("lib/*/site-packages/pilah_model/shipped/pilah-mini/manifest.json"))


def _copy(root: Path, origins: list[str], target: Path) -> None:
    for origin in origins:
        if (root / origin).is_dir():
            shutil.copytree(root / origin, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / origin, target / Path(origin).name)


def test_what_is_copied_is_let_through_and_nothing_else_is(recipe: list[Step], root: Path) -> None:
    lines = (root / ".dockerignore").read_text(encoding="utf-8").split()
    assert lines[0] == "*"
    copied = {origin for rest in of(recipe, "COPY", 0) for origin in rest.split()[:-1]}
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    assert all((root / origin).exists() for origin in copied)
    assert not any(fnmatch(name, "*corpora*") or "annotations" in name for name in copied)


def test_the_image_runs_as_nobody_in_particular_and_keeps_only_its_data_folder(recipe: list[Step]) -> None:
    assert [step.stage for step in recipe if step.word == "FROM"] == [0, 1]
    bases = {rest.split()[0] for step in recipe if step.word == "FROM" for rest in [step.rest]}
    assert bases == {"docker.io/library/python:3.11-slim-bookworm"}
    assert of(recipe, "USER", 1) == ["10001"]
    assert of(recipe, "VOLUME", 1) == [variables(recipe, 1)["PILAH_HOME"]] == ["/var/lib/pilah"]
    # The only thing that root does in the image is to make that user; an order after USER would run as the user.
    (made,) = of(recipe, "RUN", 1)
    assert re.match(r"useradd --system --uid 10001 ", made)
    assert of(recipe, "COPY", 1) == ["--from=build /opt/pilah /opt/pilah"]
    assert not any(step.word == "ADD" or "curl" in step.rest for step in recipe)


def test_settings_and_commands_of_the_recipes_exist(recipe: list[Step], compose: dict[str, Any]) -> None:
    named = dict(variables(recipe, 1))
    for service in ("server", "worker"):
        named |= dict.fromkeys(compose["services"][service]["environment"], "x")
    assert unknown_variables(named) == []
    known = cli.build().registered_commands
    names = {command.name or command.callback.__name__ for command in known if command.callback}
    assert json.loads(of(recipe, "CMD", 1)[0])[0] in names
    for service in ("server", "worker"):
        (command,) = compose["services"][service]["command"]
        assert command in names, f"compose.yaml runs pilah {command}"


def test_the_server_of_compose_has_what_a_network_address_needs(compose: dict[str, Any]) -> None:
    environment = dict(compose["services"]["server"]["environment"])
    for name, text in environment.items():
        if "${" in str(text):
            assert ":?set it" in str(text), f"{name} has no default and must be asked for"
    given = {
        **environment,
        "PILAH_PUBLIC_URL": "https://pilah.example",
        "PILAH_SECRET": "Zr8-kopi_hujan_pagi_lampu_1234567890",
        "PILAH_DATA_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "PILAH_DATABASE": "postgresql://pilah:x@database/pilah",
    }
    settings = Settings.from_environment(given)
    settings.require_guard()
    assert str(settings.proxies[0].network_address) in str(compose["networks"]["edge"]).replace("0/24", "1")


def test_the_containers_have_no_more_than_they_need(compose: dict[str, Any]) -> None:
    for name in ("server", "worker"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["volumes"] == ["home:/var/lib/pilah"]
        assert "privileged" not in service
    assert compose["services"]["server"]["ports"] == ["127.0.0.1:8000:8000"], "only this machine reaches the port"
    assert "ports" not in compose["services"]["worker"]
    assert "ports" not in compose["services"]["database"]
    assert compose["networks"]["inside"]["internal"] is True
    assert compose["services"]["worker"]["networks"] == compose["services"]["database"]["networks"] == ["inside"]
