"""How many small faults in a pure room its unit tests notice."""
