# ClamAV, which looks at what is uploaded. It trusts whoever reaches its port: only servers do.

data "aws_caller_identity" "this" {}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/scanner"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

resource "aws_service_discovery_service" "this" {
  name = "scanner"
  dns_config {
    namespace_id   = var.namespace.id
    routing_policy = "MULTIVALUE"
    dns_records {
      type = "A"
      ttl  = 10
    }
  }
}

resource "aws_iam_role" "task" {
  name                 = "${var.name}-scanner"
  permissions_boundary = var.boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
    }]
  })
}

resource "aws_ecs_task_definition" "this" {
  family                   = "${var.name}-scanner"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 1024
  memory                   = 4096 # the signatures, twice while they are renewed
  execution_role_arn       = var.execution_role_arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    cpu_architecture        = var.architecture
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([{
    name      = "clamav"
    image     = var.image
    essential = true
    #checkov:skip=CKV_AWS_336:it writes its signatures, and its start script its configuration
    readonlyRootFilesystem = false
    linuxParameters        = { initProcessEnabled = true }
    portMappings           = [{ containerPort = 3310, protocol = "tcp" }]
    environment = [
      # Documents are 25 MiB at most; larger than looked at counts as a find (docs/operations.md).
      { name = "CLAMD_CONF_StreamMaxLength", value = "30M" },
      { name = "CLAMD_CONF_MaxFileSize", value = "30M" },
      { name = "CLAMD_CONF_MaxScanSize", value = "120M" },
      { name = "CLAMD_CONF_AlertExceedsMax", value = "yes" },
      { name = "FRESHCLAM_CHECKS", value = "12" },
    ]
    healthCheck = {
      command     = ["CMD", "clamdcheck.sh"]
      interval    = 30
      timeout     = 10
      retries     = 3
      startPeriod = 300
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "clamav"
      }
    }
  }])
}

resource "aws_ecs_service" "this" {
  name                               = "scanner"
  cluster                            = var.cluster_arn
  task_definition                    = aws_ecs_task_definition.this.arn
  desired_count                      = 2
  launch_type                        = "FARGATE"
  platform_version                   = "LATEST"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  availability_zone_rebalancing      = "ENABLED"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_id]
    assign_public_ip = false
  }

  service_registries {
    registry_arn = aws_service_discovery_service.this.arn
  }
}
