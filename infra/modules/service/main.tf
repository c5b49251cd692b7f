# The servers: one process a task, so that each is seen, counted and replaced by itself.
#
# CodeDeploy brings new ones up beside the old, turns a tenth of the traffic to them, and all of it
# five minutes later; it goes back by itself when an alarm is raised or a task does not start. That
# is what ECS's circuit breaker does for its own kind of deployment, and the two exclude each other.

data "aws_caller_identity" "this" {}

resource "aws_cloudwatch_log_group" "server" {
  name              = "/${var.name}/server"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

resource "aws_cloudwatch_log_group" "collector" {
  name              = "/${var.name}/collector"
  retention_in_days = 30
  kms_key_id        = var.log_key_arn
}

# Numbers on their way to CloudWatch, in its embedded form.
resource "aws_cloudwatch_log_group" "metrics" {
  name              = "/${var.name}/metrics"
  retention_in_days = 30
  kms_key_id        = var.log_key_arn
}

# Should a person's data ever get into a log in spite of all tests, it is not shown, and counted.
resource "aws_cloudwatch_log_data_protection_policy" "server" {
  log_group_name = aws_cloudwatch_log_group.server.name
  policy_document = jsonencode({
    Name    = "persons"
    Version = "2021-06-01"
    Configuration = {
      CustomDataIdentifier = [{ Name = "CPF", Regex = "[0-9]{3}\\.[0-9]{3}\\.[0-9]{3}-[0-9]{2}" }]
    }
    Statement = [
      {
        Sid            = "count"
        DataIdentifier = ["arn:aws:dataprotection::aws:data-identifier/EmailAddress", "CPF"]
        Operation      = { Audit = { FindingsDestination = {} } }
      },
      {
        Sid            = "hide"
        DataIdentifier = ["arn:aws:dataprotection::aws:data-identifier/EmailAddress", "CPF"]
        Operation      = { Deidentify = { MaskConfig = {} } }
      },
    ]
  })
}

resource "aws_ecs_task_definition" "this" {
  family                   = "${var.name}-server"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = var.execution_role_arn
  task_role_arn            = aws_iam_role.task.arn
  skip_destroy             = true # CodeDeploy may want to go back to it

  runtime_platform {
    cpu_architecture        = var.architecture
    operating_system_family = "LINUX"
  }

  volume {
    name = "scratch"
  }

  container_definitions = jsonencode([local.server, local.collector])
}

resource "aws_ecs_service" "this" {
  name                              = "server"
  cluster                           = var.cluster_arn
  task_definition                   = aws_ecs_task_definition.this.arn
  desired_count                     = var.least
  launch_type                       = "FARGATE"
  platform_version                  = "LATEST"
  health_check_grace_period_seconds = 60
  enable_execute_command            = false
  propagate_tags                    = "SERVICE"

  deployment_controller {
    type = "CODE_DEPLOY"
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = var.target_groups.blue.arn
    container_name   = "server"
    container_port   = 8000
  }

  lifecycle {
    ignore_changes = [task_definition, load_balancer, desired_count] # the pipeline's, and scaling's
  }
}

resource "aws_codedeploy_app" "this" {
  name             = var.name
  compute_platform = "ECS"
}

resource "aws_iam_role" "deploy" {
  name                 = "${var.name}-codedeploy"
  permissions_boundary = var.boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "codedeploy.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "deploy" {
  role       = aws_iam_role.deploy.name
  policy_arn = "arn:aws:iam::aws:policy/AWSCodeDeployRoleForECSLimited"
}

resource "aws_codedeploy_deployment_group" "this" {
  app_name               = aws_codedeploy_app.this.name
  deployment_group_name  = "server"
  deployment_config_name = var.deployment
  service_role_arn       = aws_iam_role.deploy.arn

  ecs_service {
    cluster_name = var.cluster_name
    service_name = aws_ecs_service.this.name
  }

  deployment_style {
    deployment_option = "WITH_TRAFFIC_CONTROL"
    deployment_type   = "BLUE_GREEN"
  }

  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout = "CONTINUE_DEPLOYMENT"
    }
    # The old ones stay for as long as one may want to go back within a second.
    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = 15
    }
  }

  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [var.listener_arn]
      }
      test_traffic_route {
        listener_arns = [var.test_listener_arn]
      }
      target_group {
        name = var.target_groups.blue.name
      }
      target_group {
        name = var.target_groups.green.name
      }
    }
  }

  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]
  }

  alarm_configuration {
    enabled = true
    alarms  = var.rollback_alarms
  }
}
