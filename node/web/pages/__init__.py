"""Pages by concept. A handler reads what its page shows, and hands it to a template."""

from __future__ import annotations
