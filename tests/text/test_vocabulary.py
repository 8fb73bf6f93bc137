"""The words of a library are counted once a sentence, weighed by rarity, completed and saved without a change."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.encoders.embedding import MiniLM, load_embedder
from rag.index.columns import Passages
from rag.index.stem_sets import sentence_stems
from rag.text.chunking import chunk_review
from rag.text.terms import stem, words
from rag.text.vocabulary import Vocabulary, build_vocabulary, load_vocabulary, save_vocabulary
from rag.types import Embedder, Passage, Review, Section

TEXT = (
    "Cancers grow. A tumour grew in CD19 mice, and cancers grew. Lamps of Wick et al. burn; mTOR is 5. The price rose."
)


@pytest.fixture(scope="module")
def model(data: Path) -> MiniLM:
    return load_embedder(data / "models")


@pytest.fixture(scope="module")
def embedded(model: MiniLM) -> Vocabulary:
    return counted(passages_of(TEXT), model)


def passages_of(text: str, review_id: str = "10.1000/lamp") -> list[Passage]:
    section = Section("Body", "body", "authors", 0, len(text))
    return chunk_review(Review(review_id, "On lamps", text, (section,)))


def counted(passages: list[Passage], embedder: Embedder | None) -> Vocabulary:
    texts = {p.review_id: max(q.end for q in passages if q.review_id == p.review_id) for p in passages}
    whole = {name: [" "] * length for name, length in texts.items()}
    for p in passages:
        whole[p.review_id][p.start : p.end] = p.text
    columns = Passages.of([Review(name, "", "".join(text), ()) for name, text in whole.items()], passages)
    stems = sentence_stems(columns)
    return build_vocabulary(columns.sentence_texts(), len(stems), stems.frequency(), embedder)


def test_a_stem_is_counted_once_a_sentence():
    vocabulary = counted(passages_of(TEXT), None)
    assert vocabulary.sentences == 4
    assert (vocabulary.frequency[stem("cancer")], vocabulary.frequency[stem("tumor")]) == (2, 1)
    assert stem("tumors") in vocabulary and stem("glioma") not in vocabulary


def test_sentences_that_passages_share_are_counted_once():
    text = " ".join(f"Keeper {number} lit the lamp of the house at dusk." for number in range(100))
    passages = passages_of(text)
    assert any(two.start < one.end for one, two in pairwise(passages))
    vocabulary = counted(passages, None)
    assert vocabulary.sentences == vocabulary.frequency["lamp"] == 100


def test_the_same_place_in_another_review_is_another_sentence():
    vocabulary = counted([*passages_of(TEXT), *passages_of(TEXT, "10.1000/dusk")], None)
    assert vocabulary.sentences == 8 and vocabulary.frequency[stem("cancer")] == 4


def test_spellings_are_the_ordinary_words_as_they_stand():
    spellings = counted(passages_of(TEXT), None).spellings
    assert {"cancers", "grow", "tumour", "lamps", "wick", "price"} <= spellings.keys()
    assert not {"cd19", "mtor", "5", "CD19", "mTOR", "is", "et"} & spellings.keys()
    assert all(stem(spelling) == form for spelling, form in spellings.items())


@given(st.lists(st.text(max_size=40), max_size=5))
def test_any_library_has_a_vocabulary_of_the_forms_of_its_words(texts):
    passages = [p for at, text in enumerate(texts) if text for p in passages_of(text, str(at))]
    vocabulary = counted(passages, None)
    assert set(vocabulary.frequency) == {
        form
        for p in passages
        for a, b in p.sentences
        for word in words(p.text, a - p.start, b - p.start)
        for form in word.forms
    }
    assert all(1 <= count <= vocabulary.sentences for count in vocabulary.frequency.values())
    assert all(vocabulary.weight(form) > 0 for form in [*vocabulary.frequency, "unknown"])


def test_rarer_stems_weigh_more_and_unknown_ones_most():
    frequency = {"all": 10, "most": 7, "some": 2, "one": 1}
    vocabulary = Vocabulary(10, frequency, {}, (), np.empty((0, 0), np.float16))
    weights = [vocabulary.weight(stem) for stem in [*frequency, "none"]]
    assert weights == sorted(weights) and len(set(weights)) == 5 and weights[0] > 0


def test_what_is_in_most_sentences_is_ubiquitous_but_not_in_a_handful():
    big = Vocabulary(100, {"lamp": 80, "dusk": 1}, {}, (), np.empty((0, 0), np.float16))
    small = Vocabulary(2, {"lamp": 2}, {}, (), np.empty((0, 0), np.float16))
    assert big.is_ubiquitous("lamp") and not big.is_ubiquitous("dusk") and not big.is_ubiquitous("unknown")
    assert not small.is_ubiquitous("lamp")


def test_the_closest_spelling_is_the_nearest_then_the_commonest():
    spellings = {"tumor": "tumor", "tumour": "tumor", "humor": "humor", "tutor": "tutor", "toner": "toner"}
    vocabulary = Vocabulary(
        9, {"tumor": 5, "tutor": 2, "humor": 9, "toner": 1}, spellings, (), np.empty((0, 0), np.float16)
    )
    assert vocabulary.closest_spelling("tumors", 1) == "tumor"
    assert vocabulary.closest_spelling("tumoour", 1) == "tumour"
    assert vocabulary.closest_spelling("tuxor", 1) == "tumor"
    assert vocabulary.closest_spelling("xumor", 2) is None
    assert vocabulary.closest_spelling("tuuumr", 1) is None


def test_a_stump_is_completed_when_one_stem_begins_with_it():
    spellings = {"remission": "remiss", "remissions": "remiss", "relapse": "relaps"}
    vocabulary = Vocabulary(9, {"remiss": 5, "relaps": 2}, spellings, (), np.empty((0, 0), np.float16))
    assert vocabulary.completion("rem") == vocabulary.completion("remission") == "remission"
    assert vocabulary.completion("re") is None
    assert vocabulary.completion("xyz") is None


def test_words_that_mean_the_same_are_similar_and_others_are_not(embedded, model):
    cosines = embedded.similar(model.embed(["tumor"])[0], -1)
    assert set(cosines) == set(embedded.embedded)
    assert max(cosines, key=cosines.get) == stem("tumour") and cosines[stem("tumour")] > 0.9
    assert cosines[stem("cancer")] > cosines["lamp"] + 0.2
    near = embedded.similar(model.embed(["tumor"])[0], 0.5)
    assert near == {form: cosine for form, cosine in cosines.items() if cosine >= 0.5} and "lamp" not in near


def test_only_ordinary_words_have_a_vector(embedded):
    assert embedded.vectors.shape == (len(embedded.embedded), 384)
    assert stem("lamps") in embedded.embedded and not {"cd19", "mtor", "5"} & set(embedded.embedded)


def test_without_a_model_nothing_is_similar():
    assert counted(passages_of(TEXT), None).similar(np.ones(384, np.float32), -1) == {}


def test_an_empty_library_has_an_empty_vocabulary(model):
    vocabulary = counted([], model)
    assert (vocabulary.sentences, vocabulary.frequency, vocabulary.spellings, vocabulary.embedded) == (0, {}, {}, ())
    assert vocabulary.similar(np.ones(384, np.float32), -1) == {}
    assert vocabulary.closest_spelling("tumor", 2) is vocabulary.completion("tum") is None


def test_it_does_not_depend_on_the_order_of_the_passages(model):
    passages = [*passages_of(TEXT), *passages_of("Other lamps burn. Prices fell.", "10.1000/dusk")]
    one, other = (counted(order, model) for order in (passages, passages[::-1]))
    assert (one.frequency, one.embedded, one.sentences) == (other.frequency, other.embedded, other.sentences)
    assert np.array_equal(one.vectors, other.vectors)


@pytest.mark.parametrize("text", [TEXT, "İzmir ß αβ naïve e\u0301 \x00 \u2028 שלום 😀.", "1,2 [] {}"], ids=ascii)
def test_what_is_saved_is_read_back(tmp_path, model, text):
    vocabulary = counted(passages_of(text), model)
    save_vocabulary(vocabulary, tmp_path)
    kept = load_vocabulary(tmp_path)
    for field in ("sentences", "frequency", "spellings", "embedded"):
        assert getattr(kept, field) == getattr(vocabulary, field)
    assert kept.vectors.dtype == vocabulary.vectors.dtype and np.array_equal(kept.vectors, vocabulary.vectors)
    assert list(kept.frequency) == list(vocabulary.frequency) and list(kept.spellings) == list(vocabulary.spellings)


def test_vectors_with_objects_inside_are_refused(tmp_path):
    save_vocabulary(counted(passages_of(TEXT), None), tmp_path)
    np.save(tmp_path / "vocabulary.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="object"):
        load_vocabulary(tmp_path)


def test_what_is_written_is_the_same_every_time(tmp_path, model):
    written = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        save_vocabulary(counted(passages_of(TEXT), model), folder)
        written.append([(path.name, path.read_bytes()) for path in sorted(folder.iterdir())])
    assert written[0] == written[1]
    assert json.loads(dict(written[0])["vocabulary.json"])["sentences"] == 4
