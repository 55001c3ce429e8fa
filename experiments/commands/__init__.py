"""The commands, one file each; experiments/cli.py puts them together.

run, tune          train; report at the end
report             what runs, sweeps and studies say; needs no TensorFlow
listing            `list` and `show`
data, predict      what would be fed; what a model says of image files
inspect, find_lr   pictures of trained networks; the learning-rate range test
networks           `shapes`, `weights`, `convolutional`, `check gradients`
cache              features and images that are kept

command_line       what all of them share: the console, common options, the answer to bad input
plan_run           a plan carried out, for `run` and for `tune --confirm`
study_run          a study carried out
data_view          what `data` prints
"""
