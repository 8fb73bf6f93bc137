"""What can go wrong, in words a reader can act on.

RagError
├── UnreadableReview   a source file that cannot become a review
├── NoReviews          nothing to ask: the folder is missing, empty, or holds nothing readable
├── ModelMissing       the embedding model is neither installed nor reachable
├── IndexBusy          another process is building this index
├── IndexDamaged       an index on disk that fails its checks
├── IndexNotWritten    the index could not be stored (disk full, folder not writable)
├── VectorsAway        the vectors are on a server that does not give them now
├── StoreUnavailable   the database of links, conversations and budgets cannot be used
├── BudgetReached      what the owner allows of questions, links or dollars is used up
├── NoSuchLink         a shared link that opens no more, or a secret that is not its owner's
├── ChangedElsewhere   a conversation that another tab has changed since it was read
├── Forgotten          a conversation that is kept no longer
├── BadSettings        a setting, or the file of secrets, that cannot be read
└── NoModel            no language model is named, or its key or package is missing
"""


class RagError(Exception):
    """Base of all errors whose message is meant for the user as it is."""


class UnreadableReview(RagError):
    """A source file is empty, binary, too large, wrongly encoded or holds only boilerplate."""


class NoReviews(RagError):
    """The folder of sources holds no readable review."""


class ModelMissing(RagError):
    """The weights of the embedding model cannot be had; retrieval falls back to words."""


class IndexBusy(RagError):
    """Another process holds the lock of the index."""


class IndexDamaged(RagError):
    """The index on disk does not pass verification; it must be rebuilt."""


class IndexNotWritten(RagError):
    """The index could not be written; what was served before is untouched."""


class VectorsAway(RagError):
    """The vectors of the index cannot be had for the moment; the message says why, after a colon."""


class StoreUnavailable(RagError):
    """The database cannot be read or written; answers do not need it."""


class NoSuchLink(RagError):
    """A link opens nothing: unknown, incomplete, expired, deleted or damaged; or its secret is another one."""


class BudgetReached(RagError):
    """A limit of the owner is reached; the message says when it ends, where that is known."""


class ChangedElsewhere(RagError):
    """What is to be kept has been changed by another since it was read."""


class Forgotten(RagError):
    """What is to be kept again was removed since it was read."""


class BadSettings(RagError):
    """A setting cannot be read; the message names it and never its value."""


class NoModel(RagError):
    """No language model can be asked; answers are made of quotes."""
