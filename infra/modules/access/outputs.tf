output "boundary_arn" {
  description = "Beyond which no role goes."
  value       = aws_iam_policy.boundary.arn
}

output "execution_role_arn" {
  description = "By which ECS starts tasks."
  value       = aws_iam_role.execution.arn
}

output "administrator_role_arn" {
  description = "Whom people become, with a second factor."
  value       = aws_iam_role.administrator.arn
}

output "people_group" {
  description = "The group of those who may."
  value       = aws_iam_group.people.name
}

output "kept" {
  description = "What the tests look at."
  value = {
    trust     = jsondecode(aws_iam_role.administrator.assume_role_policy)
    restraint = jsondecode(aws_iam_policy.restraint.policy)
    boundary  = jsondecode(aws_iam_policy.boundary.policy).Statement[0].Action
    execution = jsondecode(aws_iam_role_policy.execution.policy).Statement
  }
}
