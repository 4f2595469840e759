"""The desk's ports over DynamoDB, SQS and S3. The only room that knows botocore."""
