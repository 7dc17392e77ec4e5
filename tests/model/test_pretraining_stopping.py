"""A run that is cut off goes on where it was: signals, kills in the cool-down, networks that are lost, disks that are full."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from pilah_data.errors import DataError
from pilah_data.normalise import normalise_text
from pilah_data.raw_texts import DOMAINS
from pilah_model.artefacts import file_sha256
from pilah_model.material import Material
from pilah_model.pretraining import exporting, loop
from pilah_model.pretraining.checkpoint import Progress
from pilah_model.pretraining.config import Budget, PretrainConfig
from pilah_model.pretraining.cooldown import Cooldown
from pilah_model.pretraining.loop import pretrain
from pilah_model.pretraining.network import Shape
from pilah_model.pretraining.objective import Objective
from pilah_model.pretraining.optimisers import set_rate
from pilah_model.pretraining.packing import Packed, load_packed, pack
from pilah_model.pretraining.stopping import StoppedError

CONFIG = PretrainConfig(
    shape=Shape(layers=2, hidden=32, heads=2, intermediate=64), batch_tokens=256, warmup_steps=2, skipgram=False
)
HOURS = 60.0
COOLING = Budget(HOURS, 0.5 * HOURS, checkpoint_minutes=0.0, report_seconds=HOURS * 60, max_steps=20)
"""Twenty steps, of which ten cool down, and a checkpoint after each."""
QUIET = dataclasses.replace(COOLING, checkpoint_minutes=HOURS)
Log = Callable[[str], None]
Pretrain = Callable[..., Path]


class KilledError(Exception):
    """Stands for a process that ends at this point."""


@pytest.fixture(scope="module")
def packed(few: Material, tiny_tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Packed:
    out = tmp_path_factory.mktemp("packed")
    pack([(DOMAINS[i % 3], normalise_text(p.text)) for i, p in enumerate(few.authored)], tiny_tokenizer, out)
    return load_packed(out)


@pytest.fixture
def run(packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path) -> Pretrain:
    """Pretrain into one folder."""

    def call(budget: Budget = QUIET, log: Log = lambda _: None, config: PretrainConfig = CONFIG) -> Path:
        return pretrain(config, packed, tiny_tokenizer, tmp_path / "run", budget, log)

    return call


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The learning rate of every step, as a share of the full one."""
    found: list[float] = []

    def noted(optimisers: list[torch.optim.Optimizer], rate: float) -> None:
        found.append(rate / CONFIG.learning_rate)
        set_rate(optimisers, rate)

    monkeypatch.setattr(loop, "set_rate", noted)
    return found


def at_line(start: str, count: int, act: Callable[[], object], lines: list[str] | None = None) -> Log:
    """Return a log that acts when the n-th line with such a beginning comes."""
    seen = [0]

    def log(line: str) -> None:
        if lines is not None:
            lines.append(line)
        if line.startswith(start):
            seen[0] += 1
            if seen[0] == count:
                act()

    return log


def be_killed() -> None:
    raise KilledError


def progress_of(folder: Path) -> Progress:
    return Progress.from_json((folder / "progress.json").read_text())


def test_a_cooldown_that_was_killed_goes_on_where_it_was(run: Pretrain, rates: list[float], tmp_path: Path) -> None:
    cooling = tmp_path / "run" / "cooling"
    with pytest.raises(KilledError):
        run(COOLING, at_line(f"saved {cooling}", 5, be_killed))
    assert progress_of(cooling).steps == 15
    lines: list[str] = []
    encoder = run(QUIET, lines.append)
    assert "going on with the cool-down that was cut off: 50% of 30 min done, 15.0 min left" in lines
    record = json.loads((encoder / "pretraining.json").read_text())
    assert record["steps"] == 20
    assert "cooldown" not in record
    assert rates[10:] == pytest.approx([1.0 - step / 10 for step in range(10)], abs=0.01)
    assert not cooling.exists()
    # What the run can be prolonged from is what it was when the cool-down began.
    assert progress_of(tmp_path / "run" / "stable").steps == 10
    assert json.loads((run(QUIET) / "pretraining.json").read_text())["steps"] == 30


def test_a_cooldown_lasts_as_long_as_it_was_begun_with(run: Pretrain, rates: list[float], tmp_path: Path) -> None:
    with pytest.raises(KilledError):
        run(COOLING, at_line(f"saved {tmp_path / 'run' / 'cooling'}", 5, be_killed))
    lines: list[str] = []
    run(dataclasses.replace(QUIET, minutes=2 * HOURS, cooldown_minutes=HOURS, max_steps=400), lines.append)
    assert any("the minutes of this call are not used" in line for line in lines)
    assert len(rates) == 20
    assert rates[15] == pytest.approx(0.5, abs=0.01)


