output "name" {
  description = "Of the pipeline."
  value       = aws_codepipeline.this.name
}

output "arn" {
  description = "Of the pipeline."
  value       = aws_codepipeline.this.arn
}

output "kept" {
  description = "What the tests look at."
  value = {
    stages     = [for stage in aws_codepipeline.this.stage : stage.name]
    privileged = [for name, project in aws_codebuild_project.this : name if project.environment[0].privileged_mode]
    statements = concat(flatten([for policy in aws_iam_role_policy.build : jsondecode(policy.policy).Statement]), jsondecode(aws_iam_role_policy.pipeline.policy).Statement)
  }
}
