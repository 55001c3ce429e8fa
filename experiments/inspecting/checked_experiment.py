"""What `check training` is given: an experiment by its name or file, or a network, which is then tried on digits."""

from keras_suite.experiments import catalog
from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.experiments.own_parts.names import is_own
from keras_suite.models import NETWORKS
from keras_suite.tasks.wording.near_names import unknown

NETWORK = "network"  # the only variant then


def checked_experiment(name: str) -> tuple[str, Experiment]:
    """Return the experiment's name and itself.

    Raises:
        ValueError, OSError: If there is no such experiment or network, or the file cannot be loaded.
    """
    if name in NETWORKS or is_own(name):
        config = Config(dataset=use("digits"), model=use(name))
        return NETWORK, Experiment(base=config, variants={NETWORK: {}})
    if not name.endswith(".py") and name not in catalog.names():
        raise ValueError(unknown("experiment or network", name, [*catalog.names(), *NETWORKS]))
    entry = catalog.load(name)
    return entry.name, entry.experiment
