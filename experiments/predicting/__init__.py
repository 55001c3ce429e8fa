"""What a trained network says of any number of image files: one stream, whatever they are given as.

one_run.py         what is given where one run is expected
members.py         which trained networks answer: one run, or a variant's averaged
sureness.py        a temperature and a threshold, chosen by a run's validation images
requests.py        which files are meant by folders, patterns, lists and tables, and what class each is said to be of
stream.py          decoded in parallel, asked in batches of one fixed size, answered one by one
scoring.py         how many of the answers are right, where the right ones are known
training_files.py  which of them lie where the run took its training images from
output_names.py    what predicted pictures are called
"""
