"""A small Skaraborg on one machine: real nodes, real sockets, sample records of our own writing.

Boundary: uses a node as any operator could and changes nothing about how it works. All that it
publishes is marked as an example; no real person and no real supplier is in it.
"""
