"""Files as reviews: recognised by their content, read with the place of every section in the text.

One reader a format; what they share (headings, names, dates, identifiers, facts) stands beside them.
"""

from rag.sources.apart import draw_apart, read_one_apart
from rag.sources.folder import WHAT_TO_PUT, Folder, file_stamp, read_file, read_folder, read_review, unpacked
from rag.sources.formats import read_content as read_bytes_as
from rag.sources.holdings import Holdings, file_name
from rag.sources.kept_readings import FILE as READ
from rag.sources.kept_readings import KeptReadings
from rag.sources.lines import split_lines as lines_of
from rag.sources.originals import original, read_again
from rag.sources.pdf import PrintedLines, printed_lines
from rag.sources.reports import FileReport, report
from rag.sources.retraction_list import COLUMNS, NATURES
from rag.sources.source_file import Notice, Reading
from rag.sources.text_kinds import text_features

__all__ = [
    "COLUMNS",
    "NATURES",
    "READ",
    "WHAT_TO_PUT",
    "FileReport",
    "Folder",
    "Holdings",
    "KeptReadings",
    "Notice",
    "PrintedLines",
    "Reading",
    "draw_apart",
    "file_name",
    "file_stamp",
    "lines_of",
    "original",
    "printed_lines",
    "read_again",
    "read_bytes_as",
    "read_file",
    "read_folder",
    "read_one_apart",
    "read_review",
    "report",
    "text_features",
    "unpacked",
]
