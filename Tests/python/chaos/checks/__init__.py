"""Judges without I/O: what was asked and answered goes in, sentences about what is wrong come out."""
