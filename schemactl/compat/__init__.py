"""The compatibility verdict: what a change does to every reader and writer of what is on the wire."""
