"""The agents' terminal: see the waiting tickets, answer them; keep the knowledge and queues."""
