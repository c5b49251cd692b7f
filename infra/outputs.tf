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

output "job_network" {
  description = "Where jobs run: --network-configuration of `aws ecs run-task`."
  value       = "awsvpcConfiguration={subnets=[${join(",", module.network.private_subnet_ids)}],securityGroups=[${module.security_groups.ids["job"]}],assignPublicIp=DISABLED}"
}

output "shell" {
  description = "For a shell inside: VPC, subnets, security group, the owner's URL and secret, and the key that seals."
  value = {
    vpc            = module.network.vpc_id
    subnets        = module.network.private_subnet_ids
    security_group = module.security_groups.ids["job"]
    database_url   = "postgresql://healthmed_owner@${module.database.address}:5432/healthmed"
    owner_secret   = module.database.owner_secret_arn
    keys_secret    = module.secrets.arns["keys"]
    seal_key       = local.seal_key
  }
}

output "copies" {
  description = "In copy_region, for a restore there: the bucket of documents, and the keys of backups and of what is sealed. Keep it where it outlives this region."
  value = {
    region       = var.copy_region
    documents    = module.storage.replica_bucket
    backups_key  = module.key["copy-backups"].arn
    backup_vault = module.backups.vaults.there
    seal_key     = module.key["seal"].copy_arn
  }
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
