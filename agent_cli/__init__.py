"""The agents' terminal: takes escalated tickets, shows them, replies."""
