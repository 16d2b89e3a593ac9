"""The app in Textual's pilot, driven by keys."""
