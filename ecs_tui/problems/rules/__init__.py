"""The rules: pure functions over facts, one declared list in `all.py`."""
