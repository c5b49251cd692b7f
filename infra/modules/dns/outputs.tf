output "hosts" {
  description = "page, files, origin, partners."
  value       = local.hosts
}

output "aliases" {
  description = "What each of them leads to."
  value       = { for name, record in aws_route53_record.host : name => one(record.alias).name }
}

output "edge_certificate_arn" {
  description = "Proved, for CloudFront."
  value       = aws_acm_certificate_validation.edge.certificate_arn
}

output "region_certificate_arn" {
  description = "Proved, for balancer and API gateway."
  value       = aws_acm_certificate_validation.region.certificate_arn
}
