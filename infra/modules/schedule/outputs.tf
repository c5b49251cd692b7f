output "names" {
  description = "What is done at a time."
  value       = keys(aws_scheduler_schedule.this)
}

output "failed_queue" {
  description = "Where it lies what could not be started."
  value       = aws_sqs_queue.failed.name
}
