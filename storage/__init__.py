"""Storage keeps the log and everything derived from it.

The log (tables ``logs`` and ``entries``) is the truth; all projections can be dropped and
rebuilt from it, byte-equal. Nothing here knows the network or the pages. Imports run
node → storage → protocol, never back.
"""
