"""Values stand in HTML and Markdown as the text that they are."""

from pathlib import Path
from typing import Any

import jinja2
import markupsafe
import pytest

from keras_suite.reports.page import report
from keras_suite.reports.page.rendering import as_markdown, render, typed, unbroken
from tests.reports.conftest import MakeRuns


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a | b", r"a \| b"),
        ("**bold** _it_ `code`", r"\*\*bold\*\* \_it\_ \`code\`"),
        ("<script>&amp;", "&lt;script>&amp;amp;"),
        ("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)"),
        ("$x$ ~no~ # 1", r"\$x\$ \~no\~ \# 1"),
        ("two\nlines", "two lines"),
        (3, "3"),
        (markupsafe.Markup("<b>|</b>"), "<b>|</b>"),
    ],
)
def test_markdown_shows_a_value_as_it_is(value: object, text: str) -> None:
    assert as_markdown(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("98.1 % of 3 min 05 s", "98.1_% of 3_min 05_s"),
        ("612 MiB, 2 h", "612_MiB, 2_h"),
        ("2 seeds, 3 hands", "2 seeds, 3 hands"),
        (7, 7),
    ],
)
def test_a_number_stays_on_one_line_with_its_unit(value: object, text: object) -> None:
    assert unbroken(value) == (text.replace("_", "\N{NO-BREAK SPACE}") if isinstance(text, str) else text)


def test_a_value_that_a_template_lacks_is_an_error_and_no_gap(
    make_runs: MakeRuns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    views: dict[str, Any] = {}
    monkeypatch.setattr(report, "render", lambda name, view: views.setdefault(name, view) and "")
    report.write_report(make_runs(seeds=1), tmp_path)
    assert set(views) == {"report.html", "report.md"}
    for name, view in views.items():
        assert view["answer"][:20] in render(name, view)
        with pytest.raises(jinja2.UndefinedError, match="'answer' is undefined"):
            render(name, {key: value for key, value in view.items() if key != "answer"})


def test_options_of_commands_are_code_and_all_else_is_escaped() -> None:
    text = "predict --reject & <b> | card --on PHOTOS"
    assert typed(text, html=True) == "<code>predict --reject</code> &amp; &lt;b&gt; | <code>card --on PHOTOS</code>"
    assert typed(text, html=False) == "`predict --reject` &amp; &lt;b> \\| `card --on PHOTOS`"
