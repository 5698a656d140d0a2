"""The HTTP edge that all services share."""

from shared.web import fields
from shared.web.app import believe_proxies, create_app, operations_of
from shared.web.call import Call, Upload
from shared.web.idempotency import expire_answers, forget_answers
from shared.web.operation import Operation
from shared.web.paging import Page, keyset_page
from shared.web.peers import Peers
from shared.web.problems import Unfit
from shared.web.resource import Download, Resource
from shared.web.schemas import Input, Output, Query

__all__ = [
    "Call",
    "Download",
    "Input",
    "Operation",
    "Output",
    "Page",
    "Peers",
    "Query",
    "Resource",
    "Unfit",
    "Upload",
    "believe_proxies",
    "create_app",
    "expire_answers",
    "fields",
    "forget_answers",
    "keyset_page",
    "operations_of",
]
