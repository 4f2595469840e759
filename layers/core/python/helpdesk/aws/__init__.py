"""The desk's ports over DynamoDB, SQS and S3. The only package that imports botocore."""
