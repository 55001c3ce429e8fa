"""Read files that somebody else wrote: each is a file and none too large, or it is named in one line.

files.py     open what is a file, not a pipe or a device; at most so many bytes of it
archives.py  members of .zip, .npz, .keras, .tar and .tar.gz, and .gz, none larger than its reader expects
arrays.py    NumPy's .npy: plain numbers alone, as many as the header says
text.py      JSON and CSV
"""
