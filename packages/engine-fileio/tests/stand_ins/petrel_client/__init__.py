"""A stand-in for a package that no registry has: its client's methods, over a dict."""
