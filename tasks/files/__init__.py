"""Files that are whole, or that are named: how state is written so that a reader can tell."""
