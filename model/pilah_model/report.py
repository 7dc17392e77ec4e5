"""Renders an examination as one self-contained HTML page with SVG plots; it reads numbers alone, so no post can get into it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from pilah_data import svg, svg_curves
from pilah_data.taxonomy import FORMS, PREDICTED
from pilah_model.curves import GOLD, by_confidence, points
from pilah_model.evaluation import METRICS, TITLES
from pilah_model.intervals import SMALL
from pilah_model.report_tables import figure, figures, named, paragraph, rate, section, share, table

_STYLE = (
    "body{font-family:sans-serif;margin:0 auto;max-width:72rem;padding:1rem;color:#222;line-height:1.4}"
    "table{border-collapse:collapse;margin:.5rem 0}caption{text-align:left;font-weight:bold;padding:.3rem 0}"
    "th,td{border:1px solid #ccc;padding:.2rem .5rem;text-align:right;font-weight:normal}th[scope=row]{text-align:left}"
    "thead th{background:#eee}.wide{overflow-x:auto}.plots{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}"
    "svg{max-width:100%;height:auto}"
)
# Nothing may be fetched and nothing may run, wherever the file is opened.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_PERCENT = frozenset(TITLES) - frozenset(METRICS)


def render(body: Mapping[str, Any]) -> str:
    """Return the page of what `examine` measured."""
    model = body["model"]
    title = f"Evaluation of {model['name']} {model['version']}"
    parts = [
        paragraph(f"Engine {model['engine']}, taxonomy {body['taxonomy']}, manifest SHA-256 {model['sha256']}."),
        paragraph(
            "Intervals hold 95 %: bootstrap for figures, Wilson for rates. Rows marked small stand for fewer than "
            f"{SMALL} posts. "
            "Recall and false-positive rate are those of partisan as the likeliest label unless a decision is named."
        ),
        section("Bars", table("What a model must show", ("figure", "measured", "bar", ""), map(_bar, body["bars"]))),
        *(_set(name, body["figures"].get(name, {}), detail) for name, detail in body["sets"].items()),
        _fairness(body["fairness"]),
        _obfuscation(body["obfuscation"]),
        _evidence(body["evidence"]),
        section("Behaviour cases", table("Cases met", ("family", "met"), _behaviour(body["behaviour"]))),
    ]
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


def _bar(bar: Mapping[str, Any]) -> tuple[str, str, str, str]:
    value = "-" if bar["value"] is None else f"{bar['value']:.3f}"
    return (
        bar["name"],
        value,
        f"{'≤' if bar['at_most'] else '≥'} {bar['limit']:g}",
        "met" if bar["holds"] else "not met",
    )


def _set(name: str, scorers: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    curves, heads = detail["curves"], list(scorers)
    keys = [key for key in TITLES if heads and key in scorers[heads[0]]]
    rows = [
        (TITLES[key].replace("`", ""), *(figure(scorers[head].get(key), percent=key in _PERCENT) for head in heads))
        for key in keys
    ]
    return section(
        name[:1].upper() + name[1:],
        table("Figures", ("figure", *heads), rows),
        figures(
            svg_curves.matrix(
                "Gold (rows) and likeliest label", GOLD, [p.value for p in PREDICTED], curves["confusion"]
            ),
            _curve("Precision and recall of partisan", "recall", "precision", curves["precision_recall"]),
            svg_curves.curves(
                "Reliability of the likeliest label",
                "confidence",
                "accuracy",
                [svg_curves.Curve("15 bins", by_confidence(curves["reliability"]), dots=True)],
                diagonal=True,
            ),
            _curve("Risk and coverage", "share of posts answered", "share of wrong labels", curves["risk_coverage"]),
        ),
        table(
            "Reliability", ("confidence from", "posts", "mean confidence", "accuracy"), map(_bin, curves["reliability"])
        ),
        table(
            "Precision of tinjau to expect where fewer posts are partisan",
            ("partisan posts", "precision", "interval"),
            map(_prevalence, curves["precision_at_prevalence"]),
        ),
        table("Forms, on partisan posts", ("form", "posts", "precision", "recall", "F1"), _forms(curves["forms"])),
        *(_slices(kind, found) for kind, found in detail["slices"].items()),
    )


def _curve(title: str, across: str, up: str, rows: object) -> str:
    drawn = points(rows)
    return svg_curves.curves(title, across, up, [svg_curves.Curve("model", drawn)]) if drawn else ""


def _bin(row: Mapping[str, Any]) -> tuple[object, ...]:
    return f"{row['from']:.2f}", row["posts"], share(row["confidence"]), figure([row["accuracy"], *row["interval"]])


def _prevalence(row: Mapping[str, Any]) -> tuple[object, ...]:
    low, high = row["interval"]
    return share(row["prevalence"]), share(row["precision"]), f"{share(low)} to {share(high)}"


def _forms(rows: Mapping[str, Any]) -> list[tuple[object, ...]]:
    return [
        (
            named(f"{code} {FORMS[code].name}", row["small"]),
            row["posts"],
            rate(row["precision"]),
            rate(row["recall"]),
            "-" if row["f1"] is None else f"{row['f1']:.3f}",
        )
        for code, row in rows.items()
    ]


def _slices(kind: str, found: Mapping[str, Any]) -> str:
    rows = [
        (
            named(name, row["small"]),
            row["posts"],
            row["partisan"],
            figure(row.get("macro_f1")),
            rate(row["recall"]),
            rate(row["false_positives"]),
        )
        for name, row in found.items()
    ]
    return table(f"By {kind}", (kind, "posts", "partisan", "macro-F1", "recall", "false positives"), rows)


def _fairness(body: Mapping[str, Any] | None) -> str:
    if body is None:
        return ""
    all_of_it = {"all name swaps": body["together"], **body["kinds"]}
    rows = [
        (
            named(name, row["small"]),
            row["posts"],
            figure(row["moved"]),
            figure(row["decision_flips"], percent=True),
            figure(row["label_flips"], percent=True),
            *(share(row[gap]["gap"]) if row[gap] else "-" for gap in ("recall_gap", "false_positives_gap")),
        )
        for name, row in all_of_it.items()
    ]
    head = (
        "told of another",
        "posts",
        "mean |Δp|",
        "decisions flipped",
        "labels flipped",
        "recall gap",
        "false-positive gap",
    )
    sides = [
        table(f"By side: {name}", ("side", "recall", "false positives"), _sides(row))
        for name, row in body["kinds"].items()
    ]
    return section("Fairness", table("The same post told of another side", head, rows), *sides)


def _sides(row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    names = sorted({*row["recall"], *row["false_positives"]})
    return [(side, rate(row["recall"].get(side)), rate(row["false_positives"].get(side))) for side in names]


def _obfuscation(body: Mapping[str, Any] | None) -> str:
    if body is None:
        return ""
    rows = [(trick, rate(row["recall"]), figure(row["lost"], percent=True)) for trick, row in body["tricks"].items()]
    plain = body["plain"]
    drawn = [
        svg.Interval(trick, row["recall"][0] / row["recall"][1], *row["recall"][2:])
        for trick, row in body["tricks"].items()
    ]
    return section(
        "Misspelling",
        figures(svg.intervals("Recall under each trick; the line is plain text", drawn, plain[0] / plain[1])),
        table(f"Recall of partisan posts; plain {rate(plain)}", ("trick", "recall", "lost"), rows),
    )


def _evidence(body: Mapping[str, Any]) -> str:
    rows = [(name.replace("_", " "), figure(values)) for name, values in body.items() if isinstance(values, list)]
    caption = f"{body['explained']} of {body['asked']} partisan posts; {'faithful' if body['faithful'] else 'not shown to be faithful'}"
    return section("Evidence", table(caption, ("figure", "measured"), rows))


def _behaviour(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, rate(values)) for name, values in found.items()]
