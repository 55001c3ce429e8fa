"""`python -m experiments`: see `experiments/cli.py`."""

from experiments.cli import app

if __name__ == "__main__":
    app()
