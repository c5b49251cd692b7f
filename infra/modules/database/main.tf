# PostgreSQL by RDS: a standby in another zone that takes over by itself, and a replica for reads.
# The owner's password is RDS's own affair, in Secrets Manager, replaced every week; servers have
# none, and sign in by tokens of IAM.

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Subnets without a route out"
  subnet_ids  = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = "postgres18"
  description = "Encrypted connections alone; nothing that a person typed in the log"

  dynamic "parameter" {
    for_each = {
      "rds.force_ssl"              = { value = "1", method = "immediate" }
      "ssl_min_protocol_version"   = { value = "TLSv1.2", method = "immediate" }
      "password_encryption"        = { value = "scram-sha-256", method = "immediate" }
      "log_statement"              = { value = "ddl", method = "immediate" }
      "log_min_duration_statement" = { value = "1000", method = "immediate" }
      # Values are parameters, never text; and those stay out of the log, too.
      "log_parameter_max_length"            = { value = "0", method = "immediate" }
      "log_parameter_max_length_on_error"   = { value = "0", method = "immediate" }
      "log_connections"                     = { value = "1", method = "immediate" }
      "log_disconnections"                  = { value = "1", method = "immediate" }
      "log_lock_waits"                      = { value = "1", method = "immediate" }
      "idle_in_transaction_session_timeout" = { value = "60000", method = "immediate" }
      "shared_preload_libraries"            = { value = "pg_stat_statements", method = "pending-reboot" }
      # Commit waits for the disk: what was confirmed is kept.
      "synchronous_commit" = { value = "on", method = "immediate" }
    }
    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.method
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role" "monitoring" {
  name = "${var.name}-rds-monitoring"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = merge(
    { for kind in ["postgresql", "upgrade", "iam-db-auth-error"] : "primary-${kind}" => "/aws/rds/instance/${var.name}/${kind}" },
    { for number in range(var.replicas) : "replica-${number}" => "/aws/rds/instance/${var.name}-replica-${number}/postgresql" },
  )

  name              = each.value
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

resource "aws_db_instance" "this" {
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class

  snapshot_identifier           = var.snapshot
  db_name                       = "healthmed"
  username                      = "healthmed_owner"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.secret_key_arn

  iam_database_authentication_enabled = true
  ca_cert_identifier                  = "rds-ca-rsa2048-g1"

  multi_az               = var.multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.security_group_id]
  publicly_accessible    = false
  parameter_group_name   = aws_db_parameter_group.this.name

  storage_type          = "gp3"
  allocated_storage     = var.storage_gib
  max_allocated_storage = 4 * var.storage_gib
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  backup_retention_period   = var.backup_days
  backup_window             = "06:00-06:30" # three in the morning in Brasília
  maintenance_window        = "sun:07:00-sun:08:00"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-final"

  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  apply_immediately           = false

  monitoring_interval                   = 30
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  database_insights_mode                = var.insights
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = var.insights == "advanced" ? 465 : 7
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade", "iam-db-auth-error"]

  depends_on = [aws_cloudwatch_log_group.this]

  lifecycle {
    ignore_changes = [snapshot_identifier] # it begins with it once; another one would replace it
  }
}

resource "aws_db_instance" "replica" {
  count = var.replicas

  identifier          = "${var.name}-replica-${count.index}"
  replicate_source_db = aws_db_instance.this.identifier
  instance_class      = var.instance_class

  iam_database_authentication_enabled = true
  ca_cert_identifier                  = "rds-ca-rsa2048-g1"

  #checkov:skip=CKV_AWS_157:a replica of an instance that has a standby; a fallen one is made anew
  multi_az               = false
  vpc_security_group_ids = [var.security_group_id]
  publicly_accessible    = false
  parameter_group_name   = aws_db_parameter_group.this.name
  storage_type           = "gp3"
  storage_encrypted      = true
  kms_key_id             = var.key_arn
  copy_tags_to_snapshot  = true
  deletion_protection    = var.deletion_protection
  skip_final_snapshot    = true

  auto_minor_version_upgrade            = true
  maintenance_window                    = "sun:08:00-sun:09:00"
  monitoring_interval                   = 30
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  database_insights_mode                = var.insights
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = var.insights == "advanced" ? 465 : 7
  enabled_cloudwatch_logs_exports       = ["postgresql"]

  depends_on = [aws_cloudwatch_log_group.this]
}
