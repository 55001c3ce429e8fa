"""Arrays of files that were read lately: a report reads the predictions of a run three times, its pictures seven."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from types import MappingProxyType

import numpy as np

MOST_BYTES = 128 * 2**20
Arrays = Mapping[str, np.ndarray]
File = tuple[Path, str, int, int, int, int]


class RecentArrays:
    """The arrays of files, those that were read last, up to a number of bytes.

    A file that was written since is read again.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.bytes = 0
        self._most = most_bytes
        self._files: OrderedDict[File, Arrays] = OrderedDict()
        self._lock = Lock()

    def of(self, path: Path, checked: str, read: Callable[[], Mapping[str, np.ndarray] | None]) -> Arrays | None:
        """Return a file's arrays, which cannot be written to; None where there is no such file.

        Args:
            path: The file.
            checked: What `read` checks it by: what was checked by something else is read again.
            read: Reads it, and checks what it reads. What it raises is not kept.
        """
        try:
            status = path.stat()
        except OSError:
            return read()
        file = (path, checked, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        with self._lock:
            if file in self._files:
                self._files.move_to_end(file)
                return self._files[file]
        found = read()
        if found is None:
            return None
        arrays = MappingProxyType(dict(found))
        for array in arrays.values():
            array.flags.writeable = False
        with self._lock:
            self._keep(file, arrays)
        return arrays

    def _keep(self, file: File, arrays: Arrays) -> None:
        if file in self._files or _bytes(arrays) > self._most:
            return
        self._files[file] = arrays
        self.bytes += _bytes(arrays)
        while self.bytes > self._most:
            _, oldest = self._files.popitem(last=False)
            self.bytes -= _bytes(oldest)


def _bytes(arrays: Arrays) -> int:
    return sum(array.nbytes for array in arrays.values())
