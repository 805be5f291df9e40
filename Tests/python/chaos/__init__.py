"""What breaks, on purpose: real nodes are killed, stopped, cut off, starved and fed garbage, and checked from outside.

`cluster` starts processes and hurts them, `load` calls them, `checks` are pure judges of what came back, and each file
in `scenarios` is one proof of docs/reliability.md, read from top to bottom. A stranger's view: Protos/ and docs/ alone.
"""
