"""Runs sent to a tracker, from their directories, which stay as they are.

logged_values.py  what of a run is logged: parameters, metrics, tags
mlflow_log.py     the log on an MLflow server: each run once, and none lost when the server goes away
"""
