"""S3 Vectors on the wire: real requests, signed, to a server of this process.

No emulator answers this service's searches. The server keeps vectors as the service does and
refuses what the service refuses by its limits; the service model checks the shapes of the rest.
"""

import json
import math
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
import pytest_socket
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from helpdesk.aws import clients
from helpdesk.aws.vectors import AT_ONCE, FETCHED, VectorIndex
from helpdesk.evidence import Origin, Passage
from helpdesk.learning import Least
from helpdesk.understanding.passage_index import MOST_PASSAGES, PassageIndex, Quantised
from helpdesk.understanding.remote_index import RemoteIndexer, RemoteSearch, service_name

from tests.unit.test_understanding_indexing import Counting
from tests.unit.test_understanding_model import WordVectors


class Service(ThreadingHTTPServer):
    """Answers as S3 Vectors does, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.indexes: dict[str, dict[str, dict[str, Any]]] = {}
        self.asked: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.fault: tuple[int, str] | None = None

    def answer(self, operation: str, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.fault:
            return self.fault[0], {"__type": self.fault[1], "message": "no"}
        name = given["indexName"]
        if operation == "CreateIndex":
            if name in self.indexes:
                return 409, {"__type": "ConflictException", "message": "it is there"}
            self.indexes[name] = {}
            return 200, {"indexArn": f"arn:aws:s3vectors:eu-central-1:1:bucket/b/index/{name}"}
        if name not in self.indexes:
            return 404, {"__type": "NotFoundException", "message": "no such index"}
        return getattr(self, operation)(self.indexes[name], given)  # type: ignore[no-any-return]

    def PutVectors(self, index: Any, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        if len(given["vectors"]) > 500 or not all(
            any(each["data"]["float32"]) for each in given["vectors"]
        ):
            return 400, {"__type": "ValidationException", "message": "vectors"}
        index.update({each["key"]: each for each in given["vectors"]})
        return 200, {}

    def QueryVectors(self, index: Any, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        if given["topK"] > 100:
            return 400, {"__type": "ValidationException", "message": "topK"}
        asked = given["queryVector"]["float32"]
        found = [
            {"key": key, "distance": 1 - _cosine(asked, each["data"]["float32"])}
            | {"metadata": each["metadata"]}
            for key, each in index.items()
        ]
        found.sort(key=lambda each: each["distance"])
        return 200, {"vectors": found[: given["topK"]], "distanceMetric": "cosine"}

    def GetVectors(self, index: Any, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        if len(given["keys"]) > 100:
            return 400, {"__type": "ValidationException", "message": "keys"}
        return 200, {"vectors": [index[key] for key in given["keys"] if key in index]}

    def DeleteVectors(self, index: Any, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        for key in given["keys"]:
            index.pop(key, None)
        return 200, {}


class Door(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["content-length"])))
        operation = self.path.strip("/")
        self.server.asked.append((operation, given, dict(self.headers)))
        status, said = self.server.answer(operation, given)
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _cosine(one: list[float], other: list[float]) -> float:
    lengths = math.hypot(*one) * math.hypot(*other)
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths


@pytest.fixture(autouse=True)
def no_network() -> None:
    """Only this machine may be asked."""
    pytest_socket.socket_allow_hosts(["127.0.0.1"])


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with Service() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def vectors(service: Service) -> VectorIndex:
    client = clients.s3vectors(
        clients.Session(), endpoint_url=f"http://127.0.0.1:{service.server_port}"
    )
    return VectorIndex(client, "the-bucket", service_name("made-up"))


def a_passage(number: int, text: str, *, version: int = 1) -> Passage:
    return Passage(
        id=f"document:terms:{number}", origin=Origin.DOCUMENT, version=version, title="", text=text
    )


PASSAGES = [
    a_passage(1, "parcels leave at noon"),
    a_passage(2, "the shop is closed on sunday"),
    a_passage(3, "returns are free"),
]


def test_a_request_is_signed_for_the_service_and_names_bucket_and_index(
    service: Service, vectors: VectorIndex
) -> None:
    vectors.ensure(384)

    operation, given, headers = service.asked[0]
    assert operation == "CreateIndex"
    assert "/eu-central-1/s3vectors/aws4_request" in headers["Authorization"]
    assert given == {
        "vectorBucketName": "the-bucket",
        "indexName": service_name("made-up"),
        "dataType": "float32",
        "dimension": 384,
        "distanceMetric": "cosine",
        "metadataConfiguration": {"nonFilterableMetadataKeys": ["digest", "version"]},
    }


def test_an_index_that_is_there_is_left_as_it_is(vectors: VectorIndex) -> None:
    for _ in range(2):
        vectors.ensure(384)


def test_many_vectors_are_put_got_and_deleted_by_as_many_as_the_service_takes(
    service: Service, vectors: VectorIndex
) -> None:
    vectors.ensure(2)
    keys = [f"k{number}" for number in range(1_001)]

    vectors.put((key, (1.0, 0.5), 7, "d") for key in keys)
    found = vectors.get(keys)
    vectors.delete(keys)

    asked = [(operation, given) for operation, given, _ in service.asked]
    assert [len(g["vectors"]) for o, g in asked if o == "PutVectors"] == [AT_ONCE, AT_ONCE, 1]
    assert max(len(g["keys"]) for o, g in asked if o == "GetVectors") == FETCHED
    assert [len(g["keys"]) for o, g in asked if o == "DeleteVectors"] == [AT_ONCE, AT_ONCE, 1]
    assert found == dict.fromkeys(keys, ("d", [1.0, 0.5]))
    assert vectors.get(keys[:1]) == {}


def test_no_text_of_the_desk_is_in_what_the_service_gets(
    service: Service, vectors: VectorIndex
) -> None:
    RemoteIndexer(WordVectors(), vectors).index(PASSAGES, before=None)

    assert not any("sunday" in json.dumps(given) for _, given, _ in service.asked)


def test_the_nearest_are_returned_best_first_with_their_cosines(vectors: VectorIndex) -> None:
    index = RemoteIndexer(WordVectors(), vectors).index(PASSAGES, before=None)

    found = index.nearest("closed on sunday", b"", 2)

    assert found[0][0] == "document:terms:2"
    assert found[0][1] == pytest.approx((3 / 6) ** 0.5, abs=0.1)


def test_at_most_a_hundred_are_asked_for(service: Service, vectors: VectorIndex) -> None:
    RemoteIndexer(WordVectors(), vectors).index(PASSAGES, before=None)
    vectors.nearest([1.0] * 384, 5_000)

    assert service.asked[-1][1]["topK"] == FETCHED


def test_a_question_is_asked_once_however_often_it_is_judged(
    service: Service, vectors: VectorIndex
) -> None:
    index = RemoteIndexer(WordVectors(), vectors).index(PASSAGES, before=None)
    service.asked.clear()

    index.nearest("closed on sunday", b"", 1)
    index.admitting(Least(value=0.5)).nearest("closed on sunday", b"", 100)

    assert [operation for operation, *_ in service.asked] == ["QueryVectors"]


def test_only_what_changed_is_encoded_and_what_is_gone_is_deleted(
    service: Service, vectors: VectorIndex
) -> None:
    encoder = Counting()
    indexer = RemoteIndexer(encoder, vectors)
    first = indexer.index(PASSAGES, before=None)
    encoder.texts.clear()
    edited = a_passage(2, "the shop is closed on monday", version=2)

    indexer.index([PASSAGES[0], edited], before=first.data)

    assert encoder.texts == ["the shop is closed on monday"]
    held = service.indexes[service_name("made-up")]
    assert sorted(held) == ["document:terms:1", "document:terms:2"]
    assert held["document:terms:2"]["metadata"]["version"] == 2


def test_a_vector_of_other_words_is_not_taken_for_a_texts_own(vectors: VectorIndex) -> None:
    index = RemoteIndexer(WordVectors(), vectors).index(PASSAGES, before=None)
    search = RemoteSearch(PassageIndex.from_bytes(index.data), vectors)
    question = WordVectors().encode(["closed on sunday"])[0]
    edited = a_passage(2, "the shop is closed on monday")

    assert list(search.cosines(question, [PASSAGES[0], edited])) == ["document:terms:1"]
    assert search.cosines(question, PASSAGES[1:2])["document:terms:2"] == pytest.approx(
        float(question @ WordVectors().encode([PASSAGES[1].text])[0]), abs=1e-4
    )


def test_what_one_lesson_leaves_the_next_one_takes(vectors: VectorIndex) -> None:
    indexer = RemoteIndexer(WordVectors(), vectors, most_new=2)
    first = indexer.index(PASSAGES, before=None)
    second = indexer.index(PASSAGES, before=first.data)

    assert (first.waiting, second.waiting) == (1, 0)
    assert second.nearest("returns are free", b"", 1)[0][0] == "document:terms:3"


def test_a_text_or_a_question_without_a_vector_is_never_sent(vectors: VectorIndex) -> None:
    """The service refuses vectors of zeros."""
    index = RemoteIndexer(WordVectors(), vectors).index([*PASSAGES, a_passage(4, "")], before=None)

    assert index.nearest("", b"", 5) == []


def test_a_manifest_names_more_passages_than_a_process_holds_vectors_of() -> None:
    count = MOST_PASSAGES + 1
    none = Quantised(np.zeros((count, 0), np.int8), np.zeros(count, np.float32))
    index = PassageIndex.of(
        [a_passage(number, "") for number in range(1, count + 1)], none, encoder="e"
    )

    assert len(PassageIndex.from_bytes(index.data)) == count


def test_an_index_with_vectors_is_no_manifest(vectors: VectorIndex) -> None:
    own = PassageIndex.without("made-up", 384).data

    assert RemoteIndexer(WordVectors(), vectors).open(own) is None
    assert RemoteIndexer(WordVectors(), vectors).open(b"broken") is None


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "NotFoundException"), (403, "AccessDeniedException"), (429, "TooManyRequestsException")],
)
def test_what_the_service_refuses_is_an_error_that_names_it(
    service: Service, vectors: VectorIndex, status: int, code: str
) -> None:
    service.fault = (status, code)

    with pytest.raises(ClientError, match=code):
        vectors.nearest([1.0, 0.0], 3)


def test_every_shape_is_one_of_the_service_model(vectors: VectorIndex) -> None:
    named = {"vectorBucketName": "the-bucket", "indexName": vectors.name}
    found = {"key": "k", "distance": 0.25, "metadata": {"version": 3, "digest": "d"}}
    with Stubber(vectors.client) as stub:
        stub.add_response(
            "query_vectors",
            {"vectors": [found], "distanceMetric": "cosine"},
            {
                **named,
                "topK": 3,
                "queryVector": {"float32": [1.0, 0.0]},
                "returnMetadata": True,
                "returnDistance": True,
            },
        )

        assert vectors.nearest([1.0, 0.0], 3) == [("k", 3, 0.75)]
