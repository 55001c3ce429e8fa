import pytest

from keras_suite.data_pipeline.images.leftovers import outside_the_data, why_left_out


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".DS_Store", "operating system"),
        ("cats/Thumbs.db", "operating system"),
        ("cats/.git/objects/ab/cd", "version control"),
        ("#recycle/cat.jpg", "file server"),
        (".@__thumb/s800cat.jpg", "file server"),
        ("cats/cat.jpg:Zone.Identifier", "file server"),
        ("cats/cat.jpg.crdownload", "transfer that did not end"),
        ("cats/.cat.jpg.Ab12Cd", "hidden"),
        (".thumbnails/cat.png", "operating system"),
        (".whatever/cat.png", "hidden"),
        ("cats/~$notes.docx", "program that had them open"),
        ("cats/cat.xmp", "image program"),
        ("cats/annotations.XML", "text or data"),
        ("LICENSE", "text or data"),
        ("cats/clip.MOV", "sound or film"),
        ("cats/more.zip", "archive"),
        ("cats/Thumbs.db:encryptable", "operating system"),
        ("cats/.IMG_1.JPG.icloud", "cloud"),
        ("CVS/Entries", "version control"),
        ("RECYCLER/S-1-5-21-1/Dc1.png", "operating system"),
    ],
)
def test_what_programs_leave_is_no_image(name: str, why: str) -> None:
    assert why in (why_left_out(name) or "")


@pytest.mark.parametrize(
    "name",
    [
        "cats/cat.jpg",
        "cats/cat",
        "..z/cat.png",
        "cats/x.heic",
        "cats/x.dcm",
        "cats/x.svg",
        "icons/a.png",
        "db/a.JPEG",
        "cvs/1.png",
        "Recycled/can.jpg",
        "12:30.png",
    ],
)
def test_what_may_be_a_photograph_is_kept(name: str) -> None:
    assert why_left_out(name) is None


def test_what_lies_beside_class_folders_counts_as_ever() -> None:
    names = [
        "README.txt",
        "metadata",
        ".gitignore",
        "data/notes.md",
        "data/cats/a.jpg",
        "data/cats/a.json",
        ".git/config",
    ]
    assert outside_the_data(names) == {"data/cats/a.json", ".git/config"}
