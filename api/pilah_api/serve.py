"""`pilah serve`: take the port, load the model, open the store, say where it listens, and answer until told to stop."""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext

import uvicorn
from fastapi import FastAPI

from pilah_api.app import DRAIN_SECONDS, create_app
from pilah_api.jobs.embedded import EmbeddedWorkers, worker_command
from pilah_api.keyring import make_key_file
from pilah_api.logging_setup import configure_logging
from pilah_api.protocol import BoundedProtocol
from pilah_api.routes.people import LINK_PATH
from pilah_api.services.housekeeping import purging_daily
from pilah_api.services.loading import close_judge, open_judge
from pilah_api.services.people import first_link
from pilah_api.settings import Settings, SettingsError, address
from pilah_api.store.opening import open_store
from pilah_api.store.units import Store

_BACKLOG = 512
_ALLOCATIONS = 10_000
"""Objects that are made before garbage is looked for; a request makes some hundred, of which next to none are left behind in circles."""
LINK_FILE = "sign-in-link"


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until interrupted. Raises SettingsError for a port or address that cannot be had, PilahError for a bad model or store."""
    settings.require_guard()
    with _stopping_well(), listen(settings) as listener, ExitStack() as opened:
        judge = open_judge(settings)
        opened.callback(close_judge, judge)
        store = open_store(settings.home, settings.database, settings.data_keys)
        opened.callback(store.close)
        app = create_app(settings, judge, store)
        configure_logging(settings.log_level)
        here = address(settings.host, listener.getsockname()[1])
        say(f"Pilah listens on {here}/  (Ctrl+C stops it)")
        _invite_first_administrator(settings, store, here, say)
        server = uvicorn.Server(_configuration(app))
        # Streams of progress end when the server is told to stop, instead of keeping it from stopping.
        app.state.is_stopping = lambda: server.should_exit
        workers = EmbeddedWorkers(worker_command(settings), settings.workers)
        app.state.renew_workers = workers.renew
        _spare_the_collector()
        try:
            with purging_daily(store, settings.home) if settings.purge == "daily" else nullcontext():
                server.run(sockets=[listener])
        finally:
            workers.close()


def _spare_the_collector() -> None:
    """Leave what is there for good out of the collection of garbage, which otherwise stops all requests for a tenth of a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 10, 10)


@contextmanager
def _stopping_well() -> Iterator[None]:
    """Make a request to stop (SIGTERM) the regular end of serving: what is under way is finished, and the exit code is 0."""

    def stop(*_: object) -> None:
        raise _Stopped

    # While uvicorn runs it handles the signal itself, stops in order, and then raises the signal for us again.
    before = signal.signal(signal.SIGTERM, stop) if threading.current_thread() is threading.main_thread() else None
    try:
        yield
    except _Stopped:
        pass
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


class _Stopped(BaseException):
    """The process was asked to stop; no error, and nothing may catch it as one."""


def _configuration(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        http=BoundedProtocol,
        # The gate reads forwarding headers itself, and only from the proxies that the settings name.
        proxy_headers=False,
    )


def _invite_first_administrator(settings: Settings, store: Store, here: str, say: Callable[[str], None]) -> None:
    """Show the way in for as long as no administrator has a password; on a network address only how to get one."""
    file = settings.home / LINK_FILE
    if settings.behind_proxy:
        with store.reading() as unit:
            if not unit.people.page(None, 1):
                say(
                    "Nobody has an account yet; make one on this machine with: pilah user add LOGIN --name NAME --role admin"
                )
        return
    token = first_link(store)
    if token is None:
        file.unlink(missing_ok=True)
        return
    link = f"{here}{LINK_PATH}?kode={token}"
    file.unlink(missing_ok=True)
    make_key_file(file, link)
    say(f"Sign in once with {link}  (valid for 24 hours; then set a password)")


def listen(settings: Settings) -> socket.socket:
    """Take the port before anything slow happens, so that a busy one is known at once. Raises SettingsError."""
    try:
        # The protocol must be named: asyncio sends small answers without delay only on sockets that say TCP.
        family, kind, _, _, where = socket.getaddrinfo(
            settings.host.strip("[]"), settings.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )[0]
        listener = socket.socket(family, kind, socket.IPPROTO_TCP)
    except OSError as error:
        raise SettingsError(_why(error, settings)) from None
    try:
        if os.name == "posix":  # elsewhere the option would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise SettingsError(_why(error, settings)) from None
    return listener


def _why(error: OSError, settings: Settings) -> str:
    where = f"{settings.host} port {settings.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use, perhaps by another Pilah; stop it, or choose another with --port or PILAH_PORT"
    if error.errno == errno.EACCES:
        return f"{where} needs administrator rights; choose a port from 1024 on with --port or PILAH_PORT"
    return f"cannot listen on {where} ({error.strerror}); correct --host or PILAH_HOST"
