"""Images in, batches out: datasets, splits, augmentation, and the one tf.data pipeline.

A dataset builder is called `build(data_dir, *, options)` and gives a `data_pipeline.dataset.Dataset`; an augmentation
builder is called `build(image_shape, classes, *, options)`. Adding one is one new file and one line here.
"""

DATASETS = {
    "digits": "data_pipeline.digits:digits",
    "mnist": "data_pipeline.keras_datasets:mnist",
    "fashion_mnist": "data_pipeline.keras_datasets:fashion_mnist",
    "cifar10": "data_pipeline.keras_datasets:cifar10",
    "cifar100": "data_pipeline.keras_datasets:cifar100",
    "moving_digits": "data_pipeline.moving_digits:moving_digits",
    "rotated_digits": "data_pipeline.rotated_digits:rotated_digits",
    "homing_scenes": "data_pipeline.homing_scenes:homing_scenes",
    "digit_scenes": "data_pipeline.digit_scenes:digit_scenes",
    "captioned_scenes": "data_pipeline.captioned_scenes:captioned_scenes",
    "image_folder": "data_pipeline.image_folder:image_folder",
    "image_table": "data_pipeline.image_table:image_table",
}

AUGMENTATIONS = {
    "standard": "data_pipeline.augmentation.standard:standard",
}
