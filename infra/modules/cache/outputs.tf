output "id" {
  description = "Of the replication group."
  value       = aws_elasticache_replication_group.this.replication_group_id
}

output "arn" {
  description = "Of the replication group, for `elasticache:Connect`."
  value       = aws_elasticache_replication_group.this.arn
}

output "user" {
  description = "As which servers sign in."
  value       = aws_elasticache_user.server.user_id
}

output "user_arn" {
  description = "Of that user, for `elasticache:Connect`."
  value       = aws_elasticache_user.server.arn
}

output "url" {
  description = "HEALTHMED_VALKEY_URL."
  value       = "rediss://${aws_elasticache_user.server.user_id}@${aws_elasticache_replication_group.this.primary_endpoint_address}:6379"
}

output "kept" {
  description = "What the tests look at."
  value = {
    encrypted = aws_elasticache_replication_group.this.transit_encryption_mode == "required" && tobool(aws_elasticache_replication_group.this.at_rest_encryption_enabled)
    failover  = aws_elasticache_replication_group.this.automatic_failover_enabled
    access    = aws_elasticache_user.server.access_string
  }
}
