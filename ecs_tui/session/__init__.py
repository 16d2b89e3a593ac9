"""An exec session from ExecuteCommand to exit: plugin, PTY, data channel."""
