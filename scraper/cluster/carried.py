"""What goes to and fro on a cluster for every story."""

from scraper.cluster.exchange import Question, Replies, Reply
from scraper.engine.settling import Committed, Finished
from scraper.engine.steps import Reading
from scraper.model.article import Article, Draft
from scraper.model.entry import Entry, Pending
from scraper.model.outlet import Outlet
from scraper.model.page import Page, Request
from scraper.model.verdict import Deferred, Dropped, Judged, Judgement, Kept, Outcome

KINDS: tuple[type, ...] = (
    *(Question, Replies, Reply, Committed, Finished, Reading, Article, Draft, Entry, Pending, Outlet, Page, Request),
    *(Deferred, Dropped, Judged, Judgement, Kept, Outcome),
)
