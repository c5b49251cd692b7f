# Health&Med in one account: what environments/ differ in are its variables, and nothing else.

data "aws_caller_identity" "this" {}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

locals {
  name        = coalesce(var.name, "healthmed-${var.environment}")
  bucket_name = "${local.name}-${data.aws_caller_identity.this.account_id}"
  image       = "${module.registry.urls["server"]}:${var.first_image_tag}"
  log_key     = module.key["logs"].arn

  # A snapshot keeps its key, and what is sealed opens by the key that sealed it.
  database_key = var.restored == null ? module.key["data"].arn : var.restored.database_key_arn
  seal_key     = var.restored == null ? module.key["seal"].arn : var.restored.seal_key_arn
}

# ------------------------------------------------------------------ keys

module "key" {
  source   = "./modules/kms"
  for_each = local.keys

  name           = "${local.name}-${each.key}"
  description    = each.value.description
  region         = each.value.region
  services       = each.value.services
  plain_services = each.value.plain
  cloudfront     = each.value.cloudfront
  copy_region    = each.value.copy_region
}

locals {
  keys = {
    for name, key in {
      data      = { description = "Database, cache and images", services = ["rds.amazonaws.com", "elasticache.amazonaws.com"] }
      documents = { description = "Documents of patients, and heads of their access log", cloudfront = true }
      seal      = { description = "Wraps the keys that seal columns (HEALTHMED_KMS_KEY_ID)", copy_region = var.copy_region }
      secrets   = { description = "Secrets" }
      logs      = { description = "Logs and the trail", services = ["cloudtrail.amazonaws.com"], plain = ["logs.${var.region}.amazonaws.com"] }
      work = {
        description = "Alarms, schedules, artifacts"
        services    = ["events.amazonaws.com", "backup.amazonaws.com", "events.rds.amazonaws.com", "sns.amazonaws.com"]
        plain       = ["cloudwatch.amazonaws.com"]
      }
      backups      = { description = "Backups" }
      copy         = { description = "The copy of the documents", region = var.copy_region }
      copy-backups = { description = "Copies of backups and of secrets", region = var.copy_region }
      edge = {
        description = "Logs and alarms of CloudFront", region = "us-east-1"
        plain       = ["logs.us-east-1.amazonaws.com", "cloudwatch.amazonaws.com"]
      }
      } : name => merge(
      { region = null, services = [], plain = [], cloudfront = false, copy_region = null }, key
    )
  }
}

# ------------------------------------------------------------------ network

module "network" {
  source = "./modules/network"

  name         = local.name
  region       = var.region
  cidr         = var.cidr
  zones        = var.zones
  nat_per_zone = var.nat_per_zone
  log_key_arn  = local.log_key
}

module "security_groups" {
  source = "./modules/security_groups"

  name                      = local.name
  vpc_id                    = module.network.vpc_id
  cloudfront_prefix_list_id = data.aws_ec2_managed_prefix_list.cloudfront.id
}

# ------------------------------------------------------------------ data

module "database" {
  source = "./modules/database"

  name                = local.name
  instance_class      = var.database.instance_class
  storage_gib         = var.database.storage_gib
  multi_az            = var.database.multi_az
  replicas            = var.database.replicas
  backup_days         = var.database.backup_days
  insights            = var.database.insights
  deletion_protection = var.deletion_protection
  subnet_ids          = module.network.data_subnet_ids
  security_group_id   = module.security_groups.ids["database"]
  snapshot            = try(var.restored.snapshot, null)
  key_arn             = local.database_key
  secret_key_arn      = module.key["secrets"].arn
  log_key_arn         = local.log_key
}

module "cache" {
  source = "./modules/cache"

  name              = local.name
  node_type         = var.cache.node_type
  nodes             = var.cache.nodes
  subnet_ids        = module.network.data_subnet_ids
  security_group_id = module.security_groups.ids["cache"]
  key_arn           = module.key["data"].arn
  log_key_arn       = local.log_key
}

module "storage" {
  source = "./modules/storage"

  name             = local.bucket_name
  page_origin      = "https://${var.domain}"
  distribution_arn = module.cdn.files.arn
  key_arn          = module.key["documents"].arn
  replica_region   = var.copy_region
  replica_key_arn  = module.key["copy"].arn
  heads_years      = var.heads_years
}

module "secrets" {
  source = "./modules/secrets"

  name            = local.name
  secrets         = local.secrets
  key_arn         = module.key["secrets"].arn
  replica_region  = var.copy_region
  replica_key_arn = module.key["copy-backups"].arn
}

module "registry" {
  source = "./modules/registry"

  name    = local.name
  key_arn = module.key["data"].arn
}

module "identity" {
  source = "./modules/identity"

  name              = local.name
  client_secret_arn = module.secrets.arns["cognito-client-secret"]
}

module "access" {
  source = "./modules/access"

  name            = local.name
  region          = var.region
  repository_arns = module.registry.arns
  secret_arns     = concat(values(module.secrets.arns), [module.database.owner_secret_arn])
  key_arns        = [module.key["secrets"].arn, module.key["data"].arn]
}
