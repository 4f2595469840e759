"""What drafts may quote beside articles: documents, and replies of agents."""

from helpdesk.evidence.passages import of_document

from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.words.documents import DocumentView, ReplyView

DOCUMENTS, REPLIES = "/knowledge/documents", "/knowledge/replies"


def documents(asked: Asked) -> Shown:
    """Show the documents that drafts may quote."""
    rows = [DocumentView.of(each) for each in asked.desk.parts.documents.documents()]
    return Shown("knowledge_documents.html", {"rows": rows})


def document(asked: Asked) -> Shown:
    """Show the passages of a document, and who imported it when."""
    shelf, name = asked.desk.parts.documents, asked.path("name")
    found = asked.desk.librarian.get(name)
    values = {
        "row": DocumentView.of(found),
        "passages": tuple(of_document(found, shelf.pieces(found))),
        "imports": shelf.imports(name)[::-1],
        "leads": asked.desk.agent().leads,
    }
    return Shown("knowledge_document.html", values)


def forget(asked: Asked) -> Led:
    """Delete a document; no draft quotes it from then on."""
    name = asked.path("name")
    asked.desk.librarian.forget(name)
    return Led(DOCUMENTS, f"Forgot {name}.")


def replies(asked: Asked) -> Shown:
    """Show the replies of agents that drafts may repeat."""
    rows = [
        ReplyView.of(each)
        for each in asked.desk.parts.replies.replies()
        if each.expires_at > asked.now
    ]
    return Shown("knowledge_replies.html", {"rows": rows, "leads": asked.desk.agent().leads})


def drop(asked: Asked) -> Led:
    """Let drafts repeat a reply no more; its ticket keeps it."""
    ticket, message = asked.text("ticket"), asked.text("message")
    asked.desk.adopter.drop(ticket, int(message) if message.isdecimal() else 0)
    return Led(REPLIES, f"Drafts do not repeat message {message} of {ticket} any more.")


PAGES: dict[str, tuple[str, Page]] = {
    f"GET {DOCUMENTS}": ("documents", documents),
    f"GET {DOCUMENTS}/{{name}}": ("document", document),
    f"POST {DOCUMENTS}/{{name}}/forget": ("document", forget),
    f"GET {REPLIES}": ("replies", replies),
    f"POST {REPLIES}/drop": ("replies", drop),
}
