"""Features of frozen networks, computed once and kept on disk: frozen.py computes, store.py keeps."""
