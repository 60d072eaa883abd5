# Postiz Pins: web server, clock and workers are this image with different commands (compose.yaml).
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
ARG REQUIREMENTS=base
# The packages are a layer of their own: they change less often than the code.
COPY requirements requirements
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r "requirements/$REQUIREMENTS.txt"
COPY . .
RUN deploy/build /venv "$REQUIREMENTS"

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore, for `manage.py backup` and `restore`.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home postiz-pins
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH DATA_DIR=/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER postiz-pins
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["gunicorn", "postiz_pins.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", \
    "--graceful-timeout", "30", "--timeout", "120", "--no-control-socket"]
