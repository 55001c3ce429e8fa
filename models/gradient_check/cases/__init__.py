"""What each op is checked on. `CASES` in models/gradient_check/__init__.py names them."""
