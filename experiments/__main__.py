"""`keras-suite`: see `experiments/cli.py`."""

from keras_suite.experiments.cli import app

if __name__ == "__main__":
    app()
