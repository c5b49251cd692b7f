# Backups that nobody can delete before their time, the account's root included, and a copy of each in
# another region. How one comes back is in docs/aws.md, and is rehearsed.

resource "aws_backup_vault" "here" {
  name        = var.name
  kms_key_arn = var.key_arn
}

resource "aws_backup_vault" "there" {
  region      = var.copy_region
  name        = "${var.name}-copy"
  kms_key_arn = var.copy_key_arn
}

# With `changeable_for_days` it is in compliance mode: after three days of grace, for good.
resource "aws_backup_vault_lock_configuration" "here" {
  backup_vault_name   = aws_backup_vault.here.name
  min_retention_days  = 7
  max_retention_days  = 400
  changeable_for_days = var.lock ? 3 : null
}

resource "aws_backup_vault_lock_configuration" "there" {
  region              = var.copy_region
  backup_vault_name   = aws_backup_vault.there.name
  min_retention_days  = 7
  max_retention_days  = 400
  changeable_for_days = var.lock ? 3 : null
}

resource "aws_backup_plan" "database" {
  name = var.name

  rule {
    rule_name                    = "daily"
    target_vault_name            = aws_backup_vault.here.name
    schedule                     = "cron(0 4 * * ? *)"
    schedule_expression_timezone = "America/Sao_Paulo"
    start_window                 = 60
    completion_window            = 360

    lifecycle {
      delete_after = 35
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.there.arn
      lifecycle {
        delete_after = 35
      }
    }
  }

  rule {
    rule_name                    = "monthly"
    target_vault_name            = aws_backup_vault.here.name
    schedule                     = "cron(0 5 1 * ? *)"
    schedule_expression_timezone = "America/Sao_Paulo"
    start_window                 = 60
    completion_window            = 720

    lifecycle {
      delete_after = 395
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.there.arn
      lifecycle {
        delete_after = 395
      }
    }
  }
}

# Documents: any moment of the last weeks. Not the database, whose own backups RDS does, by the minute.
resource "aws_backup_plan" "documents" {
  name = "${var.name}-documents"

  rule {
    rule_name                = "continuous"
    target_vault_name        = aws_backup_vault.here.name
    enable_continuous_backup = true
    schedule                 = "cron(0 6 * * ? *)"

    lifecycle {
      delete_after = 35
    }
  }

  rule {
    rule_name         = "monthly"
    target_vault_name = aws_backup_vault.here.name
    schedule          = "cron(0 7 1 * ? *)"

    lifecycle {
      delete_after = 395
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.there.arn
      lifecycle {
        delete_after = 395
      }
    }
  }
}

resource "aws_iam_role" "this" {
  name = "${var.name}-backup"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "backup.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset([
    "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
    "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
    "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup",
    "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Restore",
  ])

  role       = aws_iam_role.this.name
  policy_arn = each.key
}

resource "aws_backup_selection" "database" {
  name         = "database"
  plan_id      = aws_backup_plan.database.id
  iam_role_arn = aws_iam_role.this.arn
  resources    = [var.database_arn]
}

resource "aws_backup_selection" "documents" {
  name         = "documents"
  plan_id      = aws_backup_plan.documents.id
  iam_role_arn = aws_iam_role.this.arn
  resources    = [var.documents_arn]
}

resource "aws_backup_vault_notifications" "this" {
  backup_vault_name   = aws_backup_vault.here.name
  sns_topic_arn       = var.topic_arn
  backup_vault_events = ["BACKUP_JOB_FAILED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED", "S3_BACKUP_OBJECT_FAILED"]
}

# A restore that is never tried is none: AWS does one of the database every week and one of the documents
# (all of them, into a bucket of its own) every month, for it costs by the GB; beside everything, and deletes it.
locals {
  tried = {
    database  = { name = replace(var.name, "-", "_"), at = "cron(0 8 ? * SUN *)", of = ["SNAPSHOT"] }
    documents = { name = "${replace(var.name, "-", "_")}_documents", at = "cron(0 8 2 * ? *)", of = ["CONTINUOUS", "SNAPSHOT"] }
  }
}

resource "aws_backup_restore_testing_plan" "this" {
  for_each = local.tried

  name                         = each.value.name
  schedule_expression          = each.value.at
  schedule_expression_timezone = "America/Sao_Paulo"
  start_window_hours           = 4

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.here.arn]
    recovery_point_types  = each.value.of
    selection_window_days = 7
  }
}

resource "aws_backup_restore_testing_selection" "database" {
  name                      = "database"
  restore_testing_plan_name = aws_backup_restore_testing_plan.this["database"].name
  protected_resource_type   = "RDS"
  protected_resource_arns   = [var.database_arn]
  iam_role_arn              = aws_iam_role.this.arn
  validation_window_hours   = 4

  restore_metadata_overrides = {
    dbSubnetGroupName = var.database_subnet_group
    multiAz           = "false"
  }
}

resource "aws_backup_restore_testing_selection" "documents" {
  name                      = "documents"
  restore_testing_plan_name = aws_backup_restore_testing_plan.this["documents"].name
  protected_resource_type   = "S3"
  protected_resource_arns   = [var.documents_arn]
  iam_role_arn              = aws_iam_role.this.arn
  validation_window_hours   = 4
}
