# Two stages: the first installs with the tools that takes, the second holds only what runs.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /opt/scraper \
 && /opt/scraper/bin/python -m pip install --no-cache-dir --require-hashes --requirement requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY scraper scraper
RUN /opt/scraper/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin scraper \
 && install --directory --owner scraper --group scraper /data
COPY --from=build /opt/scraper /opt/scraper
COPY config /etc/scraper
ENV PATH=/opt/scraper/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    SCRAPER_CONFIG=/etc/scraper \
    SCRAPER_STORE_DATA=/data
USER scraper
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["scraper"]
CMD ["run"]
