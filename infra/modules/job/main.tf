# Something that a container of our image does once and ends: migrations, and what a schedule starts.
# It has a role of its own, so that each may do its own work alone.

data "aws_caller_identity" "this" {}

locals {
  ours = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/job/${var.act}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

resource "aws_iam_role" "task" {
  name                 = "${var.name}-${var.act}"
  permissions_boundary = var.boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = local.ours
    }]
  })
}

resource "aws_iam_role_policy" "task" {
  count = length(var.statements) == 0 ? 0 : 1

  name   = "its-work"
  role   = aws_iam_role.task.id
  policy = jsonencode({ Version = "2012-10-17", Statement = var.statements })
}

resource "aws_ecs_task_definition" "this" {
  family                   = "${var.name}-${var.act}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = var.execution_role_arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    cpu_architecture        = var.architecture
    operating_system_family = "LINUX"
  }

  volume {
    name = "scratch"
  }

  container_definitions = jsonencode([{
    name                   = var.act
    image                  = var.image
    command                = var.command
    essential              = true
    user                   = "10001:10001"
    readonlyRootFilesystem = true
    linuxParameters        = { initProcessEnabled = true }
    environment            = [for name, value in var.environment : { name = name, value = value }]
    secrets                = [for name, arn in var.secrets : { name = name, valueFrom = arn }]
    mountPoints            = [{ sourceVolume = "scratch", containerPath = "/scratch", readOnly = false }]
    stopTimeout            = 120
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = var.region
        awslogs-stream-prefix = var.act
      }
    }
  }])
}
