"""Artifacts used as their users will, before anybody sees them."""