def test_a_call_without_cooldown_prolongs_the_run_from_before_it(run: Pretrain, tmp_path: Path) -> None:
    cooling = tmp_path / "run" / "cooling"
    with pytest.raises(KilledError):
        run(COOLING, at_line(f"saved {cooling}", 5, be_killed))
    lines: list[str] = []
    log = at_line("saved", 1, be_killed, lines)
    with pytest.raises(KilledError):
        run(dataclasses.replace(QUIET, cooldown_minutes=0.0, max_steps=7), log)
    assert any(line.startswith("without --cooldown-minutes the run goes on from before") for line in lines)
    assert "resuming after" in lines[1]
    assert lines[1].endswith("10 steps")
    assert progress_of(tmp_path / "run" / "stable").steps == 17
    assert not cooling.exists()


def test_a_cooldown_of_a_run_that_was_prolonged_since_is_left_alone(run: Pretrain, tmp_path: Path) -> None:
    cooling = tmp_path / "run" / "cooling"
    with pytest.raises(KilledError):
        run(COOLING, at_line(f"saved {cooling}", 5, be_killed))
    # Killed between the save of the prolonged run and the removal of what it makes obsolete.
    state = json.loads((cooling / "progress.json").read_text())
    state["cooldown"]["began_after"] = 9
    (cooling / "progress.json").write_text(json.dumps(state))
    lines: list[str] = []
    run(QUIET, lines.append)
    assert lines[0].startswith("resuming after")
    assert lines[0].endswith("10 steps")


