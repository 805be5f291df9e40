"""Calls to real nodes, and the pairs and utterances in them."""
