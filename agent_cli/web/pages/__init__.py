"""The console's pages, a module each. `PAGES` of a module has them by method and path."""
