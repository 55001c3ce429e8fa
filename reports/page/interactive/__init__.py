"""What the page's script knows of the runs, embedded in the page as JSON."""
