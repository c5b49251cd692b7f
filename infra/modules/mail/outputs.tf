output "smtp_group" {
  description = "The group of the user whose key is in HEALTHMED_SMTP_URL."
  value       = aws_iam_group.smtp.name
}

output "configuration_set" {
  description = "As metrics have it."
  value       = aws_sesv2_configuration_set.this.configuration_set_name
}

output "kept" {
  description = "What the tests look at."
  value = {
    tls   = aws_sesv2_configuration_set.this.delivery_options[0].tls_policy
    dmarc = aws_route53_record.dmarc.records
    spf   = aws_route53_record.spf.records
    dkim  = length(aws_route53_record.dkim)
  }
}
