"""What is said of images that were converted while they were read: how many, how, and which was the first."""

from collections.abc import Collection, Mapping

from keras_suite.tasks.reading.files import one_line
from keras_suite.tasks.wording.quantities import counted

# The note on each conversion that `image_files.decode` may report; {} is how many images, as "2 images".
_SENTENCES = {
    "grey": "{} in grey repeated over 3 channels",
    "colour": "{} in colour turned grey",
    "turned": "{} turned upright as their EXIF orientation says",
    "transparent": "{} with transparency laid on white",
    "several frames": "{} of several frames: the first was taken",
    "palette": "{} with a palette converted",
    "inverted": "{} in which 0 means white inverted",
    "deep": "{} of more than 8 bits scaled to 8",
    "deep colour": "{} of more than 8 bits a colour scaled to 8",
}


def conversion_notes(converted: Mapping[str, tuple[int, str]]) -> tuple[str, ...]:
    """Say what images were converted: of each conversion that `decode` reports, how many images and which first."""
    return tuple(
        f"{_SENTENCES.get(kind, f'{{}} of mode {kind} converted').format(counted(count, 'image'))} "
        f"(first: {one_line(first)})"
        for kind, (count, first) in sorted(converted.items())
    )


def scaling_note(deep: Collection[str], scale: tuple[float, float] | None) -> str:
    """Say what became of more than 8 bits.

    Args:
        deep: The files that have them, one or more.
        scale: What was black and what white; None where each has its own scale.
    """
    how = "each from its darkest to its brightest pixel"
    if scale is not None:
        how = f"{scale[0]:g} as black, {scale[1]:g} as white"
    return f"{counted(len(deep), 'image')} of more than 8 bits scaled to 8, {how} (first: {one_line(min(deep))})"
