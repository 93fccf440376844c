"""Every sentence that importers say, as templates of notes, with what to do where that helps.

Each has the same in Swedish in node/web/import_words.py.
"""

from __future__ import annotations

from typing import Final

# Of any source.
CUT: Final = "%(field)s was cut from %(before)s to %(after)s characters"
ASSUMED: Final = "%(field)s is not given; set to %(value)s"
ADDRESSES_LEFT_OUT: Final = (
    "%(count)s e-mail address(es) in %(field)s may be a person's and were left out"
)
CONTACT_LEFT_OUT: Final = (
    "the contact's e-mail address (and telephone) may be a person's and was left out; "
    "use a shared mailbox such as kontakt@ or the department's own"
)
NO_SUMMARY: Final = "there is no summary; the first paragraph was used"
UNFIT: Final = "%(why)s"
TOO_LONG: Final = "the record is %(size)s bytes, the most is %(most)s; shorten it"
READ_AS: Final = "the text is not UTF-8; it was read as %(encoding)s, so check å, ä and ö"

# Of files.
TOO_LARGE: Final = "the file is larger than %(most)s bytes; split it into several"
NOT_UTF8: Final = "the text is not UTF-8; save the file as UTF-8 and try again"
NOT_READABLE: Final = "cannot be read: %(why)s"
NO_TEXT: Final = "this is no text file"
WORKBOOK: Final = "this is a workbook; save the sheet as CSV (UTF-8) and import that"
NO_FILES: Final = "no %(endings)s file in this folder"

# Of YAML.
BROKEN_YAML: Final = "broken YAML: %(why)s"
DEEP_YAML: Final = "broken YAML: nested too deeply"
KEY_IS_NO_TEXT: Final = "broken YAML: a key must be plain text"
KEY_TWICE: Final = "broken YAML: %(key)s is given twice"

# Of Markdown.
OPEN_FRONT: Final = "the front matter that starts here has no closing --- line"
SECOND_PART: Final = "a second part on the same thing: %(heading)s"
NO_FIELDS: Final = "the front matter is not a list of fields (name: value)"
NO_FIELD: Final = "%(word)s is not a field of a record and was left out"
TWO_NAMES: Final = "%(word)s is given twice, under two names"
BOTH: Final = "%(field)s is given both in the front matter and in the text"
NO_TITLE: Final = "there is no title; the file's name was used"

# Of publiccode.yml.
NO_PUBLICCODE: Final = "not a publiccode.yml: it gives neither name nor description"
NO_NAME: Final = "the software has no name"
NO_PLACE: Final = "left out, a record has no place for it: %(keys)s"
UNKNOWN_STATUS: Final = "developmentStatus '%(value)s' is not known; set to drift"
TAGS_CUT: Final = "only the first %(kept)s of %(given)s tags were kept"
NO_LICENCE: Final = "legal.license is not given; the text's licence is unknown"
OWNERS_LEFT_OUT: Final = "mainCopyrightOwner or repoOwner was left out: it may be a person"
NO_LANGUAGE: Final = "'%(value)s' is not a language code; set to sv"
NO_DESCRIPTION: Final = "there is no description; the name was used as summary"
LANGUAGE_TAKEN: Final = (
    "the description was taken in %(taken)s; of %(others)s only the short description is kept"
)
NO_ADDRESS: Final = "%(title)s: %(value)s is not a web address and was left out"
PERSONS_LEFT_OUT: Final = (
    "names, telephone numbers and personal e-mail addresses of contacts were left out: "
    "an import must not spread personal data (shared mailboxes kept: %(count)s)"
)
USED_BY: Final = (
    "said to be used by %(names)s; nothing is published in their name, they are asked when they "
    "read it"
)

# Of tables.
EMPTY_TABLE: Final = "there is nothing in the table"
NO_TABLE: Final = "too many rows are broken; check the separator and the quotation marks"
BROKEN_ROW: Final = (
    "the quotation marks do not match; write a quotation mark inside a cell twice and import again"
)
LONG_CELL: Final = "a cell is too long; shorten it, or look for a quotation mark that never ends"
MANY_COLUMNS: Final = "there are more than %(most)s columns"
MANY_CELLS: Final = (
    "there are %(cells)s cells in a table of %(columns)s columns; put quotation marks around a "
    "cell that holds the separator"
)
ROWS_CUT: Final = "only the first %(most)s rows are read; put the rest into a file of its own"
NO_COLUMN: Final = "there is no column %(column)s in the file"
NO_SUCH_FIELD: Final = "a record has no field %(field)s"
TWO_COLUMNS: Final = "two columns are both %(field)s; leave one of them out"
NO_TITLE_COLUMN: Final = "no column is the title; say which one is"
BAD_VALUE: Final = "%(value)s cannot be %(field)s for all rows"
NO_MAPPING: Final = (
    "a mapping has columns, values, encoding and separator, and nothing else %(words)s"
)
NO_ENCODING: Final = "encoding is one of %(known)s"
NO_SEPARATOR: Final = "separator is a semicolon, a comma, a tab or a vertical bar"
NO_ROW_TITLE: Final = "there is no title in the row; write one, or take the row away"
NO_AMOUNT: Final = "%(value)s is no amount; write digits, such as 185000 or 1,5 mkr"
TWO_AMOUNTS: Final = (
    "%(value)s can be read in two ways; write it without a point or comma before three digits"
)
ROUNDED: Final = "%(value)s was rounded to %(number)s"
NO_DATE: Final = "%(value)s is no date; write 2024, 2024-03 or 2024-03-15"
NO_CHOICE: Final = "%(value)s is no %(field)s; write one of %(known)s"
NO_AREA: Final = "%(value)s is no subject area; write its name as on the pages, or its id"
NO_YES_NO: Final = "%(value)s is neither yes nor no"
NOT_A_MAILBOX: Final = "the e-mail address may be a person's and was left out; use a shared mailbox"
LINKS_CUT: Final = "%(value)s is not a web address and was left out"

# Of what is known already.
SAME_THING: Final = "another file or row of this import is the same thing"
RECORD_OF_THAT_TITLE: Final = "a record of ours has this title already"
DRAFT_OF_IT: Final = "a draft was made of it already"
DRAFT_OF_THAT_TITLE: Final = "a draft has this title already"
TITLE_TWICE: Final = "another file or row of this import has this title"
