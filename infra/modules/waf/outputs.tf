output "arn" {
  description = "For what is put behind it."
  value       = aws_wafv2_web_acl.this.arn
}

output "kept" {
  description = "What the tests look at."
  value = {
    rules    = sort([for rule in aws_wafv2_web_acl.this.rule : rule.name])
    before   = keys(var.resources)
    too_long = local.too_long
  }
}
