"""What happened, and what it means: run directories -> numbers -> statistics -> figures -> HTML and Markdown.

Nothing here imports TensorFlow, so a report can be made where TensorFlow is not installed.
"""
