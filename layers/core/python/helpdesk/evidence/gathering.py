"""The passages of the desk as they are now, gathered from where its texts are kept. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk.evidence.model import Origin, Passage
from helpdesk.evidence.passages import FactsByName, of_article, of_document, of_piece, of_reply
from helpdesk.evidence.sources import Document, Piece, Place, Reply
from helpdesk.knowledge import Article, Edition, Facts


class ArticleTexts(Protocol):
    """The articles in force."""

    def get(self, intent: str) -> Article | None:
        """Return an article as it is now."""

    def all(self) -> Sequence[Article]:
        """Return every article."""

    def facts(self, names: Collection[str] = ()) -> Facts:
        """Return the desk's facts."""


class DocumentTexts(Protocol):
    """The documents in force."""

    def document(self, name: str) -> Document | None:
        """Return the document of a name as it is now."""

    def documents(self) -> Sequence[Document]:
        """Return all documents."""

    def pieces(self, document: Document) -> Sequence[Piece]:
        """Return the pieces of a document, in order."""

    def some_pieces(self, document: Document, numbers: Collection[int]) -> Mapping[int, Piece]:
        """Return pieces of a document by their numbers, which count from 1; only those it has."""


class ReplyTexts(Protocol):
    """The past replies that may be repeated."""

    def reply(self, ticket_id: str, message: int) -> Reply | None:
        """Return a reply by its ticket and its message's number."""

    def replies(self) -> Sequence[Reply]:
        """Return all replies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPassages:
    """The passages of articles, documents and past replies, each read when it is asked for.

    A desk whose replies may not be repeated has no `replies`.
    """

    articles: ArticleTexts
    documents: DocumentTexts
    clock: Callable[[], datetime]
    replies: ReplyTexts | None = None

    def versions(self) -> dict[str, int]:
        """Return the version of each text by its id: of articles, of documents, of replies."""
        found = {f"{Origin.ARTICLE}:{each.intent}": each.version for each in self.articles.all()}
        found |= {f"{Origin.DOCUMENT}:{d.name}": d.version for d in self.documents.documents()}
        for each in self._replies():
            found[f"{Origin.REPLY}:{each.ticket_id}:{each.message}"] = each.version
        return found

    def of(self, source: str) -> tuple[Passage, ...]:
        """Return the passages of a text as they are now; none if customers may not get it."""
        place = Place.of(source)
        if place is None:
            return ()
        match place.origin:
            case Origin.ARTICLE:
                article = self.articles.get(place.name)
                return self._of_article(article, self.articles.facts) if article else ()
            case Origin.DOCUMENT:
                document = self.documents.document(place.name)
                return self._of_document(document) if document else ()
            case _:
                return self._of_reply(place.name)

    def of_each(self, sources: Iterable[str]) -> Iterator[tuple[Passage, ...]]:
        """Yield the passages of texts one by one, as `of` does; past replies are read at once."""
        told: dict[str, Reply] | None = None
        for source in sources:
            place = Place.of(source)
            if place is None or place.origin is not Origin.REPLY:
                yield self.of(source)
                continue
            if told is None:
                told = {f"{each.ticket_id}:{each.message}": each for each in self._replies()}
            yield self._cut(told.get(place.name))

    def read(self, ids: Collection[str]) -> dict[str, Passage]:
        """Return passages by their ids, each with the text and version it has now.

        One that is gone, or that customers may not get now, is left out.
        """
        found: dict[str, Passage] = {}
        for (origin, name), numbers in _asked(ids).items():
            if origin is Origin.DOCUMENT:
                some: Iterable[Passage] = self._pieces(name, numbers)
            else:
                some = self.of(f"{origin}:{name}")
            found |= {each.id: each for each in some}
        return {name: found[name] for name in ids if name in found}

    def all_of(self, edition: Edition) -> tuple[Passage, ...]:
        """Return what an index holds: passages of documents and of an edition's articles.

        The edition need not be in force. Past replies are in no index, so that nothing of them is
        left there when their tickets are erased.
        """
        found: list[Passage] = []
        for article in edition.articles:
            found += self._of_article(article, lambda _: edition.facts)
        for document in self.documents.documents():
            found += self._of_document(document)
        return tuple(found)

    def _of_article(self, article: Article, facts: FactsByName) -> tuple[Passage, ...]:
        return of_article(article, facts=facts, now=self.clock()).passages

    def _of_document(self, document: Document) -> tuple[Passage, ...]:
        return tuple(of_document(document, self.documents.pieces(document)))

    def _of_reply(self, name: str) -> tuple[Passage, ...]:
        ticket_id, message = name.split(":")
        return self._cut(self.replies.reply(ticket_id, int(message)) if self.replies else None)

    def _cut(self, reply: Reply | None) -> tuple[Passage, ...]:
        return of_reply(reply, now=self.clock()).passages if reply else ()

    def _replies(self) -> Sequence[Reply]:
        return self.replies.replies() if self.replies else ()

    def _pieces(self, name: str, numbers: Collection[int]) -> Iterable[Passage]:
        """Return some passages of a document: it may have thousands, and few are asked for."""
        document = self.documents.document(name)
        if document is None:
            return ()
        some = self.documents.some_pieces(document, numbers)
        return [of_piece(document, number, piece) for number, piece in some.items()]


def _asked(ids: Iterable[str]) -> dict[tuple[Origin, str], set[int]]:
    """Return by its text which passages of it are asked for; a whole text has no number."""
    found: dict[tuple[Origin, str], set[int]] = {}
    for each in ids:
        if place := Place.of(each):
            numbers = found.setdefault((place.origin, place.name), set())
            numbers |= set() if place.number is None else {place.number}
    return found
