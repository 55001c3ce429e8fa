"""What can be exported to: names of files, the packages that it takes, and how somebody else reads a file."""

from dataclasses import dataclass
from pathlib import Path

from keras_suite.reports.run_directory.layout import EXPORTED

TARGETS = ("litert", "onnx", "savedmodel")
_SUFFIXES = {"litert": ".tflite", "onnx": ".onnx", "savedmodel": ""}
_READ = {
    "litert": """import zipfile
import numpy as np
from ai_edge_litert.interpreter import Interpreter

answer = Interpreter("{file}").get_signature_runner()
names = zipfile.ZipFile("{file}").read("labels.txt").decode().splitlines()
{output} = answer(images=pixels[np.newaxis])["{output}"][0]{scale}""",
    "onnx": """import json
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("{file}")
names = json.loads(session.get_modelmeta().custom_metadata_map["class_names"])
{output} = session.run(["{output}"], {{"images": pixels[np.newaxis]}})[0][0]""",
    "savedmodel": """from pathlib import Path
import numpy as np
import tensorflow as tf

model = tf.saved_model.load("{file}")
names = Path("{file}/assets.extra/labels.txt").read_text(encoding="utf-8").splitlines()
{output} = model.serve(pixels[np.newaxis])["{output}"][0].numpy()""",
}


@dataclass(frozen=True)
class Target:
    """What is written.

    Attributes:
        to: One of `TARGETS`.
        int8: Whether weights and activations are int8.
    """

    to: str
    int8: bool = False

    def default_path(self, run: Path) -> Path:
        """Return where it is written unless the user says otherwise."""
        name = "saved_model" if self.to == "savedmodel" else f"model{'-int8' if self.int8 else ''}{_SUFFIXES[self.to]}"
        return run / EXPORTED / name

    def check(self, path: Path, overwrite: bool) -> None:
        """Raise ValueError if it cannot be written to this path."""
        suffix = _SUFFIXES[self.to]
        if path.suffix != suffix and suffix:
            raise ValueError(f"--output {path} is no name for this target: give one that ends in {suffix}")
        for each in (path, facts_path(path)):
            if each.exists() and not overwrite:
                raise ValueError(f"{each} is there already: give another name with --output, or --overwrite")
        if path.exists() and not (path.is_file() if suffix else (path / "saved_model.pb").is_file()):
            kind = "file" if suffix else "SavedModel"
            raise ValueError(f"{path} is there already, and is no {kind}: give another name with --output")

    def reading(self, path: Path, output: str = "probabilities") -> str:
        """Return how the file is read in Python, of one image `pixels`, uint8 (height, width, channels).

        `output`: the name of what it answers.
        """
        return _READ[self.to].format(file=path.name, output=output, scale=" / 256" if self.int8 else "")


def facts_path(path: Path) -> Path:
    """Return where what was measured of an exported file is written."""
    return path.with_name(f"{path.name}.json")
