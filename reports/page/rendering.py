"""Rendering of the templates, with values escaped for HTML or Markdown."""

import base64
import functools
import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import markupsafe

from keras_suite.tasks.wording import quantities

if TYPE_CHECKING:
    import jinja2

TABLES = ("tables.js",)  # the script of a page that is not named below
HOVER = ("interactive/hover.js",)
SCRIPTS = {  # one after another, from `templates/`
    "report.html": (
        *TABLES,
        *(
            f"interactive/{name}.js"
            for name in ("state", "scale", "chart", "rows", "costs", "curves", "legend", "run", "page")
        ),
        *HOVER,
    ),
    "sweep.html": (*TABLES, *HOVER),
    "index.html": (*TABLES, "interactive/search.js"),
    "study.html": (*TABLES, *HOVER),
    "live.html": tuple(f"live/{name}.js" for name in ("kernels", "network", "drawing", "maps", "unit", "live")),
    "graph.html": ("graph/graph.js",),
    "lecture.html": ("lecture/lecture.js",),
    "lectures.html": ("lecture/lecture.js",),
    "watch.html": ("watch/curves.js", "watch/watch.js"),
}
SERVED = ("watch.html",)
_OPTION = re.compile(r"\b((?:card|predict) --[a-z-]+(?: [A-Z]+)?)")


def render(name: str, view: Mapping[str, Any]) -> str:
    """Render a template.

    Args:
        name: The template's, without .jinja: report.html, report.md, index.html, study.html, sweep.html, card.md ...
        view: The values by name; a missing one is an error.

    Returns:
        The text of the file.
    """
    templates = _templates(name.endswith(".html"))
    own = script_and_policy(name) if name.endswith(".html") else {}
    return templates.get_template(f"{name}.jinja").render({**own, **view}).rstrip() + "\n"


@functools.cache  # a command over many experiments would compile the same templates for each
def _templates(html: bool) -> "jinja2.Environment":
    import jinja2

    templates = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, "templates"),
        autoescape=html,
        finalize=unbroken if html else as_markdown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {"quantities": quantities, "numeric": numeric}
    templates.filters["typed"] = functools.partial(typed, html=html)
    templates.filters["css_string"] = css_string
    return templates


@functools.cache
def script_and_policy(name: str) -> dict[str, markupsafe.Markup]:
    """Return the script of a page, and the policy that lets a browser run no other."""
    files = SCRIPTS.get(name, TABLES)
    script = "\n".join(_templates(True).get_template(file).render() for file in files)
    return {"script": markupsafe.Markup(script), "security_policy": security_policy(script, name in SERVED)}


def security_policy(script: str, served: bool = False) -> markupsafe.Markup:
    """Return what a page may load and run: its own styles, its own pictures, this script, and nothing else.

    A page that is `served` may ask its server for more.

    Whatever a class name, a question or a figure of somebody else's run holds, a browser runs none of it
    (Content Security Policy Level 3).
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return markupsafe.Markup(
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'" + ("; connect-src 'self'" if served else "")
    )


def css_string(text: str) -> str:
    """Return text as a string of a style sheet, whatever is in it."""
    return '"' + re.sub(r'[\\"\n\r\f<]', lambda found: f"\\{ord(found.group()):x} ", text) + '"'


def numeric(*headings: str) -> list[tuple[str, str]]:
    """Return the headings of columns with numbers, for the macro `table`."""
    return [(heading, "n") for heading in headings]


def typed(text: str, html: bool) -> markupsafe.Markup:
    """Return text, escaped, in which options of commands ("predict --reject") are set as code."""
    escaped = str(markupsafe.escape(unbroken(text))) if html else as_markdown(text)
    return markupsafe.Markup(_OPTION.sub(r"<code>\1</code>" if html else r"`\1`", escaped))


def unbroken(value: Any) -> Any:
    """Return text in which no line breaks between a number and its unit; other values unchanged."""
    if not isinstance(value, str) or isinstance(value, markupsafe.Markup):
        return value
    return re.sub(r"(?<=\d) (?=(%|s|min|h|MiB|GiB)(?!\w))", "\N{NO-BREAK SPACE}", value)


def as_markdown(value: Any) -> str:
    """Return text without meaning in Markdown: no tag, table column, link or emphasis. Markup is left alone."""
    if isinstance(value, markupsafe.Markup):
        return str(value)
    return re.sub(r"([\\`*_{}\[\]|#~$])", r"\\\1", str(value).replace("&", "&amp;").replace("<", "&lt;")).replace(
        "\n", " "
    )
