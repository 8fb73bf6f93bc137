"""The vectors of an index on a Chroma server or Chroma Cloud, which may be away at any moment.

`server` speaks its HTTP interface within limits of time and size; `vectors` finds a generation there, or brings it.
"""
