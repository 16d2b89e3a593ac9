"""Charts of numbers over time, as text; `canvas.py` is the one module that knows the plot library."""
