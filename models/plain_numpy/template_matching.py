"""Find a template in an image: correlation in NumPy, in three forms of which each corrects the last.

A template w of n pixels lies over the window of the image x that begins at p. With means x̄_p and w̄, standard
deviations s_p and s_w, and the correlation coefficient r_p of the window's pixels with the template's,

    plain        sum_a x[p + a] w[a]                          = n (x̄_p w̄ + s_p s_w r_p)
    zero-mean    sum_a x[p + a] (w[a] - w̄)                    = n s_p s_w r_p
    normalised   the same, divided by n s_p s_w               = r_p, from -1 to 1

for the sum of products is the product of the sums and what the covariance adds. So plain correlation is large where
the image is bright, whatever is there; less the template's mean it is large where the image is rich in contrast; only
normalised by each window's contrast it responds to the pattern, and a gain and an offset of the light, even others at
each position, change nothing.

The sums over all windows are one product of Fourier transforms, for a correlation is a convolution with the rotated
template, and a convolution a product of transforms; the windows' means and contrasts come from running sums. Source:
Lewis 1995, "Fast normalized cross-correlation".

All functions: image (H, W) and template (h, w) of any numbers, scores float64 (H - h + 1, W - w + 1), one for each
window that lies inside the image, by its first pixel.
"""

import numpy as np

FLAT = 1e-12  # of the image's largest square: a variance below is what rounding leaves of a flat window


def correlation(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Return the sum of products of the template with each window."""
    image, template = _checked(image, template)
    rows, columns = (big - small + 1 for big, small in zip(image.shape, template.shape, strict=True))
    # As long as the image is enough: sums that wrap around its end are those of windows that leave it.
    product = np.fft.rfft2(image) * np.conj(np.fft.rfft2(template, image.shape))
    return np.fft.irfft2(product, image.shape)[:rows, :columns]


def zero_mean_correlation(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Return the correlation with the template less its mean, on which a window's brightness has no effect."""
    image, template = _checked(image, template)
    return correlation(image, template - template.mean())


def normalised_correlation(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Return the correlation coefficient of the template with each window, -1 to 1; 0 for flat windows."""
    image, template = _checked(image, template)
    if np.ptp(template) == 0:
        raise ValueError(f"the template is flat, all {template.flat[0]:g}: expected a pattern; choose another piece")
    image = image - image.mean()  # of smaller numbers the running sums lose less
    contrast = window_contrasts(image, template.shape)
    scores = np.zeros_like(contrast)
    np.divide(
        zero_mean_correlation(image, template),
        contrast * template.std() * template.size,
        out=scores,
        where=contrast > 0,
    )
    return np.clip(scores, -1, 1)


def window_means(image: np.ndarray, window: tuple[int, int]) -> np.ndarray:
    """Return the mean of each window of this size."""
    return _window_sums(image.astype(np.float64), window) / (window[0] * window[1])


def window_contrasts(image: np.ndarray, window: tuple[int, int]) -> np.ndarray:
    """Return the standard deviation in each window of this size; exactly 0 where only rounding is left of it."""
    image = image.astype(np.float64)
    variance = window_means(image**2, window) - window_means(image, window) ** 2
    return np.sqrt(np.where(variance > FLAT * np.max(image**2), variance, 0))


def best_place(scores: np.ndarray) -> tuple[int, int]:
    """Return (row, column) of the largest score; of equal ones the first."""
    row, column = np.unravel_index(np.argmax(scores), scores.shape)
    return int(row), int(column)


def _window_sums(image: np.ndarray, window: tuple[int, int]) -> np.ndarray:
    """Sum each window from running sums of rows and columns: four of their entries."""
    height, width = window
    running = np.pad(image.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    bottom, top = running[height:], running[:-height]
    return bottom[:, width:] - bottom[:, :-width] - top[:, width:] + top[:, :-width]


def _checked(image: np.ndarray, template: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both as float64; raise ValueError unless they are finite grey images and the second fits the first."""
    for name, array in (("image", image), ("template", template)):
        if array.ndim != 2 or not array.size:
            raise ValueError(
                f"the {name} has shape {array.shape}: expected (height, width); of colours take one channel, or "
                "their mean"
            )
        if not np.isfinite(array).all():
            raise ValueError(f"the {name} holds NaN or infinity: expected finite numbers; find where it came from")
    if template.shape[0] > image.shape[0] or template.shape[1] > image.shape[1]:
        raise ValueError(f"a template of {template.shape} does not fit into an image of {image.shape}: cut it smaller")
    return image.astype(np.float64), template.astype(np.float64)
