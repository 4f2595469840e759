"""A LocalStack that needs no Docker: Lambda in processes, DynamoDB in memory with a journal.

`plugin` is the door LocalStack comes in by. Behind it, in the order a request meets them:
`executor` (LocalStack's idea of a Lambda environment) on `sandbox` (the life of one environment) on
`process` and `runtime_api` (one interpreter and its conversation); `dynamodb`, whose `changes` the
`journal` of `kept_tables` and the `item_index` are told; `kept_objects` for S3; `direct_dynamodb`
and `direct_lambda`, which spare calls the gateway; and the repairs `moto_repairs`, `sqs_poller`,
`usage_plans`, `metrics`, `function_logs`, `timers` and `loopback`.
"""
