"""The console: pages for agents, served on their own machine with their own identity at AWS.

door        which browser is let in: the one that opened the link
serving     the socket, the link and the server
asking      a request as pages see it, and what they answer
showing     templates, and the values that each page has
console     all pages as one application
pages       the pages
"""
