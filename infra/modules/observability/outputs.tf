output "topic_arn" {
  description = "Who is on duty."
  value       = aws_sns_topic.this.arn
}

output "rollback_alarms" {
  description = "Names of the alarms that have a deployment go back."
  value       = [for name in local.rollback : "${var.name}-${name}"]
}

output "alarms" {
  description = "Names of all alarms that somebody is told of, without the environment's."
  value       = sort(concat(keys(local.alarms), keys(local.edge_alarms), [for name in keys(local.burns) : "burn-${name}"]))
}
