"""Who may ask the server of the book: this machine under its own name, with this start's token.

Whoever reaches a kernel runs code as the one who started the server. So every answer, to pages,
scripts and sockets alike, is for one browser: that which opened the address with the token. It
gets a cookie in return, as in Jupyter.
"""

import hmac
import logging
import re
from urllib.parse import urlencode

from tornado.web import HTTPError

LOCAL = re.compile(r"(localhost\.?|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'self'",
}
SAYS = {
    400: "this address cannot be read",
    404: "there is no such page",
    405: "pages are only sent (GET, HEAD)",
}
OTHER_HOST = "this server answers only as localhost or 127.0.0.1: open the address it printed"
OTHER_ORIGIN = "only pages of this server may ask for this"
NO_TOKEN = "open the address that the server printed when it started, with its token"
logger = logging.getLogger("tornado.access")


class Guard:
    """For a handler of Tornado: answer nobody else, and every error in one line."""

    def set_default_headers(self):
        """Keep addresses, answers and frames from other sites."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def prepare(self):
        """Refuse what comes from elsewhere; take the token, or the cookie that stands for it."""
        hosts = self.request.headers.get_list("Host")
        if len(hosts) != 1 or not LOCAL.fullmatch(hosts[0]):
            raise HTTPError(403, OTHER_HOST)
        socket = self.request.headers.get("Upgrade", "").lower() == "websocket"
        if self._is_of_another_page(hosts[0], socket):
            raise HTTPError(403, OTHER_ORIGIN)
        if any(map(self._is_token, self.get_query_arguments("token"))):
            if not socket:
                self._admit()
        elif not self._is_token(self.get_cookie(self.settings["cookie"], "")):
            raise HTTPError(403, NO_TOKEN)

    def check_origin(self, origin):
        """Leave to `prepare` what Tornado asks only of some sockets."""
        return True

    def _is_of_another_page(self, host, socket):
        """Return whether a page of another server asks; sockets must say that none does."""
        if socket:
            return self.request.headers.get("Origin", "").lower() != f"http://{host}".lower()
        site = self.request.headers.get("Sec-Fetch-Site", "none")
        navigates = self.request.headers.get("Sec-Fetch-Mode") == "navigate"
        return site not in ("none", "same-origin") and not navigates

    def _is_token(self, text):
        return hmac.compare_digest(text.encode(), self.settings["token"].encode())

    def _admit(self):
        """Give the browser its cookie, and send it to the same page without the token."""
        rest = [
            (name, value)
            for name in self.request.query_arguments
            for value in self.get_query_arguments(name)
            if name != "token"
        ]
        cookie, token = self.settings["cookie"], self.settings["token"]
        self.set_cookie(cookie, token, httponly=True, samesite="Strict")
        path = "/" + self.request.path.lstrip("/\\")  # two would name another host
        self.redirect(path + ("?" + urlencode(rest) if rest else ""), status=303)

    def write_error(self, status_code, **details):
        """Say in one line what is wrong."""
        error = details.get("exc_info", (None, None, None))[1]
        said = error.log_message if isinstance(error, HTTPError) and status_code == 403 else None
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}: {said or SAYS.get(status_code, self._reason)}\n")

    def log_exception(self, kind, error, trace):
        """Log what is our fault, without the address: it may hold the token."""
        if not isinstance(error, HTTPError):
            asked = f"{self.request.method} {self.request.path!a}"
            logger.error("%s failed", asked, exc_info=(kind, error, trace))


def guarded(handler):
    """Return a handler of another package with a `Guard` before it.

    Examples
    --------
    >>> from tornado.web import RequestHandler
    >>> issubclass(guarded(RequestHandler), Guard)
    True
    """
    return type(handler.__name__, (Guard, handler), {})


def log_request(handler):
    """Log a request that was not answered as asked, without its query: it may hold the token."""
    status, request = handler.get_status(), handler.request
    if status >= 400:
        logger.warning("%d %s %s", status, request.method, ascii(request.path))
