"""Terminal emulation in a separate process, the link to it, and the widget that draws it."""
