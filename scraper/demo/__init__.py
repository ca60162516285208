"""A small web of invented outlets on loopback, to try the program on without a network."""

from scraper.demo.serving import Exchange
from scraper.demo.sites import SITES
from scraper.demo.web import DemoWeb, Expected

__all__ = ["SITES", "DemoWeb", "Exchange", "Expected"]
