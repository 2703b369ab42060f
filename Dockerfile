# The desk as an image: the locked packages, no compiler, no root.
FROM python:3.13-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/leaddesk
COPY requirements.lock ./
RUN /opt/leaddesk/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml hatch_build.py catalogues.py README.md LICENSE ./
COPY src src
RUN /opt/leaddesk/bin/pip install --no-deps .

FROM python:3.13-slim-trixie
# pg_dump, pg_restore and psql, for backup and restore on PostgreSQL 17 or older.
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10001 leaddesk \
 && useradd --system --uid 10001 --gid leaddesk --home-dir /data --no-create-home leaddesk \
 && install -d -o leaddesk -g leaddesk -m 0700 /data
COPY --from=build /opt/leaddesk /opt/leaddesk
ENV PATH=/opt/leaddesk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/data/cache \
    LEADDESK_MODE=production \
    LEADDESK_HOME=/data
USER 10001:10001
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["leaddesk"]
CMD ["web", "--host", "0.0.0.0", "--port", "8000"]
