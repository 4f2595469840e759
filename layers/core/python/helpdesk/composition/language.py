"""The parts of a function that understands or learns. Importing this needs the language layer.

The functions import it at their start, so that Lambda loads spaCy while it prepares the function
and not while a customer waits.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property

from helpdesk import learning, ports
from helpdesk.aws import clients
from helpdesk.aws.vectors import VectorIndex
from helpdesk.composition.parts import Parts
from helpdesk.evidence import Evidence
from helpdesk.evidence.gathering import DeskPassages
from helpdesk.understanding import Encoder, load_encoder
from helpdesk.understanding.indexing import PassageIndexer
from helpdesk.understanding.live import LiveUnderstander
from helpdesk.understanding.live_evidence import LiveEvidence, Search
from helpdesk.understanding.passage_index import PassageIndex
from helpdesk.understanding.remote_index import RemoteIndexer, RemoteSearch, service_name
from helpdesk.understanding.teaching import SpacyTeacher


def disconnect() -> None:
    """Close the connections of this process to AWS; the next call of each client opens others."""
    clients.own().disconnect()


class LanguageParts(Parts):
    """A stack's parts, with an understander, a teacher, and what drafts may rest on."""

    @cached_property
    def _encoder(self) -> Encoder:
        """The encoder of the layer, loaded when it is first asked for, once for all."""
        return load_encoder()

    def understander(self, clock: Callable[[], datetime]) -> ports.Understander:
        """Return an understander that follows the model in force."""
        return LiveUnderstander(self.models, clock=clock, encoder=lambda: self._encoder)

    @property
    def _is_remote(self) -> bool:
        """Whether the vectors of passages are in a service, not in the index itself."""
        return "vector_bucket" in self.resources.names

    @cached_property
    def _vectors(self) -> VectorIndex:
        """The vectors of passages in the service."""
        client = clients.s3vectors(self.session, endpoint_url=self.endpoint_url)
        name = service_name(self._encoder.identity)
        return VectorIndex(client, self.resources["vector_bucket"], name)

    def _open_index(self, name: str) -> Search:
        """Return the search of an index. Raises BrokenIndexError."""
        index = PassageIndex.from_bytes(self.models.load_index(name))
        return RemoteSearch(index, self._vectors) if self._is_remote else index

    def evidence(self, clock: Callable[[], datetime]) -> Evidence:
        """Return what finds evidence, by the index in force and the texts of now."""
        return LiveEvidence(
            self.models,
            self.passages(clock),
            open_index=self._open_index,
            encoder=lambda: self._encoder,
            clock=clock,
        )

    def passages(self, clock: Callable[[], datetime]) -> DeskPassages:
        """Return the passages of articles, documents and past replies as they are now."""
        return DeskPassages(
            articles=self.knowledge,
            documents=self.documents,
            replies=self.replies,
            clock=clock,
        )

    def library(self, clock: Callable[[], datetime]) -> learning.Library:
        """Return what makes and keeps indexes of the desk's passages."""
        indexer: learning.Indexer = (
            RemoteIndexer(self._encoder, self._vectors)
            if self._is_remote
            else PassageIndexer(self._encoder)
        )
        passages = DeskPassages(articles=self.knowledge, documents=self.documents, clock=clock)
        return learning.Library(passages.all_of, indexer, self.models)

    def teacher(self, target_precision: float, strangers_share: float) -> learning.Teacher:
        """Return a teacher that fits for a precision and a share of strangers, both 0 to 1."""
        return SpacyTeacher(
            self._encoder, target_precision=target_precision, strangers_share=strangers_share
        )
