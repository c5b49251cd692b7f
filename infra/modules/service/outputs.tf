output "name" {
  description = "Of the service."
  value       = aws_ecs_service.this.name
}

output "family" {
  description = "Of the task definition."
  value       = aws_ecs_task_definition.this.family
}

output "role_arn" {
  description = "Of the servers."
  value       = aws_iam_role.task.arn
}

output "namespace" {
  description = "Of the servers' own numbers in CloudWatch."
  value       = local.namespace
}

output "log_group" {
  description = "Of the servers."
  value       = aws_cloudwatch_log_group.server.name
}

output "codedeploy" {
  description = "Application and deployment group."
  value = {
    app   = aws_codedeploy_app.this.name
    group = aws_codedeploy_deployment_group.this.deployment_group_name
  }
}

output "kept" {
  description = "What the tests look at."
  value = {
    containers = jsondecode(aws_ecs_task_definition.this.container_definitions)
    public     = aws_ecs_service.this.network_configuration[0].assign_public_ip
    rollback   = aws_codedeploy_deployment_group.this.auto_rollback_configuration[0].enabled
    alarms     = aws_codedeploy_deployment_group.this.alarm_configuration[0].alarms
    least      = aws_appautoscaling_target.this.min_capacity
    statements = var.statements
    protects   = aws_cloudwatch_log_data_protection_policy.server.log_group_name == aws_cloudwatch_log_group.server.name
  }
}
