"""Datasets, splits, augmentation, and the tf.data pipeline that turns them into batches.

A dataset builder is called `build(data_dir, *, options)`, with the folder that its files may lie in, and returns a
`Dataset` (dataset.py); an augmentation builder is called `build(image_shape, classes, *, options)`. A new one is one
file and one line here.
"""

DATASETS = {
    "digits": "keras_suite.data_pipeline.datasets.digits:digits",
    "mnist": "keras_suite.data_pipeline.datasets.keras_datasets:mnist",
    "fashion_mnist": "keras_suite.data_pipeline.datasets.keras_datasets:fashion_mnist",
    "cifar10": "keras_suite.data_pipeline.datasets.keras_datasets:cifar10",
    "cifar100": "keras_suite.data_pipeline.datasets.keras_datasets:cifar100",
    "moving_digits": "keras_suite.data_pipeline.datasets.synthetic.moving_digits:moving_digits",
    "rotated_digits": "keras_suite.data_pipeline.datasets.synthetic.rotated_digits:rotated_digits",
    "homing_scenes": "keras_suite.data_pipeline.datasets.synthetic.homing_scenes:homing_scenes",
    "digit_scenes": "keras_suite.data_pipeline.datasets.synthetic.digit_scenes:digit_scenes",
    "digits_and_strangers": "keras_suite.data_pipeline.datasets.synthetic.strangers:digits_and_strangers",
    "captioned_scenes": "keras_suite.data_pipeline.datasets.synthetic.captioned_scenes:captioned_scenes",
    "image_folder": "keras_suite.data_pipeline.datasets.image_folder:image_folder",
    "image_table": "keras_suite.data_pipeline.datasets.image_table:image_table",
    "arrays": "keras_suite.data_pipeline.datasets.arrays:arrays",
    "tfds": "keras_suite.data_pipeline.datasets.tfds:tfds",
    "huggingface": "keras_suite.data_pipeline.datasets.huggingface:huggingface",
}

AUGMENTATIONS = {
    "standard": "keras_suite.data_pipeline.augmentation.standard:standard",
}
