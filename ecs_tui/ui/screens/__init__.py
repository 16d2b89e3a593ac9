"""The screens: the browser, and the small ones over it."""
