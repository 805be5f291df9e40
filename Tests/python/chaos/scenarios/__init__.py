"""The proofs, in the order in which they run."""
