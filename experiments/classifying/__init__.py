"""From a few photographs to a classifier: frozen ImageNet features, and a head that is fitted to them in seconds.

head.py              logistic regression on features, its strength and its answers by cross-validation
expected.py          what share of new images it will read right, and what more photographs would buy
classifier.py        the data, the features, the network with its head
recorded.py          the run directories that `report` and `predict` read
"""
