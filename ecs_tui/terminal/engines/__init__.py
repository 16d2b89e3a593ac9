"""The terminal engines: implementations of `terminal/engine.py`."""
