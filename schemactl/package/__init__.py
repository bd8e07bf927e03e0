"""Artifacts from code: wheels, sdists, Go modules and descriptor images, the same bytes every time."""
