"""A trained network for other runtimes: one file with pixels in, probabilities out and the class names inside.

network.py       the network as it is exported: raw pixels to probabilities
images.py        the images of its run: some that trained it, and those to measure the file on
litert.py        .tflite in float32 and int8
onnx_file.py     .onnx
saved_model.py   a folder for TensorFlow
target.py        what can be exported to: file names, packages, how a file is read
running.py       answers and latencies, of the network and of the file that was written
agreement.py     whether both answer alike: the verdict
export.py        all of it in order
"""
