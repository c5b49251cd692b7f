output "task_definition_arn" {
  description = "What to run, in its newest revision."
  value       = aws_ecs_task_definition.this.arn_without_revision
}

output "family" {
  description = "The task definition's name."
  value       = aws_ecs_task_definition.this.family
}

output "role_arn" {
  description = "Of the task."
  value       = aws_iam_role.task.arn
}

output "containers" {
  description = "What the tests look at."
  value       = jsondecode(aws_ecs_task_definition.this.container_definitions)
}

output "statements" {
  description = "What the tests look at."
  value       = var.statements
}
