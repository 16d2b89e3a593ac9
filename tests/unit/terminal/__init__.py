"""Pure parts of the terminal: keys, cells, copy mode."""
