output "id" {
  description = "The primary's identifier, as metrics have it."
  value       = aws_db_instance.this.identifier
}

output "arn" {
  description = "The primary's ARN, for backups."
  value       = aws_db_instance.this.arn
}

output "replica_ids" {
  description = "The replicas' identifiers, as metrics have them."
  value       = aws_db_instance.replica[*].identifier
}

output "address" {
  description = "The primary's host name."
  value       = aws_db_instance.this.address
}

output "replica_addresses" {
  description = "The replicas' host names."
  value       = aws_db_instance.replica[*].address
}

output "resource_id" {
  description = "By which IAM names it, for tokens."
  value       = aws_db_instance.this.resource_id
}

output "replica_resource_ids" {
  description = "By which IAM names the replicas."
  value       = aws_db_instance.replica[*].resource_id
}

output "subnet_group" {
  description = "Of the data subnets."
  value       = aws_db_subnet_group.this.name
}

output "owner_secret_arn" {
  description = "Where the owner's password is, as JSON with `username` and `password`."
  value       = one(aws_db_instance.this.master_user_secret[*].secret_arn)
}

output "kept" {
  description = "What the tests look at."
  value = {
    multi_az            = aws_db_instance.this.multi_az
    encrypted           = aws_db_instance.this.storage_encrypted && alltrue(aws_db_instance.replica[*].storage_encrypted)
    public              = aws_db_instance.this.publicly_accessible || anytrue(aws_db_instance.replica[*].publicly_accessible)
    deletion_protection = aws_db_instance.this.deletion_protection
    snapshot            = aws_db_instance.this.snapshot_identifier
    key                 = aws_db_instance.this.kms_key_id
    backup_days         = aws_db_instance.this.backup_retention_period
    iam                 = aws_db_instance.this.iam_database_authentication_enabled
    insights            = aws_db_instance.this.performance_insights_enabled
    parameters          = { for each in aws_db_parameter_group.this.parameter : each.name => each.value }
  }
}
