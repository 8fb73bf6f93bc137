"""What can go wrong, in words a reader can act on.

RagError
├── UnreadableReview   a source file that cannot become a review
├── FilesNotChanged    a file of the shelf, or of a reader's own, that could not be kept, taken away or brought back
├── NoReviews          nothing to ask: the folder is missing, empty, or holds nothing readable
├── ModelMissing       the embedding model is neither installed nor reachable, or what else was learned cannot be used
├── IndexBusy          another process is building this index
├── IndexDamaged       an index on disk that fails its checks
├── IndexNotWritten    the index could not be stored (disk full, folder not writable)
├── ServiceAway        a service from which papers are fetched does not answer, or may not be asked
├── StoreUnavailable   the database of links, conversations and budgets cannot be used
├── BudgetReached      the questions, links or dollars that the owner allows are used up
├── NoSuchLink         a shared link that no longer opens, or a secret that is not its owner's
├── ChangedElsewhere   a conversation that another tab has changed since it was read
├── Forgotten          a conversation that is no longer kept
├── BadSettings        a setting, or the file of secrets, that cannot be read
└── NoModel            no language model is named, or its key or package is missing
"""


class RagError(Exception):
    """Base of all errors whose message can be shown to the user as it is."""


class UnreadableReview(RagError):
    """A source file is empty, binary, too large, wrongly encoded or holds only boilerplate."""


class FilesNotChanged(RagError):
    """A file could not be kept, taken away or brought back; the others are as they were."""


class ServiceAway(RagError):
    """A service from which papers are fetched does not answer now, or `RAG_OFFLINE` forbids to ask it."""


class NoReviews(RagError):
    """The folder of sources holds no readable review."""


class ModelMissing(RagError):
    """The weights of a model cannot be found, fetched or used: the embedder's, and retrieval falls back to words, those
    of the reader, and answers are chosen without it, or those by which they are chosen, and there are none.
    """


class IndexBusy(RagError):
    """Another process holds the lock of the index."""


class IndexDamaged(RagError):
    """The index on disk does not pass verification; it must be rebuilt."""


class IndexNotWritten(RagError):
    """The index could not be written; what was served before is untouched."""


class StoreUnavailable(RagError):
    """The database cannot be read or written; answers do not need it."""


class NoSuchLink(RagError):
    """A link does not work: unknown, incomplete, expired, deleted or damaged; or the secret is not its own."""


class BudgetReached(RagError):
    """A limit that the owner set is reached; the message says when it ends, where that is known."""


class ChangedElsewhere(RagError):
    """What is to be kept was changed elsewhere since it was read."""


class Forgotten(RagError):
    """What is to be kept again was removed since it was read."""


class BadSettings(RagError):
    """A setting cannot be read; the message names it and never its value."""


class NoModel(RagError):
    """No language model can be asked; answers are made of quotes."""
