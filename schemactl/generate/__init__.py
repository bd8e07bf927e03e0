"""Code from an image: what is handed to the generators, the generators, and what becomes of what they write."""
