"""Facts about Sweden's municipalities and the subject areas that experience is sorted under.

Rules: package data only, read once and never changed at run time; no clock, network or node state.
Sources are named in README.md beside this file. Codes are kommunkoder as text: "1498".
"""
