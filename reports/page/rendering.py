"""Rendering of the templates, with values escaped for HTML or Markdown."""

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import markupsafe

from keras_suite.tasks.wording import quantities

if TYPE_CHECKING:
    import jinja2


def render(name: str, view: Mapping[str, Any]) -> str:
    """Render a template.

    Args:
        name: report.html, report.md, index.html, study.html or sweep.html.
        view: The values by name; a missing one is an error.

    Returns:
        The text of the file.
    """
    template = _templates(name.endswith(".html")).get_template(f"{name}.jinja")
    return template.render(view).rstrip() + "\n"


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
    return templates


def numeric(*headings: str) -> list[tuple[str, str]]:
    """Return the headings of columns with numbers, for the macro `table`."""
    return [(heading, "n") for heading in headings]


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
