"""The console: pages for agents, served on their own machine with their own identity at AWS.

door        who is let in: one browser, by a link that works once
serving     the socket, the link and the server
"""
