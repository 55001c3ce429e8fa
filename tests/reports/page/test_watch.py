"""The page of `watch` before it has asked for anything."""

from keras_suite.reports.page.rendering import script_and_policy
from keras_suite.reports.page.watch import watch_page


def test_the_page_may_ask_its_own_server_and_nobody_else() -> None:
    page, policy = watch_page("runs")
    assert "connect-src 'self'" in policy and "default-src 'none'" in policy
    assert "Watching runs" in page and "<noscript>" in page
    assert "connect-src" not in script_and_policy("report.html")["security_policy"]


def test_a_folder_whose_name_is_markup_is_text() -> None:
    assert "<b>runs" not in watch_page("<b>runs")[0]
