output "arn" {
  description = "The key's ARN."
  value       = aws_kms_key.this.arn
}

output "rotates" {
  description = "Whether KMS replaces its material every year."
  value       = aws_kms_key.this.enable_key_rotation
}

output "copy_arn" {
  description = "The same key in `copy_region`; null: there is none."
  value       = one(aws_kms_replica_key.this[*].arn)
}
