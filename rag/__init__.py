"""Questions to a library of scientific reviews, answered with exact quotes."""
