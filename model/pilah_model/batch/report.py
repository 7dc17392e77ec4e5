"""The report of a run: one page that stands alone, with counts only - no text, no id, no name, not even that of a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from html import escape
from pathlib import Path

from pilah_data.taxonomy import DECISIONS, FORMS, Decision
from pilah_model.batch.cells import LEAST, shown
from pilah_model.batch.charts import Bar, chart, number, table
from pilah_model.batch.options import Summary
from pilah_model.batch.part import Part
from pilah_model.batch.report_texts import STYLE, TEXTS
from pilah_model.batch.tally import BINS, Tally, Timeline

Shows = Callable[[Sequence[int]], list[int | None]]
"""Says which counts of a list may be shown."""
LANGUAGES = tuple(TEXTS)
"""The languages a report can be written in."""
_DAYS, _WEEKS, _MONTHS = 31, 31 * 7, 31 * 48
"""Up to so many days from first to last, periods are days, weeks, or months; beyond, years."""


def write_report(place: Path, summary: Summary, tally: Tally, lang: str) -> None:
    """Write the page of a finished run, over what was there; raises WriteError."""
    with _part(place) as part:
        part.write(page(summary, tally, lang))
        part.finish(place)


def check_report(place: Path) -> None:
    """Raise WriteError where a report could not be written, before anything is judged; leaves nothing behind."""
    with _part(place):
        pass


def _part(place: Path) -> Part:
    return Part(place.with_name(place.name + ".part"), "--report")


def page(summary: Summary, tally: Tally, lang: str) -> str:
    """Return the page in Indonesian (`id`) or English (`en`)."""
    words = TEXTS[lang]
    model = tally.model
    named = f"{model.name} {model.version}, {model.engine}, SHA-256 {model.sha256}" if model else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(words['title'])}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(words['title'])}</h1><p>{escape(words['note'])}</p>{_facts(summary, lang)}"
        f"{''.join(sections(tally, lang))}<footer><p>{escape(words['small'].format(least=LEAST))}</p>"
        f"<p>{escape(words['model'])}: {escape(named)}</p></footer></main></body></html>\n"
    )


def sections(tally: Tally, lang: str, *, whole: bool = False) -> list[str]:
    """Return the charts of a tally, each with its table; `whole` shows small counts to those who see the posts anyway."""
    shows = _whole if whole else shown
    return [part for part in (make(tally, lang, shows) for make in (_decisions, _forms, _confidence, _time)) if part]


def _whole(counts: Sequence[int]) -> list[int | None]:
    return list(counts)


def _facts(summary: Summary, lang: str) -> str:
    words = TEXTS[lang]
    judged = sum(summary.decisions.values())
    parts = (judged, summary.problems)
    # Rows are judged or problems: of a hidden one, rows less the other would tell.
    whole = None if any(0 < part < LEAST for part in parts) else summary.rows
    facts = (("rows", number(whole, lang)), *zip(("judged", "problems"), (_few(n, lang) for n in parts), strict=True))
    return "<dl>" + "".join(f"<dt>{escape(words[key])}</dt><dd>{said}</dd>" for key, said in facts) + "</dl>"


def _few(count: int, lang: str) -> str:
    return f"&lt;{LEAST}" if 0 < count < LEAST else number(count, lang)


def _section(heading: str, note: str, *body: str) -> str:
    said = f"<p>{escape(note)}</p>" if note else ""
    return f"<section><h2>{escape(heading)}</h2>{said}{''.join(body)}</section>"


def _plain(counts: Mapping[str, int], key: str, lang: str, shows: Shows, note: str = "") -> str:
    """Return a section of bars that are not divided."""
    words = TEXTS[lang]
    bars = [Bar(name, n, (n,)) for name, n in zip(counts, shows(list(counts.values())), strict=True)]
    title, heads = words[key], (words[f"{key}_head"], words["count"])
    return _section(title, note, chart(title, (title,), bars, lang), table(title, heads, bars, lang))


def _decisions(tally: Tally, lang: str, shows: Shows) -> str:
    return _plain({_title(one, lang): tally.decisions[one] for one in Decision}, "decisions", lang, shows)


def _title(decision: Decision, lang: str) -> str:
    return DECISIONS[decision].title if lang == "id" else DECISIONS[decision].title_en


def _forms(tally: Tally, lang: str, shows: Shows) -> str:
    names = {
        code: f"{code} {form.name.replace('_', ' ') if lang == 'id' else form.title_en}" for code, form in FORMS.items()
    }
    counts = {names[code]: tally.forms[code] for code in FORMS if tally.forms[code]}
    if not counts:
        return _section(TEXTS[lang]["forms"], TEXTS[lang]["no_forms"])
    return _plain(counts, "forms", lang, shows, TEXTS[lang]["forms_note"])


def _confidence(tally: Tally, lang: str, shows: Shows) -> str:
    point = "," if lang == "id" else "."
    names = [f"{bin_ / 10:.1f}–{(bin_ + 1) / 10:.1f}".replace(".", point) for bin_ in range(3, 3 + BINS)]
    counts = dict(zip(names, tally.confidence, strict=True))
    return _plain(counts, "confidence", lang, shows, TEXTS[lang]["confidence_note"])


def _time(tally: Tally, lang: str, shows: Shows) -> str:
    if not tally.dated:
        return ""
    words = TEXTS[lang]
    series = tuple(_title(decision, lang) for decision in Decision)
    timeline = tally.timeline()
    bars, heads = _periods(timeline, words["undated"], shows), (words["time_head"], *series, words["count"])
    note = f"{words['time_note']} {words[f'order_{timeline.order}']}" if timeline.order else words["time_note"]
    return _section(
        words["time"],
        note,
        chart(words["time"], series, bars, lang),
        table(words["time"], heads, bars, lang),
    )


def _periods(timeline: Timeline, undated: str, shows: Shows) -> list[Bar]:
    counts: dict[str, Counter[Decision]] = {}
    period = _period_of(timeline.days)
    for (day, decision), count in sorted(timeline.days.items()):
        counts.setdefault(period(day), Counter())[decision] += count
    if timeline.undated:
        counts[undated] = timeline.undated
    parts = [tuple(one[decision] for decision in Decision) for one in counts.values()]
    totals = shows([sum(one) for one in parts])
    if shows is _whole:
        return [Bar(name, totals[at], parts[at]) for at, name in enumerate(counts)]
    whole = {at for at, one in enumerate(parts) if totals[at] is not None and all(n == 0 or n >= LEAST for n in one)}
    if whole and len(whole) == len(parts) - 1:
        # The one that is not divided could be worked out from all the others.
        whole.discard(min(whole, key=lambda at: sum(parts[at])))
    none = (None,) * len(Decision)
    return [Bar(name, totals[at], parts[at] if at in whole else none) for at, name in enumerate(counts)]


def _period_of(days: Counter[tuple[date, Decision]]) -> Callable[[date], str]:
    every = [day for day, _ in days]
    span = (max(every) - min(every)).days + 1 if every else 1
    if span <= _DAYS:
        return date.isoformat
    if span <= _WEEKS:
        return lambda day: (day - timedelta(days=day.weekday())).isoformat()
    return (lambda day: f"{day:%Y-%m}") if span <= _MONTHS else (lambda day: f"{day:%Y}")
