"""/ingest/invitation: somebody sets a password by the link that an admin sent."""

import flask
from flask import Response, request
from marshmallow import EXCLUDE, Schema, fields

from services.ingest.domain.passwords import LONGEST, SHORTEST
from services.ingest.handlers.signing_in import Door, SpentLink, WeakPassword
from services.ingest.pages import cookies
from services.ingest.pages.sign_in import refuse_others
from shared.errors import SamenspelError
from shared.sessions import Sessions
from shared.web import limit_body, page, public, see_other
from shared.web.menu import first_for
from shared.web.problems import status_of


class _Invitation(Schema):
    code = fields.String(load_default="")
    password = fields.String(load_default="")


def invitation_pages(door: Door, sessions: Sessions) -> flask.Blueprint:
    """Return the page of a link to set a password."""
    pages = flask.Blueprint("invitation_pages", __name__, url_prefix="/ingest")

    @pages.get("/invitation")
    @public("holds nothing: the code stands behind the #, which no server sees")
    def invited() -> str:
        """Ask for a password; the code comes out of the link."""
        return _invitation()

    @pages.post("/invitation")
    @public("the code of the link is what is handed in")
    @limit_body(4000)
    def accept() -> Response | tuple[str, int]:
        """Set the password, and sign in."""
        refuse_others(sessions)
        said = _Invitation(unknown=EXCLUDE).load(request.form)
        try:
            begun = door.by_link(said["code"], said["password"], cookies.where(request))
        except (SpentLink, WeakPassword) as error:
            return _invitation(error, said["code"]), status_of(type(error))
        answer = see_other(first_for("ingest", begun.session.caller), done="password")
        return cookies.keep(answer, begun, sessions.keys[0], request)

    return pages


def _invitation(error: SamenspelError | None = None, code: str = "") -> str:
    why = error.why if isinstance(error, WeakPassword) else ()
    return page(
        "invitation.html",
        title="invitation.title",
        why=why,
        spent=isinstance(error, SpentLink),
        code=code,
        shortest=SHORTEST,
        longest=LONGEST,
    )
