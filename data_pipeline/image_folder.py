"""A folder of photographs, one subfolder a class, or a .tar.gz of one, as a dataset."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import batched
from pathlib import Path
from typing import Annotated, Literal