def test_a_process_killed_in_the_cooldown_loses_nothing_but_the_last_minutes(
    run: Pretrain, packed: Packed, tmp_path: Path
) -> None:
    program = f"""
import os, signal, sys
from pathlib import Path
from tests.model.test_pretraining_stopping import CONFIG, COOLING, at_line
from pilah_model.pretraining.loop import pretrain
from pilah_model.pretraining.packing import load_packed
from tokenizers import Tokenizer
packed = load_packed(Path({str(packed.vocabulary.parent)!r}))
kill = at_line("saved {tmp_path}/run/cooling", 3, lambda: os.kill(os.getpid(), signal.SIGKILL))
pretrain(CONFIG, packed, Tokenizer.from_file(str(packed.vocabulary)), Path({str(tmp_path / "run")!r}), COOLING, kill)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, env=os.environ, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    encoder = run(QUIET)
    assert json.loads((encoder / "pretraining.json").read_text())["steps"] == 20
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["encoder", "stable"]


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def asked(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    # A shell starts what it runs in the background with the interrupt ignored, and that is inherited.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield request.param
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("steps", "place"), [(3, "stable"), (14, "cooling")])
def test_a_signal_ends_a_run_after_the_step_and_saves_it(
    run: Pretrain, asked: signal.Signals, steps: int, place: str, tmp_path: Path
) -> None:
    handlers = [signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)]
    budget = dataclasses.replace(QUIET, report_seconds=0.0)
    folder = tmp_path / "run" / place
    with pytest.raises(StoppedError, match=f"stopped by {asked.name}, saved in {folder}") as stopped:
        run(budget, at_line("step", steps, lambda: signal.raise_signal(asked)))
    assert stopped.value.signal == asked
    assert progress_of(folder).steps == steps
    assert [signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)] == handlers
    lines: list[str] = []
    run(QUIET, lines.append)
    assert any(line.endswith(f"{steps} steps") for line in lines if line.startswith("resuming"))


def test_a_second_interrupt_ends_at_once(run: Pretrain) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        budget = dataclasses.replace(QUIET, report_seconds=0.0)

        def twice() -> None:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            run(budget, at_line("step", 2, twice))
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_signal_that_is_ignored_stays_ignored(run: Pretrain) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run(
            dataclasses.replace(QUIET, report_seconds=0.0),
            at_line("step", 2, lambda: signal.raise_signal(signal.SIGINT)),
        )
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_run_is_saved_once_its_vectors_are_there(run: Pretrain, tmp_path: Path) -> None:
    config = dataclasses.replace(CONFIG, skipgram=True)
    with pytest.raises(KilledError):
        run(dataclasses.replace(QUIET, report_seconds=0.0), at_line("step", 1, be_killed), config)
    assert progress_of(tmp_path / "run" / "stable").steps == 0
    lines: list[str] = []
    run(QUIET, lines.append, config)
    assert not any("skip-gram" in line for line in lines)


def spoil(stable: Path, name: str) -> None:
    """Put one weight that is lost into a checkpoint, as a save of a former version would have."""
    weights = load_file(stable / "model.safetensors")
    weights[f"bert.embeddings.{name}.weight"][1, :] = math.nan
    save_file(weights, stable / "model.safetensors")
    state = json.loads((stable / "progress.json").read_text())
    state["sha256"]["model.safetensors"] = file_sha256(stable / "model.safetensors")
    (stable / "progress.json").write_text(json.dumps(state))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# The type of a second sentence is in no batch and in no loss.
@pytest.mark.parametrize("name", ["word_embeddings", "token_type_embeddings"])
@pytest.mark.parametrize("cooldown", [0.0, 0.5 * HOURS, HOURS])
def test_a_network_that_is_no_number_takes_the_place_of_nothing(
    run: Pretrain, cooldown: float, name: str, tmp_path: Path
) -> None:
    run(QUIET)
    spoil(tmp_path / "run" / "stable", name)
    before = contents(tmp_path / "run")
    with pytest.raises(DataError, match=r"no longer finite after step \d+; nothing was saved"):
        run(dataclasses.replace(QUIET, cooldown_minutes=cooldown))
    assert contents(tmp_path / "run") == before


@pytest.mark.parametrize("cooldown", [0.0, HOURS])
def test_a_held_out_loss_that_is_infinite_ends_the_run(
    run: Pretrain, cooldown: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run(QUIET)
    before = contents(tmp_path / "run")
    monkeypatch.setattr(Objective, "held_out_loss", lambda *_: {"tokens": 9.0, "social": math.inf})
    with pytest.raises(DataError, match=r"held-out loss .*inf.* is no longer finite"):
        run(dataclasses.replace(QUIET, cooldown_minutes=cooldown))
    assert contents(tmp_path / "run") == before


def test_a_rate_that_blows_the_network_up_ends_the_run(run: Pretrain, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no longer finite"):
        run(dataclasses.replace(QUIET, max_steps=200), config=dataclasses.replace(CONFIG, learning_rate=1e30))
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.parametrize("name", ["model.safetensors", "optimiser.safetensors"])
def test_a_flipped_byte_in_a_checkpoint_is_seen(run: Pretrain, name: str, tmp_path: Path) -> None:
    run(QUIET)
    path = tmp_path / "run" / "stable" / name
    body = bytearray(path.read_bytes())
    body[-5] ^= 0xFF
    path.write_bytes(body)
    with pytest.raises(DataError, match=rf"stable: checkpoint cannot be read \({name} is damaged\)"):
        run(QUIET)


def test_a_checkpoint_without_hashes_is_read(run: Pretrain, tmp_path: Path) -> None:
    run(QUIET)
    path = tmp_path / "run" / "stable" / "progress.json"
    state = json.loads(path.read_text())
    assert set(state.pop("sha256")) == {"model.safetensors", "optimiser.safetensors"}
    path.write_text(json.dumps(state))
    run(QUIET)


def test_a_checkpoint_is_on_the_disk_before_the_former_one_goes(
    run: Pretrain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run(QUIET)
    events: list[str] = []
    sync, replace = os.fsync, os.replace

    def synced(handle: int) -> None:
        events.append(str(Path(f"/proc/self/fd/{handle}").readlink().relative_to(tmp_path / "run")))
        sync(handle)

    def replaced(one: Path, other: Path) -> None:
        events.append(f"{one.name} > {other.name}")
        replace(one, other)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    run(dataclasses.replace(QUIET, max_steps=2))
    swap = events.index("stable > stable.old")
    files = {"model.safetensors", "optimiser.safetensors", "config.json", "progress.json"}
    assert {f"stable.new/{name}" for name in files} | {"stable.new"} == set(events[:swap])
    assert events[swap + 1 : swap + 3] == ["stable.new > stable", "."]


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the system refuse larger files, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize("size", [100, 10_000])
def test_a_full_disk_is_named_with_the_folder_and_leaves_the_former_state(
    run: Pretrain, size: int, tmp_path: Path
) -> None:
    run(QUIET)
    before = contents(tmp_path / "run")
    with (
        files_of_at_most(size),
        pytest.raises(DataError, match=r"run/stable: cannot be written \(.*File too large.*make room"),
    ):
        run(QUIET)
    assert contents(tmp_path / "run") == before


def test_a_disk_that_fills_up_at_the_end_leaves_the_cooldown(
    run: Pretrain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def limited(*args: object, **kwargs: object) -> None:
        with files_of_at_most(100):
            write(*args, **kwargs)  # type: ignore[arg-type]

    write = exporting.write_encoder
    with monkeypatch.context() as patch:
        patch.setattr(exporting, "write_encoder", limited)
        with pytest.raises(DataError, match=r"run/encoder: cannot be written \(.*make room"):
            run(COOLING)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["cooling", "stable"]
    assert json.loads((run(QUIET) / "pretraining.json").read_text())["steps"] == 20


def test_how_far_a_cooldown_is() -> None:
    assert str(Cooldown(10, 0.75, 60.0, 30.0, None)) == "50% of 30 min done, 15.0 min left"
    assert Cooldown(10, 1.2, 60.0, 30.0, None).done == 1.0
    assert Cooldown(0, 0.25, 60.0, 60.0, None).done == 0.25
