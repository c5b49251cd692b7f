# What is done at a time. Tasks of ECS and not Lambda: they are the same image with the same commands,
# run for longer than a quarter of an hour, and nothing is to be packed a second time.
#
# Sweeps are not among them: each server does them, whoever comes first.

data "aws_caller_identity" "this" {}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
}

resource "aws_sqs_queue" "failed" {
  name                      = "${var.name}-not-started"
  kms_master_key_id         = var.key_arn
  message_retention_seconds = 1209600
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-schedule"
  permissions_boundary = var.boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "start"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Effect    = "Allow"
        Action    = "ecs:RunTask"
        Resource  = [for job in var.jobs : "${job.task_definition_arn}:*"]
        Condition = { ArnEquals = { "ecs:cluster" = var.cluster_arn } }
      },
      {
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = concat([var.execution_role_arn], [for job in var.jobs : job.role_arn])
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
      {
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.failed.arn
      },
      {
        Effect   = "Allow"
        Action   = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource = var.key_arn
      },
      ], var.pipeline == null ? [] : [{
        Effect   = "Allow"
        Action   = "codepipeline:StartPipelineExecution"
        Resource = var.pipeline.arn
    }])
  })
}

resource "aws_scheduler_schedule" "this" {
  for_each = var.jobs

  name                         = each.key
  group_name                   = aws_scheduler_schedule_group.this.name
  description                  = each.value.description
  schedule_expression          = each.value.when
  schedule_expression_timezone = "America/Sao_Paulo"
  kms_key_arn                  = var.key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.cluster_arn
    role_arn = aws_iam_role.this.arn

    ecs_parameters {
      task_definition_arn = each.value.task_definition_arn
      launch_type         = "FARGATE"
      platform_version    = "1.4.0"
      task_count          = 1
      network_configuration {
        subnets          = var.subnet_ids
        security_groups  = [var.security_group_id]
        assign_public_ip = false
      }
    }

    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 3600
    }

    dead_letter_config {
      arn = aws_sqs_queue.failed.arn
    }
  }
}

# A new signing key is taken up by servers that start: the pipeline brings the same commit once more.
resource "aws_scheduler_schedule" "renew" {
  count = var.pipeline == null ? 0 : 1

  name                         = "take-up-new-key"
  group_name                   = aws_scheduler_schedule_group.this.name
  description                  = "Start the servers again after rotate-secret"
  schedule_expression          = var.pipeline.when
  schedule_expression_timezone = "America/Sao_Paulo"
  kms_key_arn                  = var.key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:codepipeline:startPipelineExecution"
    role_arn = aws_iam_role.this.arn
    input    = jsonencode({ Name = var.pipeline.name })

    dead_letter_config {
      arn = aws_sqs_queue.failed.arn
    }
  }
}
