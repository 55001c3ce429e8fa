"""What each op is checked on. `models.gradient_check.CASES` names them."""
