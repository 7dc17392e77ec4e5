"""Shows our own Markdown documents within a page: no HTML of theirs, no inline style, no link that leads out of the program."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape


def as_html(markdown: str, *, label: str, picture: Callable[[str], str | None]) -> Markup:
    """Return a document as HTML whose first heading is of the third level.

    `label` names the tables for readers of screens; `picture` gives the address of a picture by its path, or None to show
    its caption alone.
    """
    parser = _parser()
    tokens = parser.parse(markdown)
    for token in tokens:
        _adapt(token)
        for child in token.children or ():
            _adapt_inline(child, picture)
    options = parser.options
    return Markup(parser.renderer.render(tokens, options, {"label": label}))  # noqa: S704 - our documents, HTML switched off


@functools.cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", _close_table)
    return parser


def _open_table(*given: Any) -> str:
    label = escape(given[-1]["label"])
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{label}"><table>\n'


def _close_table(*_: object) -> str:
    return "</table></div>\n"


def _adapt(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    # The policy of the pages takes no inline style.
    if token.attrs.pop("style", "") == "text-align:right":
        token.attrSet("class", "number")


def _adapt_inline(token: Token, picture: Callable[[str], str | None]) -> None:
    if token.type in ("link_open", "link_close"):
        token.type, token.tag, token.attrs = "cite_open" if token.nesting == 1 else "cite_close", "cite", {}
    elif token.type == "image":
        address = picture(str(token.attrs.get("src", "")))
        if address is None:
            token.type, token.tag, token.nesting = "text", "", 0
        else:
            token.attrs = {"src": address, "alt": "", "class": "plot"}
