"""Access to the operating system: terminals, child processes, files, output, exit statuses."""
