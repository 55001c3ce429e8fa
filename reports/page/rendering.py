"""The report's templates filled in, each value escaped for where it stands: in HTML or in Markdown."""

import re
from collections.abc import Mapping
from typing import Any

import markupsafe

from keras_suite.reports import wording
from keras_suite.tasks.wording import quantities


def render(name: str, view: Mapping[str, Any]) -> str:
    """The template `name` (report.html or report.md) with the values of `view`; a value that is missing is an error."""
    import jinja2

    html = name.endswith(".html")
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, "templates"),
        autoescape=html,
        finalize=unbroken if html else as_markdown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {"wording": wording, "quantities": quantities}
    return templates.get_template(f"{name}.jinja").render(view).rstrip() + "\n"


def unbroken(value: Any) -> Any:
    """Text whose numbers stay on one line with their units."""
    if not isinstance(value, str) or isinstance(value, markupsafe.Markup):
        return value
    return re.sub(r"(?<=\d) (?=(%|s|min|h|MiB|GiB)(?!\w))", "\N{NO-BREAK SPACE}", value)


def as_markdown(value: Any) -> str:
    """Text that Markdown shows as it is: no tag, table column, link or emphasis of its own. Markup is left alone."""
    if isinstance(value, markupsafe.Markup):
        return str(value)
    return re.sub(r"([\\`*_{}\[\]|#~$])", r"\\\1", str(value).replace("&", "&amp;").replace("<", "&lt;")).replace(
        "\n", " "
    )
