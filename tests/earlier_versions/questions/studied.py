"""How many digits are there of each kind?"""

from pathlib import Path

import numpy as np

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.reports.page.study import Study


def study(data_dir: Path | None) -> Study:
    found = np.bincount(digits(data_dir).labels)
    rows = [{"digit": digit, "images": int(count)} for digit, count in enumerate(found)]
    return Study(answer=f"{found.sum()} digits, {found.min()} to {found.max()} of each.", tables={"By digit": rows})
