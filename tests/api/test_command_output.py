from __future__ import annotations

import json
import sys

import pytest

from pilah_api.command_output import json_line, printer, visible
from pilah_api.limits import Limits
from pilah_api.services.classification import Judged, judge_posts
from pilah_model.judgement import Post
from tests.api.stand_in import StandIn

NASTY = "kopi \x1b[31mmerah\x9b2J \u202eterbalik\x07"


def judged(text: str, post_id: str | None = None) -> Judged:
    return judge_posts(StandIn(), [Post(text, post_id)], Limits(), explain=True)[0]


def test_a_post_cannot_steer_the_terminal() -> None:
    assert visible(NASTY) == "kopi \ufffd[31mmerah\ufffd2J \ufffdterbalik\ufffd"
    assert visible("a\r\nb\tc") == "a b c"


def test_json_is_readable_and_harmless() -> None:
    line = json_line(judged("kopi ✌", NASTY))
    assert not set("\x1b\x9b\u202e\x07") & set(line)
    assert json.loads(line)["id"] == NASTY


def test_a_terminal_gets_a_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    show = printer(as_json=False, explain=True)
    show([judged("Gas coblos nomor 2 ya [bold]"), judged("kopi " * 200)])
    show([judged("Lanjutkan Pak!")])
    out = capsys.readouterr().out
    assert "decision" in out
    assert "[bold]" in out
    assert "butuh_konteks" in out
    assert "truncated" in out
    assert all(f" {n} " in out for n in (1, 2, 3))
