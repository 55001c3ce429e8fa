"""What lies among photographs and is none: what systems, notebooks, file servers and programs leave, and texts.

Such files are never an image and never a class; they are counted and named. What might be a photograph that cannot be
read (a .heic, a .svg, a file without a suffix) is no leftover: it is refused by name when it is decoded.
"""

import itertools
import re
from collections.abc import Iterable

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".jfif", ".avif")
HIDDEN = "hidden, as their name begins with a dot"
PACKED = "of an archive that is packed"

# Folders whose contents are left out, by their names in lower case.
_FOLDERS = {
    "of a notebook": (".ipynb_checkpoints", ".virtual_documents", "__pycache__", ".jupyter"),
    "of version control": (".git", ".svn", ".hg", ".bzr", ".dvc", ".github"),
    "of a file server": (
        *("@eadir", "#recycle", "@recycle", "@recently-snapshot", "#snapshot", ".@__thumb", "@tmp", ".snapshot"),
        *("lost+found", ".appledouble", ".appledb", ".appledesktop", "network trash folder", "temporary items"),
        *(".stfolder", ".stversions", ".sync", ".dropbox.cache", "@synoresource", ".zfs", ".snapshots"),
    ),
    "of the operating system": (
        *(".trashes", ".trash", "$recycle.bin", "system volume information"),
        *(".spotlight-v100", ".fseventsd", ".temporaryitems", ".documentrevisions-v100", "__macosx", ".thumbnails"),
        *("found.000", "$extend"),
    ),
}
# Folders that may be classes, too, as of shops or of waste: left out by what lies in them.
_FOLDERS_BY_CONTENT = {
    "cvs": ("of version control", re.compile(r"(entries|repository|root|base|tag|template|notify)(\..*)?")),
    "recycler": ("of the operating system", re.compile(r"s-1-.*|info2|desktop\.ini")),
    "recycled": ("of the operating system", re.compile(r"s-1-.*|info2|desktop\.ini|dc\d+\..*")),
}
# Files, by their names in lower case.
_FILES = {
    "of the operating system": (
        *(".ds_store", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r", ".directory"),
        *(".localized", "autorun.inf", ".volumeicon.icns", "folder.htt", ".hidden", "icon_", ".nomedia"),
    ),
    "of version control": (".gitkeep", ".gitignore", ".gitattributes", ".keep", ".placeholder", ".dvcignore"),
    "of an image program": (".picasa.ini", "picasa.ini", "zbthumbnail.info", "pspbrwse.jbf", "bridgesort"),
    "of a file server": ("sync.ffs_db", ".sync.ffs_db"),
}
# What the name of a file begins or ends with, in lower case.
_BEGINNINGS = {
    "of the operating system": ("._", ".nfs", ".fuse_hidden", ".trash-"),
    "of a program that had them open": ("~$", ".~lock.", ".#"),
    "of a file server": ("~syncthing~", ".syncthing."),
}
_ENDINGS = {
    "of a file server": ("@synoeastream", "@synoresource", ":zone.identifier", "~zone.identifier"),
    "of a transfer that did not end": (
        *(".part", ".partial", ".crdownload", ".download", ".filepart", ".!ut", ".aria2", ".opdownload", ".tmp"),
        *(".temp", ".bc!", ".td", ".unfinished", ".incomplete"),
    ),
    "of a program that had them open": (".swp", ".swo", ".bak", ".lock", "~"),
    "of an image program": (".xmp", ".aae", ".thm", ".pp3", ".cache", ".lrcat", ".on1", ".dop"),
    "of the operating system": (".lnk", ".url", ".webloc", ".desktop", ".ini", ".db"),
    "of text or data": (
        *(".txt", ".md", ".rst", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".toml", ".log", ".rtf"),
        *(".html", ".htm", ".xls", ".xlsx", ".ods", ".doc", ".docx", ".odt", ".ipynb", ".py", ".pyc", ".m", ".mat"),
        *(".sh", ".bat", ".cfg", ".md5", ".sha1", ".sha256", ".sfv", ".npy", ".npz", ".pkl", ".pickle", ".h5"),
        *(".hdf5", ".keras", ".pt", ".pth", ".onnx", ".tfrecord", ".parquet", ".db3", ".sqlite", ".lst", ".names"),
    ),
    "of a cloud, where the photograph itself is": (".icloud",),
    "of sound or film": (".mp4", ".mov", ".avi", ".mkv", ".wav", ".mp3", ".m4a", ".3gp", ".m4v", ".wmv"),
    PACKED: (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"),
}
_SYSTEM_FILES = (".ds_store", "thumbs.db", "desktop.ini")  # that never counted in a fingerprint, wherever they lay
_TEXTS = frozenset(
    {"readme", "license", "licence", "copying", "authors", "changelog", "makefile", "dockerfile", "notice"}
)


def why_left_out(name: str) -> str | None:
    """Return of what a file is that is no image ("of the operating system"), as its name says; None if it may be one.

    Args:
        name: Its relative name with forward slashes; that of an empty folder ends in a slash.
    """
    return _of_folders(name) or _of_file(name.rpartition("/")[2])


def is_in_left_out_folder(name: str) -> bool:
    """Return whether one of the folders that a file lies in is left out as a whole."""
    return _of_folders(name) is not None


def is_system_file(name: str) -> bool:
    """Return whether it is a file that never counted in a fingerprint."""
    last = name.rsplit("/", 1)[-1]
    return last.lower() in _SYSTEM_FILES or last.startswith("._") or "__MACOSX" in name.split("/")


def outside_the_data(names: Iterable[str]) -> frozenset[str]:
    """Return the files that a fingerprint of the data does not depend on.

    Those are what lies in folders that are left out, and what is left out beside images. A file in a folder that holds
    no image, as a README beside the class folders, has always counted, so that finished runs are found again.
    """
    names = list(names)
    reasons = {name: why_left_out(name) for name in names}
    images = (name for name, why in reasons.items() if why is None and name.lower().endswith(IMAGE_SUFFIXES))
    with_images = {name.rpartition("/")[0] for name in images}
    return frozenset(
        name
        for name, why in reasons.items()
        if why is not None and (is_in_left_out_folder(name) or name.rpartition("/")[0] in with_images)
    )


def _of_folders(name: str) -> str | None:
    """Return why the outermost folder that is left out is."""
    for folder, inside in itertools.pairwise(name.split("/")):
        if (why := _of_folder(folder.lower(), inside.lower())) is not None:
            return why
    return None


def _of_folder(name: str, inside: str) -> str | None:
    for why, known in _FOLDERS.items():
        if name in known:
            return why
    if name in _FOLDERS_BY_CONTENT:
        why, holds = _FOLDERS_BY_CONTENT[name]
        return why if holds.fullmatch(inside) else None
    if name.startswith(".trash-"):
        return "of the operating system"
    return HIDDEN if re.match(r"\.[^.]", name) else None


def _of_file(name: str) -> str | None:
    lower = name.lower()
    without_stream = lower.partition(":")[0]  # of NTFS, as Thumbs.db:encryptable
    for why, known in _FILES.items():
        if lower in known or without_stream in known:
            return why
    for why, beginnings in _BEGINNINGS.items():
        if lower.startswith(beginnings):
            return why
    for why, endings in _ENDINGS.items():
        if lower.endswith(endings):
            return why
    if lower in _TEXTS:
        return "of text or data"
    return HIDDEN if re.match(r"\.[^.]", name) else None
