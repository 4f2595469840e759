"""The agents' terminal: see what waits, take it, answer it; keep the knowledge and the queues."""
