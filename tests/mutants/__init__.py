"""Mutation testing: change one small thing in the program and run the tests that reach it.

`python -m tests.mutants` (or `make mutants`) shows the commands; docs/testing.md says why this is
not mutmut or cosmic-ray: both patch or select within one process, and half of this program runs in
child processes (session client, terminal worker, commands) that do not inherit the environment.
"""
