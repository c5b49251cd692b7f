output "arn" {
  description = "The key's ARN."
  value       = aws_kms_key.this.arn
}

output "rotates" {
  description = "Whether KMS replaces its material every year."
  value       = aws_kms_key.this.enable_key_rotation
}
