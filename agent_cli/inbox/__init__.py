"""An agent's work on one screen: the same use cases as the commands, with the keyboard."""
