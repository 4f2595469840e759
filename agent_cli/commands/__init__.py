"""One module for each noun; each holds its `command`."""
