"""`inspect live`: a page in which a classifier computes in the browser, on what is drawn or dropped there."""
