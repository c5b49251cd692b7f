output "documents" {
  description = "The bucket of documents: name, ARN and the host by which CloudFront reaches it."
  value = {
    name = aws_s3_bucket.documents.bucket
    arn  = aws_s3_bucket.documents.arn
    host = aws_s3_bucket.documents.bucket_regional_domain_name
  }
}

output "heads" {
  description = "The bucket of the heads: name and ARN."
  value       = { name = aws_s3_bucket.heads.bucket, arn = aws_s3_bucket.heads.arn }
}

output "logs" {
  description = "The bucket of logs: name, ARN and host."
  value = {
    name = aws_s3_bucket.logs.bucket
    arn  = aws_s3_bucket.logs.arn
    host = aws_s3_bucket.logs.bucket_domain_name
  }
}

output "replica_bucket" {
  description = "The name of the copy."
  value       = aws_s3_bucket.replica.bucket
}

output "replica_arn" {
  description = "Of the copy."
  value       = aws_s3_bucket.replica.arn
}

output "kept" {
  description = "What the tests look at."
  value = {
    versioned = alltrue([for each in values(aws_s3_bucket_versioning.this) : each.versioning_configuration[0].status == "Enabled"])
    shut = alltrue([for each in concat(values(aws_s3_bucket_public_access_block.this), [aws_s3_bucket_public_access_block.replica]) :
      each.block_public_acls && each.block_public_policy && each.ignore_public_acls && each.restrict_public_buckets
    ])
    logged     = sort([for name, each in aws_s3_bucket_logging.this : name if each.target_bucket == aws_s3_bucket.logs.id])
    lock       = aws_s3_bucket_object_lock_configuration.heads.rule[0].default_retention[0].mode
    algorithms = { for name, each in aws_s3_bucket_server_side_encryption_configuration.this : name => one(each.rule).apply_server_side_encryption_by_default[0].sse_algorithm }
    replicated = aws_s3_bucket_replication_configuration.documents.rule[0].status
    policies   = [aws_s3_bucket_policy.documents.policy, aws_s3_bucket_policy.heads.policy, aws_s3_bucket_policy.logs.policy]
    cors       = [for rule in aws_s3_bucket_cors_configuration.documents.cors_rule : rule.allowed_origins]
  }
}
