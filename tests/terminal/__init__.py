"""On a PTY: engines, the worker, the link, the driver, sessions and the whole program."""
