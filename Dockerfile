# Two stages: the first installs with the tools that takes, the second holds only what runs.
# `make prove-image` runs these very steps in a clean Debian root where there is no container engine.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /opt/scraper \
 && /opt/scraper/bin/python -m pip install --no-cache-dir --require-hashes --requirement requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY scraper scraper
RUN /opt/scraper/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/scraper/bin/python -m pip uninstall --quiet --yes hatchling editables pip

FROM python:3.13-slim
RUN groupadd --system --gid 10001 scraper \
 && useradd --system --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin scraper \
 && install --directory --owner scraper --group scraper --mode 0750 /data
COPY --from=build /opt/scraper /opt/scraper
COPY config /etc/scraper
ENV PATH=/opt/scraper/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    SCRAPER_CONFIG=/etc/scraper \
    SCRAPER_STORE_DATA=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m --retries=3 CMD ["scraper", "run", "--healthcheck"]
ENTRYPOINT ["scraper"]
CMD ["run"]
