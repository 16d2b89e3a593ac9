"""Mutation testing: change the program in one small place, run the tests that reach it, and see.

`python -m tests.mutants` (or `make mutants`) says how; docs/testing.md says why it is not mutmut
or cosmic-ray: both patch or select within one process, and half of this program runs in children
(session client, terminal worker, one-shot commands) that do not inherit the environment.
"""
