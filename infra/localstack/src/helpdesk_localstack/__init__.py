"""A LocalStack that needs no Docker: Lambda in processes, DynamoDB in memory with a snapshot.

`plugin` is the door LocalStack comes in by. Behind it, in the order a request meets them:
`executor` (LocalStack's idea of a Lambda environment) on `sandbox` (the life of one environment) on
`process` and `runtime_api` (one interpreter and its conversation); `dynamodb` with `expiry` and
`snapshot`; and the repairs `sqs_poller`, `usage_plans`, `metrics` and `loopback`.
"""
