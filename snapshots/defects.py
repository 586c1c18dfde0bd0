"""What can be wrong with a message, or too much of it."""

from enum import StrEnum


class Defect(StrEnum):
    """What was wrong with a message, or too much of it. Stable codes; pages put them into words."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    TOO_MANY_PARTS = "too-many-parts"
    TOO_MANY_HEADERS = "too-many-headers"
    TOO_MANY_PARAMETERS = "too-many-parameters"
    TOO_MANY_ADDRESSES = "too-many-addresses"
    TOO_MUCH_TEXT = "too-much-text"
    TOO_MANY_DASHED_LINES = "too-many-dashed-lines"
    HEADER_TOO_LONG = "header-too-long"
    HEADER_BLOCK_TOO_LONG = "header-block-too-long"
    HEADER_NOT_ENDED = "header-not-ended"
    STRAY_HEADER_LINE = "stray-header-line"
    BOUNDARY_MISSING = "boundary-missing"
    BOUNDARY_REPEATED = "boundary-repeated"
    BOUNDARY_NOT_FOUND = "boundary-not-found"
    BOUNDARY_NOT_CLOSED = "boundary-not-closed"
    UNKNOWN_ENCODING = "unknown-encoding"
    ENCODED_CONTAINER = "encoded-container"
