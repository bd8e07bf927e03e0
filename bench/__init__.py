"""Measurements and proofs that take longer than a test may: run by hand, each file says how."""
