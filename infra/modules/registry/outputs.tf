output "urls" {
  description = "By name: where to push, and what tasks run."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}

output "arns" {
  description = "By name, for IAM."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.arn }
}

output "immutable" {
  description = "Whether tags are given once."
  value       = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE"])
}
