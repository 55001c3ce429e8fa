"""The commands, one file each; experiments/cli.py puts them together.

run, tune          train; report at the end
report             what runs, sweeps and studies show; needs no TensorFlow
listing            `list` and `show`
data, predict      what would be fed; what a model predicts of image files
inspect, find_lr   figures of trained networks; the learning-rate range test
networks           `shapes`, `weights`, `convolutional`, `check gradients`
cache              features and images that are kept

command_line       what all of them share: the console, common options, the answer to bad input
last_resort        the outermost boundary: one line and an exit code, whatever a command raises
streams            consoles that are closed, full or of another encoding
folders            folders tried before anything starts
plan_run           trains a plan, for `run` and for `tune --confirm`
"""
