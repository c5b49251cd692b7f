# Valkey by ElastiCache: it carries one word from process to process and keeps nothing, so there are
# no snapshots. Servers sign in by tokens of IAM and may do nothing but that.

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_elasticache_user" "server" {
  user_id       = "${var.name}-server" # of IAM's users id and name are the same
  user_name     = "${var.name}-server"
  engine        = "valkey"
  access_string = "on resetkeys resetchannels &healthmed_events -@all +@connection +publish +subscribe +unsubscribe"

  authentication_mode {
    type = "iam"
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = var.name
  engine        = "valkey"
  user_ids      = [aws_elasticache_user.server.user_id]
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["slow-log", "engine-log"])

  name              = "/${var.name}/cache/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

resource "aws_elasticache_replication_group" "this" {
  #checkov:skip=CKV_AWS_31:tokens of IAM instead of one password for all (user_group_ids)
  replication_group_id = var.name
  description          = "Wake-ups between servers"
  engine               = "valkey"
  engine_version       = "8.1"
  node_type            = var.node_type

  num_cache_clusters         = var.nodes
  automatic_failover_enabled = var.nodes > 1
  multi_az_enabled           = var.nodes > 1

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [var.security_group_id]
  user_group_ids     = [aws_elasticache_user_group.this.user_group_id]

  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn

  maintenance_window         = "sun:07:00-sun:08:00"
  auto_minor_version_upgrade = true
  snapshot_retention_limit   = 0

  dynamic "log_delivery_configuration" {
    for_each = aws_cloudwatch_log_group.this
    content {
      destination      = log_delivery_configuration.value.name
      destination_type = "cloudwatch-logs"
      log_format       = "json"
      log_type         = log_delivery_configuration.key
    }
  }
}
