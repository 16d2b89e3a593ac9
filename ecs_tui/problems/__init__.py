"""What is wrong in the watched clusters, since when, and why; without Textual."""
