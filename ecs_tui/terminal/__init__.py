"""A terminal emulator in a process of its own, the link to it, and the widget that draws it."""
