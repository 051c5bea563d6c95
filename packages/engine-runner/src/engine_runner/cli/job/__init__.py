"""`engine job`: scripts that put a training into a queue."""
