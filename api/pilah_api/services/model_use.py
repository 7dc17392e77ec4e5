"""Putting another model version in use, and going back to the one before: loaded first, switched at once, recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pilah_api.access import ConflictError
from pilah_api.services.act_reasons import checked_reason
from pilah_api.services.loading import close_judge, load_folder
from pilah_api.services.shelf import Shelf, ShelfError
from pilah_api.settings import Settings
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store
from pilah_data.errors import InputError
from pilah_model.judge import Judge


def use_model(
    store: Store,
    settings: Settings,
    model_id: str,
    reason: str,
    origin: Origin,
    *,
    seen: str,
    load: Callable[[Settings, Path], Judge] | None = None,
) -> Judge:
    """Put a kept model in use and return it loaded; `seen` is the id of the one in use when the choice was made.

    A server loads it as it needs it; the default is within this process.

    Nothing changes unless the model can be loaded. Raises ArtefactError for one that cannot, InputError for an unknown one or
    without a reason, ConflictError if another was put in use since, or where a setting names the model.
    """
    cleaned = checked_reason(reason, "the change")
    _not_fixed(settings)
    shelf = Shelf(settings.home)
    judge = (load or load_folder)(settings, shelf.folder(model_id))
    try:
        _record(store, shelf, model_id, cleaned, origin, seen)
    except BaseException:
        close_judge(judge)
        raise
    return judge


def _record(store: Store, shelf: Shelf, model_id: str, reason: str, origin: Origin, seen: str) -> None:
    with store.writing(origin) as unit:
        # One switch at a time, also of several servers and commands.
        unit.audit.hold()
        before = shelf.present()
        if before.current != seen:
            raise ConflictError("another model was put in use meanwhile; look at the present one and decide anew")
        if before.current == model_id:
            raise ConflictError("this model is in use already; nothing was changed")
        detail = {"old": _facts(shelf, before.current), "new": _facts(shelf, model_id), "reason": reason}
        unit.audit.append("model.changed", "model", detail)
        try:
            shelf.choose(model_id)
        except OSError as error:
            raise ShelfError(f"{shelf.root} cannot be written ({error.strerror}); nothing was changed") from None


def roll_back(store: Store, settings: Settings, reason: str, origin: Origin, *, seen: str) -> Judge:
    """Put the model in use that was before the present one, and return it loaded. Raises as `use_model` does."""
    previous = Shelf(settings.home).present().previous
    if previous is None:
        raise ConflictError("no model was in use before this one; see: pilah model list")
    return use_model(store, settings, previous, reason, origin, seen=seen)


def _not_fixed(settings: Settings) -> None:
    if settings.model is not None:
        source = settings.sources.get("model", "PILAH_MODEL")
        raise ConflictError(f"{source} names the model of this server; take it away to choose one here")


def _facts(shelf: Shelf, model_id: str) -> dict[str, object]:
    try:
        kept = shelf.look(model_id)
    except InputError:
        return {"id": model_id}  # it is no longer kept, or the note that named it was damaged
    return {"id": kept.id, "version": kept.version, "sha256": kept.sha256, "gate": kept.gate is not None}
