"""Processes of a real node, and what is done to them."""
