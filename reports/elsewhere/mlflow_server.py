"""An MLflow server, asked through its own client, which is an optional extra: what goes wrong is said in one line."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from keras_suite.tasks.wording.shown import message_of, shown

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

STORE = "sqlite:///"
# The client's own patience is minutes; it asks MLflow's makers for nothing, and prints no addresses.
SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


class ServerProblem(OSError):
    """A server that does not answer, or not as MLflow does."""


def connect(uri: str, new: bool = False) -> "MlflowClient":
    """Return a client for a tracking server; it asks for nothing yet.

    Args:
        uri: http(s)://…, or sqlite:///FILE, for which MLflow itself must be installed.
        new: Whether the file of a store may be a new one.

    Raises:
        ValueError: If this is no address, or the client is not installed.
    """
    parts = urlsplit(uri)
    if not (
        (parts.scheme in ("http", "https") and parts.hostname) or (uri.startswith(STORE) and len(uri) > len(STORE))
    ):
        raise ValueError(
            f"--mlflow {shown(uri)} is not possible: expected the address of a server, as http://127.0.0.1:5000, or "
            f"its store, as {STORE}mlflow.db"
        )
    if uri.startswith(STORE) and not new and not Path(uri.removeprefix(STORE)).is_file():
        raise FileNotFoundError(f"--mlflow {shown(uri)}: there is no such file")
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        from mlflow.tracking import MlflowClient
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mlflow":
            raise ValueError(f"--mlflow cannot import MLflow ({message_of(error)}): install it anew") from error
        raise ValueError(
            "--mlflow needs MLflow, which is not installed: pip install 'keras-experiment-suite[mlflow]'"
        ) from None
    except Exception as error:  # its own dependencies may not go together
        raise ValueError(f"--mlflow cannot import MLflow ({message_of(error)}): install it anew") from error
    with asking(uri):
        return MlflowClient(tracking_uri=uri)


@contextlib.contextmanager
def asking(uri: str) -> Iterator[None]:
    """Around each request: whatever the client raises becomes a `ServerProblem` in one line."""
    try:
        yield
    except ModuleNotFoundError as error:  # the client alone has no databases
        raise ValueError(f"{uri} needs {error.name}: pip install mlflow, or give the address of a server") from error
    except (ServerProblem, ValueError, KeyboardInterrupt):
        raise
    except Exception as error:  # of many kinds: of the network, the server, the client
        text = message_of(error)
        if "Max retries exceeded" in text or "timed out" in text:
            raise ServerProblem(f"no MLflow server answers at {uri}: start it, or correct the address") from error
        raise ServerProblem(f"the MLflow server at {uri} refused ({text[:200]})") from error
