"""One look at the data before anything trains: what they are, and what about them should not be trusted.

`copies` finds images with the same pixels, which `splits` keeps on one side; `facts` measures each image once;
`near_duplicates` finds those that are nearly the same; `findings` holds what is said, and `inspect` says it.
"""
