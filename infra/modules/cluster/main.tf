# Where tasks run, and the names by which they find one another. There is no mesh: App Mesh is not
# sold to new customers, and Service Connect would put a proxy before each server for the one thing
# that servers ask inside, the scanner, which a name in Cloud Map finds as well.

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "enhanced"
  }

  configuration {
    execute_command_configuration {
      kms_key_id = var.log_key_arn
      logging    = "OVERRIDE"
      log_configuration {
        cloud_watch_log_group_name     = aws_cloudwatch_log_group.exec.name
        cloud_watch_encryption_enabled = true
      }
    }
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE"]

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }
}

resource "aws_cloudwatch_log_group" "exec" {
  name              = "/${var.name}/exec"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

# Container Insights would make it without a key and for ever.
resource "aws_cloudwatch_log_group" "insights" {
  name              = "/aws/ecs/containerinsights/${var.name}/performance"
  retention_in_days = 30
  kms_key_id        = var.log_key_arn
}

resource "aws_service_discovery_private_dns_namespace" "this" {
  name        = "${var.name}.internal"
  description = "Who runs in ${var.name}"
  vpc         = var.vpc_id
}
