"""Writes items until it is killed: `python writer.py FOLDER COMPACT_OVER_BYTES`.

It prints the number of each transaction after it happened, as a caller would see its answer.
"""

from __future__ import annotations

import sys
from pathlib import Path

from moto.dynamodb.models import dynamodb_backends
from tables import ACCOUNT, REGION, create

from helpdesk_localstack import changes
from helpdesk_localstack.kept_tables import KeptTables


def main(folder: Path, compact_over_bytes: int) -> None:
    """Two items and a counter with each transaction, and one item deleted now and then."""
    KeptTables(folder, compact_over_bytes=compact_over_bytes).install()
    backend = dynamodb_backends[ACCOUNT][REGION]
    table = create(backend, "pk", "sk")
    number = max((int(sk.value) for _pk, sk in changes.keys_of(table) if sk), default=0)
    while True:
        number += 1
        with changes.operation():
            backend.transact_write_items(
                [
                    {"Put": {"TableName": "T", "Item": {"pk": {"S": pk}, "sk": {"S": str(number)}}}}
                    for pk in ("a", "b")
                ]
                + [
                    {
                        "Update": {
                            "TableName": "T",
                            "Key": {"pk": {"S": "count"}, "sk": {"S": "0"}},
                            "UpdateExpression": "SET n = :n",
                            "ExpressionAttributeValues": {":n": {"N": str(number)}},
                        }
                    }
                ]
            )
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
