output "ids" {
  description = "By who is in them: balancer, link, server, job, scanner, database, cache."
  value       = { for who, group in aws_security_group.this : who => group.id }
}

output "reach_database" {
  description = "Who may reach PostgreSQL."
  value       = sort([for rule in local.allowed : rule.from if rule.to == "database"])
}

output "reached_from_addresses" {
  description = "Rules that let in by address: there are none, but for the prefix list of CloudFront."
  value       = [for rule in aws_vpc_security_group_ingress_rule.this : rule.cidr_ipv4 if rule.cidr_ipv4 != null]
}
