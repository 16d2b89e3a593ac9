"""The SSM data channel: its wire format, its reliable streams, and the built-in client."""
