"""The tests. Consoles are as wide here as where nothing says, however wide the terminal is that starts them."""

import os

os.environ.pop("COLUMNS", None)
