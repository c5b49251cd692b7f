output "hosts" {
  description = "page, files, origin, partners."
  value       = module.dns.hosts
}

output "repositories" {
  description = "Where images are pushed."
  value       = module.registry.urls
}

output "secrets" {
  description = "Which secrets are to be filled, by name."
  value       = module.secrets.arns
}

output "administrator_role" {
  description = "Whom people become, with a second factor."
  value       = module.access.administrator_role_arn
}

output "smtp_group" {
  description = "Of the user whose key is in the secret smtp-url."
  value       = module.mail.smtp_group
}

output "plans" {
  description = "Usage plans of partners."
  value       = module.partners.plans
}

output "alarms" {
  description = "What somebody is told of."
  value       = module.observability.alarms
}
