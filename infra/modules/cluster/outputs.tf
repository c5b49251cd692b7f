output "name" {
  description = "Of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "arn" {
  description = "Of the cluster."
  value       = aws_ecs_cluster.this.arn
}

output "namespace" {
  description = "Of Cloud Map: id and name."
  value = {
    id   = aws_service_discovery_private_dns_namespace.this.id
    name = aws_service_discovery_private_dns_namespace.this.name
  }
}
