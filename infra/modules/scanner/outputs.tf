output "address" {
  description = "HEALTHMED_CLAMAV."
  value       = "tcp://${aws_service_discovery_service.this.name}.${var.namespace.name}:3310"
}

output "service" {
  description = "Of ECS, as metrics have it."
  value       = aws_ecs_service.this.name
}

output "breaks" {
  description = "Whether a deployment that does not start goes back."
  value       = aws_ecs_service.this.deployment_circuit_breaker[0].rollback
}
