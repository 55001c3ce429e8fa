"""The page of `watch`: empty until its script has asked the server that it came from what goes on."""

from keras_suite.reports.page.rendering import render, script_and_policy

TEMPLATE = "watch.html"


def watch_page(folder: str) -> tuple[str, str]:
    """Return the page over a folder of this name, and its content security policy."""
    page = render(TEMPLATE, {"question": f"What goes on in {folder}", "folder": folder})
    return page, str(script_and_policy(TEMPLATE)["security_policy"])
