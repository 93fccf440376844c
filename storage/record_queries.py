"""The read side for pages and command line (interface; see storage/record_views.py)."""

from __future__ import annotations

from storage.record_views import (
    MEMBERS,
    PUBLIC,
    CommentRow,
    Counts,
    Facets,
    InterestRow,
    MunicipalityDetail,
    MunicipalityRow,
    ProfileView,
    RecordDetail,
    RecordFilter,
    RecordPage,
    RecordRow,
    UsedRecord,
    UseRow,
    VersionRow,
)

__all__ = [
    "MEMBERS",
    "PUBLIC",
    "CommentRow",
    "Counts",
    "Facets",
    "InterestRow",
    "MunicipalityDetail",
    "MunicipalityRow",
    "ProfileView",
    "RecordDetail",
    "RecordFilter",
    "RecordPage",
    "RecordRow",
    "UseRow",
    "UsedRecord",
    "VersionRow",
]
