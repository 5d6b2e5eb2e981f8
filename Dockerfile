# One image for web, worker and beat; docker-compose.yml starts it three times. It runs as a user of its own and writes to /data only.

FROM python:3.11-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY requirements-production.lock ./
RUN pip install --require-hashes -r requirements-production.lock
COPY . .
# The key is for these commands only and stays in no layer's environment. Without the front-end files the image is not built.
RUN python -m spm.embedded.vendor && test -f static/vendor/.stamp && rm -rf .cache \
    && SECRET_KEY=only-for-collecting-0123456789-0123456789-0123456789 python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q incentives insights planning spm

FROM python:3.11-slim-trixie
# pg_dump and pg_restore of the compose file's PostgreSQL, for manage.py backup, restore and upgrade.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 spm && useradd --uid 10001 --gid spm --home-dir /app --shell /usr/sbin/nologin spm \
    && install --directory --owner spm --group spm /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=spm.settings SPM_DATA=/data
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "spm.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--worker-class", "gthread", \
     "--preload", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-"]
