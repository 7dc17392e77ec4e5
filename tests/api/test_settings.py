from __future__ import annotations

from pathlib import Path

import pytest

from pilah_api.setting_list import describe, unknown_variables
from pilah_api.settings import Settings, SettingsError, is_loopback, names, variable

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound to it

KEY = "k" * 32


def test_defaults_listen_on_this_machine_only() -> None:
    settings = Settings.from_environment({})
    assert (settings.host, settings.port, settings.engine, settings.max_posts) == ("127.0.0.1", 8000, "auto", 256)
    settings.require_guard()


def test_the_environment_is_read_and_remembered_as_the_source() -> None:
    settings = Settings.from_environment(
        {"PILAH_PORT": "9000", "PILAH_MODEL": "~/m", "PILAH_THREADS": "2", "PILAH_HOST": ""}
    )
    assert settings.port == 9000
    assert settings.threads == 2
    assert settings.model == Path("~/m").expanduser()
    assert settings.host == "127.0.0.1"
    sources = {row.variable: row.source for row in describe(settings)}
    assert sources["PILAH_PORT"] == "PILAH_PORT"
    assert sources["PILAH_HOST"] == "default"


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("PILAH_PORT", "eighty", "0 to 65535"),
        ("PILAH_PORT", "70000", "0 to 65535"),
        ("PILAH_PORT", "-1", "0 to 65535"),
        ("PILAH_PORT", "0" * 20 + "99999", "0 to 65535"),
        ("PILAH_PORT", "８０", "0 to 65535"),
        ("PILAH_MAX_POSTS", "0", "1 to 256"),
        ("PILAH_ENGINE", "gpu", "auto, fp32, int8"),
        ("PILAH_LOG_LEVEL", "loud", "debug, info"),
        ("PILAH_HOST", "a b", "127.0.0.1"),
        ("PILAH_MODEL", "  ", "path of a folder"),
        ("PILAH_MODEL", "~nobody-by-this-name/m", "whose ~ stands for the home"),
        ("PILAH_PUBLIC_URL", "http://pilah.example", "https://"),
        ("PILAH_PUBLIC_URL", "https://pilah.example/path", "https://"),
        ("PILAH_PROXIES", "10.0.0.5,everyone", "addresses or networks"),
    ],
)
def test_a_bad_value_is_refused_by_name_with_what_to_do(name: str, value: str, hint: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        Settings.from_environment({name: value})
    assert hint in str(caught.value)
    assert repr(value) in str(caught.value)


def test_a_weak_key_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError, match="PILAH_API_KEY") as caught:
        Settings.from_environment({"PILAH_API_KEY": "geheim"})
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PILAH_SECRET", "geheim" * 9),
        ("PILAH_SECRET", "geheim12345"),
        ("PILAH_DATA_KEYS", "geheim"),
        ("PILAH_DATABASE", "mysql://u:geheim@h/d"),
    ],
)
def test_a_bad_secret_is_refused_without_being_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        Settings.from_environment({name: value})
    assert "geheim" not in str(caught.value)


def test_a_key_never_shows() -> None:
    settings = Settings.from_environment({"PILAH_API_KEY": KEY})
    assert KEY not in repr(settings)
    assert all(KEY not in row.value for row in describe(settings))


NETWORK = {
    "PILAH_HOST": EVERYWHERE,
    "PILAH_PUBLIC_URL": "https://pilah.example",
    "PILAH_PROXIES": "10.0.0.5,10.1.0.0/16",
    "PILAH_SECRET": "Zr8-kopi_hujan_pagi_lampu_1234567890",
}


def test_a_network_address_needs_a_tls_proxy_and_a_secret() -> None:
    Settings.from_environment(NETWORK).require_guard()
    for name in ("PILAH_PUBLIC_URL", "PILAH_PROXIES", "PILAH_SECRET"):
        incomplete = {variable: value for variable, value in NETWORK.items() if variable != name}
        with pytest.raises(SettingsError, match=name):
            Settings.from_environment({**incomplete, "PILAH_API_KEY": KEY}).require_guard()


def test_a_public_address_closes_the_house_on_loopback_too() -> None:
    alone = Settings.from_environment({})
    shown = Settings.from_environment({"PILAH_PUBLIC_URL": "https://pilah.example/"})
    assert (alone.behind_proxy, alone.trusted_proxies) == (False, ())
    assert shown.behind_proxy
    assert shown.public_url == "https://pilah.example"
    assert [str(network) for network in shown.trusted_proxies] == ["127.0.0.0/8", "::1/128"]


def test_options_override_the_environment_and_name_themselves() -> None:
    settings = Settings.from_environment({"PILAH_PORT": "9000"}).override(port="0", host=None)
    assert settings.port == 0
    assert next(row.source for row in describe(settings) if row.variable == "PILAH_PORT") == "--port"
    with pytest.raises(SettingsError, match="--engine"):
        settings.override(engine="gpu")


def test_every_setting_has_help() -> None:
    rows = describe(Settings())
    assert [row.variable for row in rows] == [variable(name) for name in names()]
    assert all(len(row.help) > 15 and row.help.endswith(".") for row in rows)


def test_unknown_variables_are_found() -> None:
    assert unknown_variables({"PILAH_PROT": "1", "PILAH_PORT": "1", "HOME": "x"}) == ["PILAH_PROT"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        (EVERYWHERE, False),
        ("::", False),
        ("192.168.1.4", False),
        ("example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
