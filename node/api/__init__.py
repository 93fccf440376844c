"""Ways out for the knowledge: the JSON API, files of lists, the calendar, the open-data catalogue.

Stands on the pages' rules of who may see what, and adds none of its own.
"""
