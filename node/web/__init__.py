"""The web view: Swedish pages for staff, server-rendered, complete without JavaScript.

Boundary: reads through `node.queries`, changes things only through `node.operations`. A page never
touches the database, the log or the network itself, and no GET changes anything.
"""

from __future__ import annotations
